/**
 * Where the operands of an instruction lie in its word. One description serves the decoder, the assembler and the
 * disassembler, so an encoding is never written twice. "RISC-V Unprivileged ISA", chapters 2.2, 2.3 and 28.
 */

/** A register operand: 5 bits at a place, 3 bits naming x8..x15, or always the same register. */
export type RegisterField = { readonly at: number; readonly width: 5 | 3 } | { readonly is: number };

/** Runs of the immediate: word bits high..low carry the immediate's bits from `to` upwards. */
export type Scatter = readonly (readonly [high: number, low: number, to: number])[];

export interface Format {
  readonly name: string;
  readonly rd?: RegisterField;
  readonly rs1?: RegisterField;
  readonly rs2?: RegisterField;
  readonly rs3?: RegisterField;
  readonly imm?: { readonly bits: Scatter; readonly signed: boolean };
  /** The immediate is a rounding mode; this one is meant where the text names none. */
  readonly rounding?: number;
  /**
   * Assembly operands in order; `m` is `imm(rs1)`, `z` the five-bit immediate in the rs1 field, `c` a CSR, `rm` the rounding
   * mode, which comes last.
   */
  readonly syntax: readonly ('rd' | 'rs1' | 'rs2' | 'rs3' | 'imm' | 'm' | 'a' | 'z' | 'c' | 'target' | 'rm')[];
}

const RD: RegisterField = { at: 7, width: 5 };
const RS1: RegisterField = { at: 15, width: 5 };
const RS2: RegisterField = { at: 20, width: 5 };
const RS3: RegisterField = { at: 27, width: 5 };
const signed = (bits: Scatter) => ({ bits, signed: true });
const unsigned = (bits: Scatter) => ({ bits, signed: false });

const I_IMM = signed([[31, 20, 0]]);
const S_IMM = signed([
  [31, 25, 5],
  [11, 7, 0],
]);

/** 32-bit formats. */
export const R: Format = { name: 'R', rd: RD, rs1: RS1, rs2: RS2, syntax: ['rd', 'rs1', 'rs2'] };
export const R2: Format = { name: 'R2', rd: RD, rs1: RS1, syntax: ['rd', 'rs1'] };

/** Formats with a rounding mode; conversions that are always exact are written without one and then have RNE. */
const MODE = { imm: unsigned([[14, 12, 0]]), rounding: 7 } as const;
export const RM: Format = { ...R, ...MODE, name: 'RM', syntax: [...R.syntax, 'rm'] };
export const R2M: Format = { ...R2, ...MODE, name: 'R2M', syntax: [...R2.syntax, 'rm'] };
export const R2M_EXACT: Format = { ...R2M, name: 'R2M_EXACT', rounding: 0 };
export const R4: Format = { ...R, ...MODE, name: 'R4', rs3: RS3, syntax: ['rd', 'rs1', 'rs2', 'rs3', 'rm'] };
export const I: Format = { name: 'I', rd: RD, rs1: RS1, imm: I_IMM, syntax: ['rd', 'rs1', 'imm'] };
export const LOAD: Format = { name: 'LOAD', rd: RD, rs1: RS1, imm: I_IMM, syntax: ['rd', 'm'] };
export const SHIFT6: Format = {
  name: 'SHIFT6',
  rd: RD,
  rs1: RS1,
  imm: unsigned([[25, 20, 0]]),
  syntax: ['rd', 'rs1', 'imm'],
};
export const SHIFT5: Format = {
  name: 'SHIFT5',
  rd: RD,
  rs1: RS1,
  imm: unsigned([[24, 20, 0]]),
  syntax: ['rd', 'rs1', 'imm'],
};
export const S: Format = { name: 'S', rs1: RS1, rs2: RS2, imm: S_IMM, syntax: ['rs2', 'm'] };
export const B: Format = {
  name: 'B',
  rs1: RS1,
  rs2: RS2,
  imm: signed([
    [31, 31, 12],
    [30, 25, 5],
    [11, 8, 1],
    [7, 7, 11],
  ]),
  syntax: ['rs1', 'rs2', 'target'],
};
export const U: Format = { name: 'U', rd: RD, imm: signed([[31, 12, 12]]), syntax: ['rd', 'imm'] };
export const J: Format = {
  name: 'J',
  rd: RD,
  imm: signed([
    [31, 31, 20],
    [30, 21, 1],
    [20, 20, 11],
    [19, 12, 12],
  ]),
  syntax: ['rd', 'target'],
};
export const NONE: Format = { name: 'NONE', syntax: [] };
export const FENCES: Format = { name: 'FENCES', rs1: RS1, rs2: RS2, syntax: ['rs1', 'rs2'] };
export const CSR: Format = {
  name: 'CSR',
  rd: RD,
  rs1: RS1,
  imm: unsigned([[31, 20, 0]]),
  syntax: ['rd', 'c', 'rs1'],
};
export const CSRI: Format = { ...CSR, name: 'CSRI', syntax: ['rd', 'c', 'z'] };
export const AMO: Format = { name: 'AMO', rd: RD, rs1: RS1, rs2: RS2, syntax: ['rd', 'rs2', 'a'] };
export const LR: Format = { name: 'LR', rd: RD, rs1: RS1, syntax: ['rd', 'a'] };
export const BLOCK: Format = { name: 'BLOCK', rs1: RS1, syntax: ['a'] };
export const HSV: Format = { name: 'HSV', rs1: RS1, rs2: RS2, syntax: ['rs2', 'a'] };

