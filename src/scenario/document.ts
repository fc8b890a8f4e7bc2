// A YAML file that knows where each of its values stands, and the two-line error that says so.
import type { Document } from 'yaml';
import { isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** More than any scenario needs; a deeper or larger one is refused before it is parsed. */
const MAX_BYTES = 64 * 1024;
const MAX_DEPTH = 32;

export type Path = readonly PropertyKey[];

/** Text of a file that nobody vouches for, made safe for a terminal and for a message of two lines. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** What is wrong, where, and what to do about it: `file:line:column  what`, then the remedy indented by two. */
export class InputError extends Error {
  override readonly name = 'InputError';

  constructor(place: string, what: string, remedy: string) {
    super(`${place}  ${visible(what)}\n  ${visible(remedy)}`);
  }
}

export function formatPath(path: Path): string {
  return path.map(String).join('.');
}

export class SourceDocument {
  readonly file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(file: string, text: string) {
    this.file = file;
    if (text.length > MAX_BYTES) {
      throw new InputError(`${file}:1:1`, `has ${text.length} characters`, `write at most ${MAX_BYTES}`);
    }
    const deep = findDepth(text);
    this.#lines = new LineCounter();
    if (deep) throw new InputError(`${file}:1:1`, `nests deeper than ${MAX_DEPTH} levels`, 'write it flatter');
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: true });
    const [problem] = this.#document.errors;
    if (problem) {
      const what = (problem.message.split('\n')[0] ?? '').replace(/\.$/, '');
      throw new InputError(this.#place(problem.pos[0]), `is not YAML: ${what}`, 'correct the YAML at this place');
    }
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.file}:${line}:${col}`;
  }

  /** Plain values. Aliases may not multiply: a hundred of them is the end. */
  value(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new InputError(`${this.file}:1:1`, what.toLowerCase(), 'write the values out instead of using aliases');
    }
  }

  has(path: Path): boolean {
    return this.#document.hasIn(path);
  }

  /** Where a value stands; where it is missing, the place of what should hold it. */
  placeOf(path: Path): string {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? this.#document.contents : this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return this.#place(node.range[0]);
    }
    return `${this.file}:1:1`;
  }

  placeOfKey(path: Path, key: string): string {
    const parent = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === key);
      if (pair && isNode(pair.key) && pair.key.range) return this.#place(pair.key.range[0]);
    }
    return this.placeOf(path);
  }

  fail(path: Path, what: string, remedy: string): never {
    throw new InputError(this.placeOf(path), `${formatPath(path)} ${what}`.trim(), remedy);
  }

  /** The document as the schema types it; else the first thing that does not fit. */
  parse<T extends z.ZodType>(schema: T, published: JsonSchema): z.output<T> {
    const result = schema.safeParse(this.value());
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    if (issue === undefined) throw new InputError(`${this.file}:1:1`, 'does not fit its schema', 'see schemas/');
    return this.#refuse(issue, published);
  }

  #refuse(issue: z.core.$ZodIssue, published: JsonSchema): never {
    const expected = schemaAt(published, issue.path);
    if (issue.code === 'unrecognized_keys') {
      const key = issue.keys[0] ?? '';
      const known = Object.keys(expected?.properties ?? {}).join(', ');
      const name = formatPath([...issue.path, key]);
      throw new InputError(this.placeOfKey(issue.path, key), `${name} is not a field`, `choose from ${known}`);
    }
    if (issue.code === 'invalid_key') {
      const key = String(issue.path.at(-1));
      const remedy = 'use at most 16 of a-z, 0-9 and -, a letter first';
      throw new InputError(
        this.placeOfKey(issue.path.slice(0, -1), key),
        `${formatPath(issue.path)} is no name`,
        remedy,
      );
    }
    const missing = !this.has(issue.path);
    const shown = this.#shown(issue.path);
    this.fail(issue.path, missing ? 'is missing' : `${shown}${explain(issue)}`, remedyFor(issue, expected));
  }

  /** A short value, to be seen beside its name. */
  #shown(path: Path): string {
    const node = this.#document.getIn(path);
    const text = typeof node === 'string' || typeof node === 'number' || typeof node === 'boolean' ? String(node) : '';
    return text && text.length <= 40 ? `${text} ` : '';
  }
}

/** Does the text nest too deep for a recursive parser? Counts brackets and indentation, so it may only overestimate. */
function findDepth(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) return true;
  }
  return /^(?: {64}|[ \t]*(?:- ){32})/m.test(text);
}

/** The part of JSON Schema that the messages use. */
export interface JsonSchema {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
}

export function schemaAt(schema: JsonSchema, path: Path): JsonSchema | undefined {
  let here: JsonSchema | undefined = schema;
  for (const step of path) {
    const rest: JsonSchema | boolean | undefined = here?.additionalProperties;
    const shape: JsonSchema | undefined = here?.oneOf?.find(({ properties }) => properties?.[String(step)]) ?? here;
    here = shape?.properties?.[String(step)] ?? (typeof rest === 'object' ? rest : undefined) ?? here?.items;
  }
  return here;
}

function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${issue.expected === 'object' ? 'a mapping' : `of type ${issue.expected}`}`;
    case 'invalid_value':
      return 'is not known';
    case 'too_small':
      return issue.origin === 'array' ? 'is empty' : 'is too small';
    case 'too_big':
      return issue.origin === 'string' ? 'is too long' : 'is too large';
    case 'custom':
      return issue.message;
    default:
      return 'is not valid';
  }
}

function remedyFor(issue: z.core.$ZodIssue, expected: JsonSchema | undefined): string {
  if (issue.code === 'invalid_value') return `choose from ${issue.values.map(String).join(', ')}`;
  if (expected?.enum) return `choose from ${expected.enum.map(String).join(', ')}`;
  if (issue.code === 'too_small' && issue.origin !== 'array') return `use at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `use at most ${issue.maximum}`;
  const example = expected?.examples?.[0];
  const meaning = expected?.description ?? 'see schemas/scenario.schema.json';
  return example === undefined ? `give ${meaning}` : `give ${meaning}, for example ${String(example)}`;
}
