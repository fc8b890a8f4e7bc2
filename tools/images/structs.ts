// Offsets of C structs and values of C constants for TypeScript: names come from the header's text, numbers from the
// compiler, which is asked by a C file whose assembly contains one line per answer.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileToAssembly } from './compile.ts';

export interface Field {
  readonly offset: number;
  /** Bytes of one element. */
  readonly size: number;
  readonly count: number;
  /** Name of the struct that an element is, if it is one. */
  readonly struct?: string;
}

export interface Layout {
  readonly size: number;
  readonly fields: Readonly<Record<string, Field>>;
}

export interface HeaderFacts {
  readonly layouts: Readonly<Record<string, Layout>>;
  readonly constants: Readonly<Record<string, number | bigint>>;
}

interface FieldText {
  readonly name: string;
  /** C expression of the number of elements. */
  readonly count: string;
  readonly struct?: string;
}

interface StructText {
  readonly name: string;
  readonly fields: readonly FieldText[];
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\/\/.*$/gm, ' ');
}

/** `uint64_t a, b[4]` or `struct guest_config guests[MAX_GUESTS]` as its fields. */
function readFields(declaration: string): FieldText[] {
  const match = /^\s*(?:struct\s+(\w+)|enum\s+\w+|\w+)\s+([\s\S]+?)\s*$/.exec(declaration);
  if (!match) return [];
  const [, struct, declarators = ''] = match;
  return declarators.split(',').map((declarator) => {
    const [, name = '', count = '1'] = /^\s*(\w+)\s*(?:\[([^\]]+)\])?\s*$/.exec(declarator) ?? [];
    return struct ? { name, count, struct } : { name, count };
  });
}

export function readStructs(header: string): StructText[] {
  const found = withoutComments(header).matchAll(/\bstruct\s+(\w+)\s*\{([^{}]*)\}/g);
  return [...found].map(([, name = '', body = '']) => ({ name, fields: body.split(';').flatMap(readFields) }));
}

/** Enumerators, and macros that take no argument and have a value. */
export function readConstants(header: string): string[] {
  const text = withoutComments(header);
  const macros = [...text.matchAll(/^#define[ \t]+([A-Z]\w*)[ \t]+[^"\s]/gm)].map((match) => match[1] ?? '');
  const enumerators = [...text.matchAll(/\benum\b[^{;]*\{([^{}]*)\}/g)].flatMap(([, body = '']) =>
    body.split(',').flatMap((entry) => entry.trim().split(/[\s=]/)[0] || []),
  );
  return [...new Set([...macros, ...enumerators])];
}

function question(key: string, value: string): string {
  return `  __asm__ volatile("\\n@@ ${key} %0" ::"i"((long)(${value})));`;
}

function questionFile(
  headers: readonly string[],
  structs: readonly StructText[],
  constants: readonly string[],
): string {
  return [
    '#include <stdint.h>',
    ...headers.map((header) => `#include "${header.replace(/^src\//, '')}"`),
    'void questions(void) {',
    ...structs.flatMap(({ name, fields }) => [
      question(`size ${name}`, `sizeof(struct ${name})`),
      ...fields.flatMap((field) => [
        question(`offset ${name} ${field.name}`, `__builtin_offsetof(struct ${name}, ${field.name})`),
        question(`bytes ${name} ${field.name}`, `sizeof(((struct ${name} *)0)->${field.name})`),
        question(`count ${name} ${field.name}`, field.count),
      ]),
    ]),
    ...constants.map((name) => question(`constant ${name}`, name)),
    '}',
    '',
  ].join('\n');
}

function asNumber(value: bigint): number | bigint {
  const unsigned = BigInt.asUintN(64, value);
  return unsigned <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(unsigned) : unsigned;
}

/** What the headers say, those that exist. */
export function readHeaders(root: string, headers: readonly string[]): HeaderFacts {
  const present = headers.filter((header) => existsSync(join(root, header)));
  const texts = present.map((header) => readFileSync(join(root, header), 'utf8'));
  const structs = texts.flatMap(readStructs);
  const constants = texts.flatMap(readConstants);
  const file = join('build', 'images', 'questions.c');
  mkdirSync(join(root, 'build', 'images'), { recursive: true });
  writeFileSync(join(root, file), questionFile(present, structs, constants));

  const answers = new Map<string, bigint>();
  for (const [, key = '', value = ''] of compileToAssembly(root, file).matchAll(/^@@ (.+) (-?\d+)$/gm)) {
    answers.set(key, BigInt(value));
  }
  const answer = (key: string): bigint => {
    const value = answers.get(key);
    if (value === undefined) throw new Error(`the compiler did not answer: ${key}`);
    return value;
  };
  const layouts = structs.map(({ name, fields }) => {
    const entries = fields.map((field): [string, Field] => {
      const count = Number(answer(`count ${name} ${field.name}`));
      const size = Number(answer(`bytes ${name} ${field.name}`)) / count;
      const offset = Number(answer(`offset ${name} ${field.name}`));
      return [field.name, field.struct ? { offset, size, count, struct: field.struct } : { offset, size, count }];
    });
    return [name, { size: Number(answer(`size ${name}`)), fields: Object.fromEntries(entries) }] as const;
  });
  return {
    layouts: Object.fromEntries(layouts),
    constants: Object.fromEntries(constants.map((name) => [name, asNumber(answer(`constant ${name}`))])),
  };
}
