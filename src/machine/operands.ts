import { decode, INSTRUCTIONS } from './isa/table.ts';

/** General registers of an instruction; x0 is none. */
export interface Operands {
  readonly reads: readonly number[];
  readonly writes: number | undefined;
}

const known = new Map<number, Operands>();
const KEPT_WORDS = 4096;

/** Decoding costs more than running. */
export function operandsOf(word: number): Operands {
  const old = known.get(word);
  if (old !== undefined) return old;
  if (known.size >= KEPT_WORDS) known.clear();
  const operands = decodeOperands(word);
  known.set(word, operands);
  return operands;
}

function decodeOperands(word: number): Operands {
  const decoded = decode(word);
  const row = decoded === undefined ? undefined : INSTRUCTIONS[decoded.index];
  if (decoded === undefined || row === undefined) return { reads: [], writes: undefined };
  const { format, fp } = row;
  const { rd, rs1, rs2 } = decoded.operands;
  const reads: number[] = [];
  if (format.rs1 !== undefined && fp?.rs1 !== true && format.name !== 'CSRI' && rs1 !== 0) reads.push(rs1);
  if (format.rs2 !== undefined && fp?.rs2 !== true && rs2 !== 0) reads.push(rs2);
  return { reads, writes: format.rd !== undefined && fp?.rd !== true && rd !== 0 ? rd : undefined };
}
