import { csrName } from '../hart/csrs.ts';
import { AQ, countsPages, encode, isFloating, RL } from './encode.ts';
import { OperandError } from './expression.ts';
import type { Format, Operands } from './format.ts';
import type { Instruction } from './instruction.ts';
import { registerName, roundingModeName } from './registers.ts';
import { type Decoded, decode, INSTRUCTIONS } from './table.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;

function fenceSet(bits: number): string {
  const letters = [...'iorw'].filter((_, i) => (bits & (8 >> i)) !== 0).join('');
  return letters === '' ? '0' : letters;
}

function operandText(
  kind: Format['syntax'][number],
  row: Instruction,
  format: Format,
  o: Operands,
  pc?: bigint,
): string {
  switch (kind) {
    case 'imm':
      return countsPages(format) ? hex((o.imm >>> 12) & 0xfffff) : String(o.imm);
    case 'target':
      if (pc !== undefined) return `0x${BigInt.asUintN(64, pc + BigInt(o.imm)).toString(16)}`;
      return o.imm < 0 ? `.-${-o.imm}` : `.+${o.imm}`;
    case 'c':
      return csrName(o.imm) ?? hex(o.imm);
    case 'rm':
      return roundingModeName(o.imm);
    case 'z':
      return String(o.rs1);
    case 'm':
      return `${o.imm}(${registerName(o.rs1, false)})`;
    case 'a':
      return `(${registerName(o.rs1, false)})`;
    default:
      return registerName(o[kind], isFloating(row, kind));
  }
}

function instructionText(word: number, decoded: Decoded, row: Instruction, pc?: bigint): string {
  if (row.name === 'fence') return `fence ${fenceSet((word >>> 24) & 15)}, ${fenceSet((word >>> 20) & 15)}`;
  const form = decoded.compressed ?? row;
  const suffix = row.cost === 'atomic' ? ['', '.rl', '.aq', '.aqrl'][(word & (AQ | RL)) >>> 25] : '';
  const syntax = form.format.syntax.filter((kind) => kind !== 'rm' || decoded.operands.imm !== form.format.rounding);
  const operands = syntax.map((kind) => operandText(kind, row, form.format, decoded.operands, pc));
  return `${form.name}${suffix} ${operands.join(', ')}`.trim();
}

/**
 * Text of the word that starts with these bits; of a compressed one only the low half counts. Targets are absolute where
 * `pc` is given. What no text of this assembler gives back bit by bit (illegal words, free bits set) is written as data.
 */
export function disassemble(word: number, pc?: bigint): string {
  const full = (word & 3) === 3;
  const bits = full ? word >>> 0 : word & 0xffff;
  const decoded = decode(bits);
  const row = INSTRUCTIONS[decoded?.index ?? -1];
  const data = full ? `.word ${hex(bits)}` : `.half ${hex(bits)}`;
  if (decoded === undefined || row === undefined) return data;
  const text = instructionText(bits, decoded, row, pc);
  const [, name = '', rest = ''] = /^(\S+) ?(.*)$/.exec(text) ?? [];
  try {
    const again = encode(name, rest === '' ? [] : rest.split(', '), (symbol) =>
      symbol === '.' ? (pc ?? 0n) : undefined,
    );
    return again === bits ? text : `${data} # ${text}`;
  } catch (error) {
    if (error instanceof OperandError) return `${data} # ${text}`;
    throw error;
  }
}
