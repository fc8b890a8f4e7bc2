import type { Block } from '../wasm/ast.ts';
import { parseStatements } from '../wasm/parse.ts';
import type { Format, Operands } from './format.ts';

/** What a row costs is looked up by this class in `timing.ts`; taken branches have their own edge cost. */
export type CostClass =
  | 'alu'
  | 'load'
  | 'store'
  | 'multiply'
  | 'divide'
  | 'float'
  | 'float-divide'
  | 'branch'
  | 'jump'
  | 'indirect'
  | 'atomic'
  | 'csr'
  | 'return'
  | 'fence'
  | 'system';

/**
 * One instruction, said once. Interpreter, region compiler, assembler and disassembler derive from the row.
 * The body is written against a small vocabulary that each engine resolves its own way:
 *   rs1 rs2 imm pc len          operands (i64), `rd = e` writes the destination; frs1 frs2 frs3 `frd = e` for FP registers (raw bits)
 *   rm quick                    rounding-mode field; `(fcsr & quick) == 1` where it rounds to nearest and NX is set (i32)
 *   load8s(va) … store64(va, v) guest memory;  jump(target)  branch(condition)  trap(cause, tval)
 *   resume()                    go on at the next instruction, all derived state looked up anew
 *   arrive()                    go on at the `pc` that a return function left in the state
 * and the functions of src/machine/hart; those named in FAULTING may leave an exception, which the engine then takes.
 */
export interface Instruction {
  readonly name: string;
  readonly format: Format;
  readonly match: number;
  readonly mask: number;
  readonly cost: CostClass;
  readonly body: Block;
  /** Operand register file, where it is not x. */
  readonly fp?: { readonly rd?: boolean; readonly rs1?: boolean; readonly rs2?: boolean };
}

/** A compressed form: the row it abbreviates, its own format, and the operand values that are reserved. */
export interface Compressed {
  readonly name: string;
  readonly format: Format;
  readonly match: number;
  readonly mask: number;
  readonly as: string;
  readonly reserved?: (operands: Operands) => boolean;
}

/** Mask of major opcode and funct3. */
export const FUNCT3 = 0x707f;
/** Mask of major opcode, funct3 and funct7. */
export const FUNCT7 = 0xfe00707f;
/** Mask of a shift by an immediate of six bits. */
export const SHIFT6_MASK = 0xfc00707f;
/** Mask of a fence with two registers. */
export const FENCE_MASK = 0xfe007fff;
export const WHOLE = 0xffffffff;

export function row(
  name: string,
  format: Format,
  match: number,
  mask: number,
  cost: CostClass,
  body: string,
  fp?: Instruction['fp'],
): Instruction {
  const parsed = { name, format, match, mask, cost, body: parseStatements(body) };
  return fp === undefined ? parsed : { ...parsed, fp };
}
