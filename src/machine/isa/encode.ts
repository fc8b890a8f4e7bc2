import { csrNumber } from '../hart/csrs.ts';
import { evaluate, OperandError, type Symbols } from './expression.ts';
import { type Format, type Operands, placeOperands, type RegisterField } from './format.ts';
import type { Compressed, Instruction } from './instruction.ts';
import { registerNumber, roundingMode } from './registers.ts';
import { COMPRESSED, decode, INSTRUCTIONS, instructionIndex } from './table.ts';

const real = new Map(INSTRUCTIONS.map((row) => [row.name, row]));
const compressed = new Map(COMPRESSED.map((row) => [row.name, row]));

type RegisterName = 'rd' | 'rs1' | 'rs2' | 'rs3';
const REGISTERS = ['rd', 'rs1', 'rs2', 'rs3'] as const;
const FENCE_SETS = 'wroi';
export const AQ = 1 << 26;
export const RL = 1 << 25;

/** Bits of the immediate that a format can hold, from `low` to below `high`. */
function reach(format: Format): { low: number; high: number } {
  const runs = format.imm?.bits ?? [];
  return {
    low: Math.min(...runs.map(([, , to]) => to)),
    high: Math.max(...runs.map(([high, low, to]) => to + high - low + 1)),
  };
}

/** lui and auipc take the upper 20 bits as a number of their own. */
export const countsPages = (format: Format): boolean => format.imm?.signed === true && reach(format).low === 12;

/** Which register file an operand is in. */
export function isFloating(row: Instruction, name: RegisterName): boolean {
  return name === 'rs3' || row.fp?.[name] === true;
}

/** Operands that the text does not hold: fixed registers, and fields that lie where another one does (rd = rs1). */
function completed(format: Format, given: Partial<Operands>): Operands {
  const operands: Operands = { rd: 0, rs1: 0, rs2: 0, rs3: 0, imm: 0, ...given };
  const at = (field: RegisterField | undefined) => (field !== undefined && 'at' in field ? field.at : undefined);
  for (const name of REGISTERS) {
    const field = format[name];
    if (field === undefined || given[name] !== undefined) continue;
    if ('is' in field) operands[name] = field.is;
    else
      operands[name] =
        operands[REGISTERS.find((other) => given[other] !== undefined && at(format[other]) === field.at) ?? name];
  }
  return operands;
}

/** Bits of an ordering suffix (`.aq`, `.rl`, `.aqrl`) and the name without it. */
function ordering(name: string): { name: string; bits: number } {
  const [, base = name, suffix = ''] = /^(.*\.[wd])\.(aq|rl|aqrl)$/.exec(name) ?? [];
  if (real.get(base)?.cost !== 'atomic') return { name, bits: 0 };
  return { name: base, bits: (suffix.startsWith('aq') ? AQ : 0) | (suffix.endsWith('rl') ? RL : 0) };
}

/** The predecessor or successor set of a fence. */
function fenceSet(text: string): number {
  if (text === '0') return 0;
  let bits = 0;
  for (const letter of text) {
    const bit = FENCE_SETS.indexOf(letter);
    if (bit < 0) throw new OperandError(`'${text}' is no fence set; write letters of iorw`);
    bits |= 1 << bit;
  }
  return bits;
}

function smallNumber(text: string, symbols: Symbols): number {
  const value = evaluate(text, symbols);
  if (value < -(1n << 31n) || value >= 1n << 32n) throw new OperandError(`${value} is wider than 32 bits; use li`);
  return Number(value);
}

