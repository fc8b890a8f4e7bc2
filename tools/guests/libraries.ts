// The shared libraries that a program of an unpacked tree needs, and those that they need: what a loader would look for.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../images/compile.ts';

/** Segment types and dynamic tags, "ELF-64 Object File Format", chapters 5 and 7. */
const SEGMENT = { LOAD: 1, DYNAMIC: 2, INTERPRETER: 3 } as const;
const TAG = { END: 0, NEEDED: 1, STRINGS: 5 } as const;
const HEADER = { segments: 32, segmentSize: 54, segmentCount: 56 } as const;

/** Where Debian keeps them, from the root of the tree. */
export const LIBRARY_FOLDER = 'usr/lib/riscv64-linux-gnu';

interface Needs {
  readonly libraries: readonly string[];
  /** Path of the program that loads this one; libraries have none. */
  readonly interpreter: string | undefined;
}

/** What an ELF file of ours or Debian's asks for; the files come from signed packages, so they are taken at their word. */
export function needsOf(bytes: Uint8Array): Needs {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => Number(view.getBigUint64(at, true));
  const text = (at: number) => new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
  const segments = Array.from({ length: view.getUint16(HEADER.segmentCount, true) }, (_, i) => {
    const at = word(HEADER.segments) + i * view.getUint16(HEADER.segmentSize, true);
    return { type: view.getUint32(at, true), offset: word(at + 8), address: word(at + 16), size: word(at + 32) };
  });
  const offsetOf = (address: number) => {
    const holder = segments.find(
      ({ type, address: base, size }) => type === SEGMENT.LOAD && base <= address && address < base + size,
    );
    return holder === undefined ? 0 : address - holder.address + holder.offset;
  };
  const dynamic = segments.find(({ type }) => type === SEGMENT.DYNAMIC);
  const entries: { tag: number; value: number }[] = [];
  for (let at = dynamic?.offset ?? 0; dynamic && at < dynamic.offset + dynamic.size; at += 16) {
    entries.push({ tag: word(at), value: word(at + 8) });
    if (word(at) === TAG.END) break;
  }
  const strings = offsetOf(entries.find(({ tag }) => tag === TAG.STRINGS)?.value ?? 0);
  const interpreter = segments.find(({ type }) => type === SEGMENT.INTERPRETER);
  return {
    libraries: entries.filter(({ tag }) => tag === TAG.NEEDED).map(({ value }) => text(strings + value)),
    interpreter: interpreter && text(interpreter.offset),
  };
}

export interface Library {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Every library that these programs need, by name, and the path of their loader. */
export function readLibraries(
  tree: string,
  programs: readonly string[],
): { libraries: Library[]; interpreter: string } {
  const first = programs.map((program) => needsOf(readFileSync(join(tree, program))));
  const found = new Map<string, Library>();
  const open = first.flatMap(({ libraries }) => libraries);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const file = join(tree, LIBRARY_FOLDER, name);
    if (!existsSync(file)) throw new ToolError(`${programs.join(' or ')} needs ${name}, which no package brought`);
    const bytes = readFileSync(file);
    found.set(name, { name, bytes });
    open.push(...needsOf(bytes).libraries);
  }
  const interpreters = [...new Set(first.map(({ interpreter }) => interpreter))];
  const [interpreter] = interpreters;
  if (interpreter === undefined || interpreters.length > 1)
    throw new ToolError(`${programs.join(', ')} have no loader in common`);
  return { libraries: [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), interpreter };
}
