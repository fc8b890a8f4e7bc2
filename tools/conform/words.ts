import type { Random } from '../../src/faults/random.ts';
import { type Operands, placeOperands, type RegisterField } from '../../src/machine/isa/format.ts';
import type { Compressed, Instruction } from '../../src/machine/isa/instruction.ts';
import { decode, INSTRUCTIONS, instructionIndex } from '../../src/machine/isa/table.ts';
import { fixed, type Item, lengthOf } from './program.ts';

/** x31 belongs to the harness; these hold addresses, and only items that mean to change them. */
export const POINTERS = [2, 8, 9, 14, 15, 18, 19] as const;
const isPointer = new Set<number>([...POINTERS, 31]);
/** Registers that random results go to. */
export const RESULTS = Array.from({ length: 31 }, (_, i) => i).filter((i) => !isPointer.has(i));

export const pick = <T>(random: Random, list: readonly T[]): T => {
  const value = list[random.below(list.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
};
export const chance = (random: Random, percent: number): boolean => random.below(100) < percent;
export const word64 = (random: Random): bigint => (BigInt(random.word()) << 32n) | BigInt(random.word());

export const nonzero = (random: Random): number => otherThan(random, 0);
/** A register for a result, neither x0 nor that one. */
export const otherThan = (random: Random, register: number): number => {
  for (;;) {
    const other = pick(random, RESULTS);
    if (other !== 0 && other !== register) return other;
  }
};

/** The row with these operands; register fields that are absent or fixed need not be given. */
export function build(name: string, operands: Partial<Operands>): number {
  const row = INSTRUCTIONS[instructionIndex(name)];
  const placed = row && placeOperands(row.format, { rd: 0, rs1: 0, rs2: 0, rs3: 0, imm: 0, ...operands });
  if (row === undefined || placed === undefined)
    throw new RangeError(`${name} cannot hold ${JSON.stringify(operands)}`);
  return (row.match | placed) >>> 0;
}

export type Form = Instruction | Compressed;
/** What a form executes. */
export const rowOf = (form: Form): Instruction => {
  if (!('as' in form)) return form;
  const row = INSTRUCTIONS[instructionIndex(form.as)];
  if (row === undefined) throw new RangeError(form.as);
  return row;
};
const isForm = (form: Form, word: number): boolean => {
  const decoded = decode(word);
  return (decoded?.compressed ?? INSTRUCTIONS[decoded?.index ?? -1]) === form;
};

function placeRegister(word: number, field: RegisterField | undefined, register: number): number {
  if (field === undefined || 'is' in field) return word;
  const mask = ((1 << field.width) - 1) << field.at;
  const value = field.width === 5 ? register : register & 7;
  return ((word & ~mask) | (value << field.at)) >>> 0;
}

/** Registers of a list that a field can name. */
const nameable = (field: RegisterField | undefined, registers: readonly number[]): readonly number[] =>
  field !== undefined && 'width' in field && field.width === 3 ? registers.filter((i) => i >= 8 && i < 16) : registers;

export interface Wish {
  /** Register of the address, where rs1 is one. */
  readonly pointer?: boolean;
}

/**
 * A random word of a form: all bits that the encoding leaves free are random, then the registers are put right. Integer
 * results never go to a pointer or to the harness's register; x31 is no source either.
 */
export function randomWord(random: Random, form: Form, wish: Wish = {}): number {
  const row = rowOf(form);
  const { format } = form;
  const short = 'as' in form;
  for (;;) {
    let word = (form.match | (random.word() & ~form.mask)) >>> 0;
    if (short) word &= 0xffff;
    const source = (field: RegisterField | undefined, floating: boolean | undefined) => {
      if (floating !== true) word = placeRegister(word, field, pick(random, nameable(field, SOURCES)));
    };
    source(format.rs2, row.fp?.rs2);
    if (wish.pointer === true) word = placeRegister(word, format.rs1, pick(random, nameable(format.rs1, POINTERS)));
    else source(format.rs1, row.fp?.rs1);
    if (row.fp?.rd !== true) word = placeRegister(word, format.rd, pick(random, nameable(format.rd, RESULTS)));
    if (isForm(form, word)) return word;
  }
}
const SOURCES = Array.from({ length: 31 }, (_, i) => i);

/** Loads a constant: 32 bits by lui and addiw, wider ones by shifts and additions from the top down. */
export function loadConstant(rd: number, wanted: bigint): number[] {
  const value = BigInt.asIntN(64, wanted);
  const low = Number(BigInt.asIntN(12, value));
  if (BigInt(low) === value) return [build('addi', { rd, imm: low })];
  if (BigInt.asIntN(32, value) === value) {
    const upper = build('lui', { rd, imm: Number(BigInt.asIntN(32, value - BigInt(low))) });
    return low === 0 ? [upper] : [upper, build('addiw', { rd, rs1: rd, imm: low })];
  }
  let upper = BigInt.asIntN(64, value - BigInt(low)) >> 12n;
  let shift = 12;
  while ((upper & 1n) === 0n) {
    upper >>= 1n;
    shift++;
  }
  const shifted = [...loadConstant(rd, upper), build('slli', { rd, rs1: rd, imm: shift })];
  return low === 0 ? shifted : [...shifted, build('addi', { rd, rs1: rd, imm: low })];
}

/** Always the same number of words: one pair and `steps` times twelve bits more, each sign-extended. */
function evenConstant(rd: number, value: bigint, steps: number): number[] {
  const parts: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (let i = 0; i < steps; i++) {
    const low = BigInt.asIntN(12, rest);
    parts.unshift(Number(low));
    rest = BigInt.asIntN(64, rest - low) >> 12n;
  }
  const top = BigInt.asIntN(32, rest);
  const low = Number(BigInt.asIntN(12, top));
  return [
    build('lui', { rd, imm: Number(BigInt.asIntN(32, top - BigInt(low))) }),
    build('addiw', { rd, rs1: rd, imm: low }),
    ...parts.flatMap((part) => [build('slli', { rd, rs1: rd, imm: 12 }), build('addi', { rd, rs1: rd, imm: part })]),
  ];
}

/** A constant that depends on where the program lies: 44 bits are enough for its addresses, 64 for the rest. */
export function placed(rd: number, value: (base: number) => bigint, bits: 44 | 64 = 44): Item {
  const steps = bits === 44 ? 1 : 3;
  return { bytes: 8 + 8 * steps, words: ({ base }) => evenConstant(rd, value(base), steps) };
}

/** A branch or jump to an item further on; where the reach is too short, it falls through. */
export function branchAhead(form: Form, word: number, items: number): Item {
  const bytes = lengthOf(word);
  const operands = decode(word)?.operands;
  return {
    bytes,
    words: ({ at, ahead }) => {
      const bits = operands && placeOperands(form.format, { ...operands, imm: ahead(items) - at });
      return [bits === undefined ? (bytes === 2 ? NOP_SHORT : NOP) : (form.match | bits) >>> 0];
    },
  };
}
export const NOP = 0x00000013;
const NOP_SHORT = 0x0001;

/** auipc and addi: the address of an item further on, as the program counter sees it, plus a distance. */
export function addressAhead(rd: number, items: number): Item {
  return {
    bytes: 8,
    words: ({ at, ahead }) => {
      const distance = ahead(items) - at;
      const low = (distance << 20) >> 20;
      return [build('auipc', { rd, imm: (distance - low) | 0 }), build('addi', { rd, rs1: rd, imm: low })];
    },
  };
}

export function join(...items: readonly Item[]): Item {
  return {
    bytes: items.reduce((sum, item) => sum + item.bytes, 0),
    words: (place) => {
      let at = place.at;
      return items.flatMap((item) => {
        const words = item.words({ ...place, at });
        at += item.bytes;
        return words;
      });
    },
  };
}

export const constant = (rd: number, value: bigint): Item => fixed(...loadConstant(rd, value));