/** Compressed formats. */
const FULL: RegisterField = { at: 7, width: 5 };
const LOW: RegisterField = { at: 2, width: 3 };
const HIGH: RegisterField = { at: 7, width: 3 };
const C_RS2: RegisterField = { at: 2, width: 5 };
const SP: RegisterField = { is: 2 };
const ZERO: RegisterField = { is: 0 };
const C_WORD = unsigned([
  [12, 10, 3],
  [6, 6, 2],
  [5, 5, 6],
]);
const C_DOUBLE = unsigned([
  [12, 10, 3],
  [6, 5, 6],
]);
const C_IMM = [
  [12, 12, 5],
  [6, 2, 0],
] as const;

const C_J_IMM = signed([
  [12, 12, 11],
  [11, 11, 4],
  [10, 9, 8],
  [8, 8, 10],
  [7, 7, 6],
  [6, 6, 7],
  [5, 3, 1],
  [2, 2, 5],
]);

export const CIW: Format = {
  name: 'CIW',
  rd: LOW,
  rs1: SP,
  imm: unsigned([
    [12, 11, 4],
    [10, 7, 6],
    [6, 6, 2],
    [5, 5, 3],
  ]),
  syntax: ['rd', 'rs1', 'imm'],
};
export const CLW: Format = { name: 'CLW', rd: LOW, rs1: HIGH, imm: C_WORD, syntax: ['rd', 'm'] };
export const CLD: Format = { name: 'CLD', rd: LOW, rs1: HIGH, imm: C_DOUBLE, syntax: ['rd', 'm'] };
export const CSW: Format = { name: 'CSW', rs2: LOW, rs1: HIGH, imm: C_WORD, syntax: ['rs2', 'm'] };
export const CSD: Format = { name: 'CSD', rs2: LOW, rs1: HIGH, imm: C_DOUBLE, syntax: ['rs2', 'm'] };
export const CI: Format = { name: 'CI', rd: FULL, rs1: FULL, imm: signed(C_IMM), syntax: ['rd', 'imm'] };
export const CLI: Format = { name: 'CLI', rd: FULL, rs1: ZERO, imm: signed(C_IMM), syntax: ['rd', 'imm'] };
export const CSHIFT: Format = { name: 'CSHIFT', rd: FULL, rs1: FULL, imm: unsigned(C_IMM), syntax: ['rd', 'imm'] };
export const CLUI: Format = {
  name: 'CLUI',
  rd: FULL,
  imm: signed([
    [12, 12, 17],
    [6, 2, 12],
  ]),
  syntax: ['rd', 'imm'],
};
export const CI16: Format = {
  name: 'CI16',
  rd: SP,
  rs1: SP,
  imm: signed([
    [12, 12, 9],
    [6, 6, 4],
    [5, 5, 6],
    [4, 3, 7],
    [2, 2, 5],
  ]),
  syntax: ['rd', 'imm'],
};
export const CB_ALU: Format = { name: 'CB_ALU', rd: HIGH, rs1: HIGH, imm: signed(C_IMM), syntax: ['rd', 'imm'] };
export const CB_SHIFT: Format = { ...CB_ALU, name: 'CB_SHIFT', imm: unsigned(C_IMM) };
export const CA: Format = { name: 'CA', rd: HIGH, rs1: HIGH, rs2: LOW, syntax: ['rd', 'rs2'] };
export const CJ: Format = { name: 'CJ', rd: ZERO, imm: C_J_IMM, syntax: ['target'] };
export const CB: Format = {
  name: 'CB',
  rs1: HIGH,
  rs2: ZERO,
  imm: signed([
    [12, 12, 8],
    [11, 10, 3],
    [6, 5, 6],
    [4, 3, 1],
    [2, 2, 5],
  ]),
  syntax: ['rs1', 'target'],
};
export const CLWSP: Format = {
  name: 'CLWSP',
  rd: FULL,
  rs1: SP,
  imm: unsigned([
    [12, 12, 5],
    [6, 4, 2],
    [3, 2, 6],
  ]),
  syntax: ['rd', 'm'],
};
export const CLDSP: Format = {
  name: 'CLDSP',
  rd: FULL,
  rs1: SP,
  imm: unsigned([
    [12, 12, 5],
    [6, 5, 3],
    [4, 2, 6],
  ]),
  syntax: ['rd', 'm'],
};
export const CSWSP: Format = {
  name: 'CSWSP',
  rs1: SP,
  rs2: C_RS2,
  imm: unsigned([
    [12, 9, 2],
    [8, 7, 6],
  ]),
  syntax: ['rs2', 'm'],
};
export const CSDSP: Format = {
  name: 'CSDSP',
  rs1: SP,
  rs2: C_RS2,
  imm: unsigned([
    [12, 10, 3],
    [9, 7, 6],
  ]),
  syntax: ['rs2', 'm'],
};
export const CR_JUMP: Format = { name: 'CR_JUMP', rd: ZERO, rs1: FULL, syntax: ['rs1'] };
export const CR_CALL: Format = { name: 'CR_CALL', rd: { is: 1 }, rs1: FULL, syntax: ['rs1'] };
export const CR_MOVE: Format = { name: 'CR_MOVE', rd: FULL, rs1: ZERO, rs2: C_RS2, syntax: ['rd', 'rs2'] };
export const CR: Format = { name: 'CR', rd: FULL, rs1: FULL, rs2: C_RS2, syntax: ['rd', 'rs2'] };

