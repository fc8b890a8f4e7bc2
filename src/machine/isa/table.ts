import { CBO } from './cbo.ts';
import { FD } from './fd.ts';
import { FD_ARITHMETIC } from './fd-arithmetic.ts';
import { type Operands, operandsOf } from './format.ts';
import type { Compressed, Instruction } from './instruction.ts';
import { RV64A } from './rv64a.ts';
import { RV64I } from './rv64i.ts';
import { RV64M } from './rv64m.ts';
import { RVC } from './rvc.ts';
import { SVINVAL } from './svinval.ts';
import { SYSTEM } from './system.ts';
import { ZBA } from './zba.ts';
import { ZBB } from './zbb.ts';
import { ZBS } from './zbs.ts';

/** Every instruction of this machine; the position in the list is its number in predecoded operations. */
export const INSTRUCTIONS: readonly Instruction[] = [
  ...RV64I,
  ...RV64M,
  ...RV64A,
  ...FD,
  ...FD_ARITHMETIC,
  ...ZBA,
  ...ZBB,
  ...ZBS,
  ...CBO,
  ...SYSTEM,
  ...SVINVAL,
];
export const COMPRESSED: readonly Compressed[] = RVC;

const byName = new Map(INSTRUCTIONS.map((instruction, index) => [instruction.name, index]));

export function instructionIndex(name: string): number {
  const index = byName.get(name);
  if (index === undefined) throw new Error(`no instruction ${name}`);
  return index;
}

/** A word understood: the row it executes, its operands, and its length in bytes. */
export interface Decoded {
  readonly index: number;
  readonly operands: Operands;
  readonly length: 2 | 4;
  /** The compressed row, where the word is one. */
  readonly compressed?: Compressed;
}

const bits = (mask: number) => mask.toString(2).replaceAll('0', '').length;
const moreSpecificFirst = <T extends { readonly mask: number }>(a: T, b: T) => bits(b.mask) - bits(a.mask);

/** Rows by major opcode (word bits 6:2), the more specific first. */
const words: { row: Instruction; index: number }[][] = Array.from({ length: 32 }, () => []);
INSTRUCTIONS.forEach((row, index) => {
  words[(row.match >>> 2) & 31]?.push({ row, index });
});
for (const list of words) list.sort((a, b) => moreSpecificFirst(a.row, b.row));

/** Compressed rows by quadrant and funct3. */
const halves: { row: Compressed; index: number }[][] = Array.from({ length: 32 }, () => []);
for (const row of [...COMPRESSED].sort(moreSpecificFirst)) {
  halves[((row.match >>> 13) << 2) | (row.match & 3)]?.push({ row, index: instructionIndex(row.as) });
}

/** Rounding modes that no word may name ("Unprivileged ISA", table 28). */
const RESERVED_MODES: readonly number[] = [5, 6];

function decodeWord(word: number): Decoded | undefined {
  if ((word & 3) === 3) {
    for (const { row, index } of words[(word >>> 2) & 31] ?? []) {
      if ((word & row.mask) >>> 0 !== row.match) continue;
      const operands = operandsOf(row.format, word);
      return row.format.rounding !== undefined && RESERVED_MODES.includes(operands.imm)
        ? undefined
        : { index, operands, length: 4 };
    }
    return undefined;
  }
  const half = word & 0xffff;
  for (const { row, index } of halves[((half >>> 13) << 2) | (half & 3)] ?? []) {
    if ((half & row.mask) !== row.match) continue;
    const operands = operandsOf(row.format, half);
    return row.reserved?.(operands) ? undefined : { index, operands, length: 2, compressed: row };
  }
  return undefined;
}

/** Words met before: code repeats few of them. A word has one place, and the one met last keeps it. */
const MET = 1 << 14;
const metWords = new Int32Array(MET);
const met: (Decoded | undefined)[] = Array.from({ length: MET }, () => undefined);

/** What a word means, or undefined where it is illegal here. Of a compressed one only the low half is looked at. */
export function decode(word: number): Decoded | undefined {
  const bits = (word & 3) === 3 ? word | 0 : word & 0xffff;
  const place = (Math.imul(bits, 0x9e3779b1) >>> 18) & (MET - 1);
  // 0, of which the table is full, is illegal.
  if (metWords[place] !== bits) {
    met[place] = decodeWord(word);
    metWords[place] = bits;
  }
  return met[place];
}