/** Reads the operands in the order of the format's syntax. */
function readOperands(row: Instruction, format: Format, texts: readonly string[], symbols: Symbols): Partial<Operands> {
  const missing = format.syntax.length - texts.length;
  if (missing !== 0 && !(missing === 1 && format.rounding !== undefined)) {
    throw new OperandError(
      `takes ${format.syntax.length} operands (${format.syntax.join(', ')}), ${texts.length} given`,
    );
  }
  const given: Partial<Operands> = {};
  const register = (name: RegisterName, text: string) => {
    const number = registerNumber(text, isFloating(row, name));
    if (number === undefined) {
      throw new OperandError(`'${text}' is no ${isFloating(row, name) ? 'floating-point ' : ''}register for ${name}`);
    }
    given[name] = number;
  };
  format.syntax.forEach((kind, i) => {
    const text = texts[i] ?? '';
    if (kind === 'imm') {
      const value = smallNumber(text, symbols);
      given.imm = countsPages(format) && value >= -0x80000 && value <= 0xfffff ? value << 12 : value;
    } else if (kind === 'rm') {
      const mode = i < texts.length ? roundingMode(text) : format.rounding;
      if (mode === undefined) throw new OperandError(`'${text}' is no rounding mode: rne, rtz, rdn, rup, rmm or dyn`);
      given.imm = mode;
    } else if (kind === 'target') {
      given.imm = Number(BigInt.asIntN(32, evaluate(`(${text}) - .`, symbols)));
    } else if (kind === 'c') {
      given.imm = csrNumber(text) ?? smallNumber(text, symbols);
    } else if (kind === 'z') {
      given.rs1 = smallNumber(text, symbols);
      if (given.rs1 < 0 || given.rs1 > 31)
        throw new OperandError(`${given.rs1} is not in 0..31; use the form with a register`);
    } else if (kind === 'm' || kind === 'a') {
      const [, offset = '', base = text] = /^(.*)\(([^()]+)\)$/.exec(text) ?? [];
      const value = offset.trim() === '' ? 0 : smallNumber(offset, symbols);
      register('rs1', base.trim());
      if (kind === 'm') given.imm = value;
      else if (value !== 0) throw new OperandError(`takes a plain (register); add the offset ${value} before`);
    } else {
      register(kind, text);
    }
  });
  return given;
}

/** Why a format cannot hold these operands, with the remedy. */
function refusal(format: Format, operands: Operands): string {
  for (const name of REGISTERS) {
    const field = format[name];
    if (field === undefined) continue;
    if ('is' in field && operands[name] !== field.is) return `${name} can only be x${field.is} here`;
    if ('width' in field && field.width === 3 && (operands[name] < 8 || operands[name] > 15)) {
      return `${name} = x${operands[name]} has no compressed form here; use s0, s1 or a0 to a5, or the full instruction`;
    }
  }
  const { low, high } = reach(format);
  const signed = format.imm?.signed === true;
  const first = signed ? -(2 ** (high - 1)) : 0;
  const last = (signed ? 2 ** (high - 1) : 2 ** high) - 2 ** low;
  return format.syntax.includes('target')
    ? `the target is ${operands.imm} bytes away, reach is ${first}..${last}; jump by way of a nearer place`
    : `${operands.imm} is not a multiple of ${2 ** low} in ${first}..${last}; use li and a register form`;
}

/** A row by its assembly name, with the format its text follows. */
function find(name: string): { row: Instruction; form: Instruction | Compressed } | undefined {
  const short = compressed.get(name);
  const row = short === undefined ? real.get(name) : INSTRUCTIONS[instructionIndex(short.as)];
  return row === undefined ? undefined : { row, form: short ?? row };
}

/** Length in bytes of a real instruction, or undefined where none has that name. */
export function lengthOf(name: string): 2 | 4 | undefined {
  if (compressed.has(name)) return 2;
  return real.has(ordering(name).name) ? 4 : undefined;
}

/** The word of one real instruction; `.` of the symbols is its address. */
export function encode(name: string, texts: readonly string[], symbols: Symbols): number {
  const { name: base, bits } = ordering(name);
  const found = find(base);
  if (found === undefined) throw new OperandError('is no instruction of this machine; see src/machine/isa');
  const { row, form } = found;
  if (base === 'fence') {
    const [before = '', after = ''] = texts;
    return (row.match | (fenceSet(before) << 24) | (fenceSet(after) << 20)) >>> 0;
  }
  // jalr is also written like a load: rd, offset(base).
  const syntax = base === 'jalr' && texts.length === 2 ? (['rd', 'm'] as const) : form.format.syntax;
  const operands = completed(form.format, readOperands(row, { ...form.format, syntax }, texts, symbols));
  const placed = placeOperands(form.format, operands);
  if (placed === undefined) throw new OperandError(refusal(form.format, operands));
  const word = (form.match | placed | bits) >>> 0;
  const meant = decode(word);
  const meaning = meant?.compressed?.name ?? INSTRUCTIONS[meant?.index ?? -1]?.name;
  if (meaning !== base)
    throw new OperandError(`with these operands is ${meaning ?? 'reserved'}; use the full instruction`);
  return word;
}