/** Operands of one decoded word; absent ones are 0. */
export interface Operands {
  rd: number;
  rs1: number;
  rs2: number;
  rs3: number;
  imm: number;
}

export function registerOf(field: RegisterField | undefined, word: number): number {
  if (field === undefined) return 0;
  if ('is' in field) return field.is;
  return field.width === 5 ? (word >>> field.at) & 31 : 8 + ((word >>> field.at) & 7);
}

export function immediateOf(format: Format, word: number): number {
  if (format.imm === undefined) return 0;
  let value = 0;
  let top = 0;
  for (const [high, low, to] of format.imm.bits) {
    const width = high - low + 1;
    const run = (word >>> low) & (width === 32 ? -1 : (1 << width) - 1);
    value |= run << to;
    top = Math.max(top, to + width);
  }
  return format.imm.signed ? (value << (32 - top)) >> (32 - top) : value;
}

export function operandsOf(format: Format, word: number): Operands {
  return {
    rd: registerOf(format.rd, word),
    rs1: registerOf(format.rs1, word),
    rs2: registerOf(format.rs2, word),
    rs3: registerOf(format.rs3, word),
    imm: immediateOf(format, word),
  };
}

function placeRegister(field: RegisterField | undefined, value: number): number | undefined {
  if (field === undefined) return 0;
  if ('is' in field) return value === field.is ? 0 : undefined;
  if (field.width === 5) return value << field.at;
  return value >= 8 && value < 16 ? (value - 8) << field.at : undefined;
}

/** Operand bits of a word, or undefined where the format cannot hold them (register out of reach, immediate too wide). */
export function placeOperands(format: Format, operands: Operands): number | undefined {
  let word = 0;
  for (const name of ['rd', 'rs1', 'rs2', 'rs3'] as const) {
    const bits = placeRegister(format[name], operands[name]);
    if (bits === undefined) return undefined;
    word |= bits;
  }
  for (const [high, low, to] of format.imm?.bits ?? []) {
    const width = high - low + 1;
    word |= ((operands.imm >>> to) & (width === 32 ? -1 : (1 << width) - 1)) << low;
  }
  return immediateOf(format, word) === (operands.imm | 0) || format.imm === undefined ? word >>> 0 : undefined;
}
