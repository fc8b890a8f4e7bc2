import { disassemble } from '../../src/machine/isa/disassemble.ts';
import {
  CODE_BYTES,
  DATA,
  DATA_PAGES,
  HEADER,
  HEADER_ENTRIES,
  HEADER_ENVCFG,
  HEADER_F,
  HEADER_X,
  regionOf,
  TABLES,
} from './layout.ts';

export type Mode = 'M' | 'S' | 'U' | 'VS' | 'VU';

/** What an item may ask while its words are made. */
export interface Place {
  /** Physical address of the program's region. */
  readonly base: number;
  /** Offset of this item in the region. */
  readonly at: number;
  /** Offset of the item that is so many items further on in the segment; its end marker where there are not so many. */
  ahead(items: number): number;
}

/** A piece of code that makes sense as a whole: shrinking removes items, never parts of one. Its length is fixed. */
export interface Item {
  readonly bytes: number;
  words(place: Place): readonly number[];
}

export interface Segment {
  readonly mode: Mode;
  /** Items that M-mode runs first. */
  readonly setup: number;
  /** Bytes of the body that lie before the end of a page of code, where that is laid down. */
  readonly beforePageEnd?: number;
  /** An item that shrinking removed is undefined, so that distances in items stay what they were. */
  readonly items: readonly (Item | undefined)[];
}

/** A page-table entry: made for the region it lies in, by its byte offset from TABLES. */
export type Tables = (base: number) => ReadonlyMap<number, bigint>;

export interface Program {
  readonly name: string;
  readonly segments: readonly Segment[];
  /** x1..x31, f0..f31. */
  readonly x: readonly bigint[];
  readonly f: readonly bigint[];
  readonly data: Uint8Array;
  readonly tables: Tables;
  /** menvcfg and henvcfg at the start. */
  readonly envcfg: bigint;
}

/** Stands for a program that is left out: the others keep their places. */
export const NOTHING: Program = {
  name: 'nothing',
  segments: [{ mode: 'M', setup: 0, items: [] }],
  x: [],
  f: [],
  data: new Uint8Array(0),
  tables: () => new Map(),
  envcfg: 0n,
};

export const lengthOf = (word: number): 2 | 4 => ((word & 3) === 3 ? 4 : 2);

/** An item of words that stand where they are put. */
export function fixed(...words: number[]): Item {
  return { bytes: words.reduce((sum, word) => sum + lengthOf(word), 0), words: () => words };
}

const ECALL = 0x00000073;
const MARKER_BYTES = 8;

interface Placed {
  readonly item: Item;
  readonly at: number;
  readonly words: readonly number[];
}

/** Offsets of every item of a segment from `start`, then of its marker. */
function offsets(segment: Segment, start: number): number[] {
  const result: number[] = [];
  let at = start;
  for (const item of segment.items) {
    result.push(at);
    at += item?.bytes ?? 0;
  }
  result.push(at);
  return result;
}

const PAGE = 4096;
/** Beyond it there may be no room for another page of nothing. */
const LAST_PADDED = CODE_BYTES - 4 * PAGE;
const sizeOf = (items: Segment['items']) => items.reduce((sum, item) => sum + (item?.bytes ?? 0), 0);

/** Where a segment starts that may start at `at`. */
function startOf({ beforePageEnd, items, setup }: Segment, at: number): number {
  if (beforePageEnd === undefined || at > LAST_PADDED) return at;
  const before = sizeOf(items.slice(0, setup)) + beforePageEnd;
  return Math.ceil((at + before) / PAGE) * PAGE - before;
}

/** Where everything of a program lies, for the region at `base`. */
export function place(program: Program, base: number): { entries: number[]; placed: Placed[][]; bytes: number } {
  const entries: number[] = [];
  const placed: Placed[][] = [];
  let at = 0;
  for (const segment of program.segments) {
    at = startOf(segment, at);
    entries.push(at);
    const at0 = offsets(segment, at);
    const end = at0.length - 1;
    placed.push(
      segment.items.flatMap((item, i) => {
        if (item === undefined) return [];
        const here = at0[i] ?? 0;
        const ahead = (items: number) => at0[Math.min(i + items, end)] ?? 0;
        return [{ item, at: here, words: item.words({ base, at: here, ahead }) }];
      }),
    );
    at = (at0[end] ?? 0) + MARKER_BYTES;
  }
  if (at > CODE_BYTES) throw new RangeError(`${program.name}: ${at} bytes of code, at most ${CODE_BYTES} fit`);
  return { entries, placed, bytes: at };
}

export interface Chunk {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The initial contents of a program's region. */
export function regionChunks(program: Program, slot: number): Chunk[] {
  const base = regionOf(slot);
  const { entries, placed, bytes } = place(program, base);
  const code = new DataView(new ArrayBuffer(bytes));
  placed.forEach((items, i) => {
    let at = entries[i] ?? 0;
    for (const { words } of items) {
      for (const word of words) {
        const length = lengthOf(word);
        if (length === 4) code.setUint32(at, word, true);
        else code.setUint16(at, word, true);
        at += length;
      }
    }
    code.setUint32(at, ECALL, true);
  });
  const header = new DataView(new ArrayBuffer(0x300));
  header.setBigUint64(0, BigInt(entries.length), true);
  entries.forEach((entry, i) => {
    header.setBigUint64(HEADER_ENTRIES - HEADER + 8 * i, BigInt(base + entry), true);
  });
  header.setBigUint64(HEADER_ENVCFG - HEADER, program.envcfg, true);
  program.x.forEach((value, i) => {
    header.setBigUint64(HEADER_X - HEADER + 8 * i, value, true);
  });
  program.f.forEach((value, i) => {
    header.setBigUint64(HEADER_F - HEADER + 8 * i, value, true);
  });
  const chunks: Chunk[] = [
    { address: base, bytes: new Uint8Array(code.buffer) },
    { address: base + HEADER, bytes: new Uint8Array(header.buffer) },
    { address: base + DATA, bytes: program.data.subarray(0, DATA_PAGES * 4096) },
  ];
  const tables = program.tables(base);
  if (tables.size > 0) {
    const view = new DataView(new ArrayBuffer(Math.max(...tables.keys()) + 8));
    for (const [offset, entry] of tables) view.setBigUint64(offset, entry, true);
    chunks.push({ address: base + TABLES, bytes: new Uint8Array(view.buffer) });
  }
  return chunks;
}

/** The program as assembly, with addresses of the region it was placed in. */
export function listing(program: Program, slot: number): string {
  const base = regionOf(slot);
  const lines: string[] = [];
  place(program, base).placed.forEach((items, i) => {
    lines.push(`# segment ${i}, ${program.segments[i]?.mode ?? ''}`);
    for (const { at, words } of items) {
      let pc = base + at;
      for (const word of words) {
        lines.push(`  ${pc.toString(16)}: ${disassemble(word, BigInt(pc))}`);
        pc += lengthOf(word);
      }
    }
    lines.push('  ecall  # end of the segment');
  });
  return lines.join('\n');
}

/** Items that shrinking has not removed. */
export const itemCount = (program: Program): number =>
  program.segments.reduce((sum, segment) => sum + segment.items.filter((item) => item !== undefined).length, 0);
