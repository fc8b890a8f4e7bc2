import { DYNAMIC, NX, RNE } from '../hart/float-format.ts';
import type { Timing } from '../timing.ts';
import type { Operands } from './format.ts';
import type { Instruction } from './instruction.ts';
import { type Decoded, decode, INSTRUCTIONS } from './table.ts';

/**
 * A predecoded operation, 16 bytes, one per halfword of a code page:
 *   0 u16 code   2 u16 rd   4 u32 charge = cycles << 20 | 1   8 i32 imm   12 u16 rs1   14 u16 rs2
 * Registers are byte offsets into x (or f) of the hart; rd = x0 becomes the sink. In a branch, which has no rd, that field
 * holds the cycles of the taken edge, and charge those of the other. Where a compiled region can be entered, the operation
 * itself lies elsewhere, and in its place stands: rd the entry, charge the region, imm the host address of the operation.
 * With a rounding mode the immediate is
 *   8 u8 quick   9 u8 rm   10 u16 rs3
 */
export const OPERATION = { code: 0, rd: 2, charge: 4, imm: 8, quick: 8, rm: 9, rs3: 10, rs1: 12, rs2: 14 } as const;

/** Codes below FIRST_CODE are no instructions. Row i has code FIRST_CODE + 2i, its compressed form one more. */
export const CODE = { undecoded: 0, pageEnd: 1, cross: 2, illegal: 3, region: 4 } as const;
export const FIRST_CODE = 5;
export const SINK = 32;

export const codeOf = (index: number, length: 2 | 4): number => FIRST_CODE + 2 * index + (length === 2 ? 1 : 0);

/**
 * The mask with which `(fcsr & mask) == NX` says that an operation rounds to nearest and NX is already set: its field says
 * nearest, or dynamic and frm is 0. Of any other mode it never says so.
 */
export const quickMask = (rm: number): number => (rm === RNE ? NX : rm === DYNAMIC ? 0xe0 | NX : 0);

const withMode = ({ imm, rs3 }: Operands): number => quickMask(imm) | (imm << 8) | ((rs3 * 8) << 16);

/** Registers of the integer file that an instruction reads. */
function reads(row: Instruction, register: number, decoded: Decoded): boolean {
  if (register === 0) return false;
  const { rs1, rs2 } = decoded.operands;
  const immediateOperand = row.format.name === 'CSRI';
  return (
    (row.format.rs1 !== undefined && !immediateOperand && !row.fp?.rs1 && rs1 === register) ||
    (row.format.rs2 !== undefined && !row.fp?.rs2 && rs2 === register)
  );
}

/** Cycles of the operation, its taken edge apart; `next` is the word after it in the same page, if there is one. */
export function cyclesOf(
  timing: Timing,
  decoded: Decoded,
  next: number | undefined,
): { cycles: number; taken: number } {
  const row = INSTRUCTIONS[decoded.index];
  if (row === undefined) throw new Error(`no instruction ${decoded.index}`);
  const base = timing.cost[row.cost];
  if (row.cost === 'branch') {
    const backward = decoded.operands.imm < 0;
    return { cycles: base + (backward ? timing.mispredict : 0), taken: base + (backward ? 0 : timing.mispredict) };
  }
  if (row.cost === 'load' && row.format.rd !== undefined && !row.fp?.rd && next !== undefined && timing.loadUse > 0) {
    const following = decode(next);
    const user = following === undefined ? undefined : INSTRUCTIONS[following.index];
    if (user !== undefined && following !== undefined && reads(user, decoded.operands.rd, following)) {
      return { cycles: base + timing.loadUse, taken: 0 };
    }
  }
  return { cycles: base, taken: 0 };
}

/** Writes the operation for `word` at `address`; an illegal word gets the code that raises the exception. */
export function writeOperation(
  view: DataView,
  address: number,
  word: number,
  next: number | undefined,
  timing: Timing,
): void {
  const decoded = decode(word);
  if (decoded === undefined) {
    view.setUint32(address + OPERATION.charge, 0, true);
    view.setUint16(address + OPERATION.code, CODE.illegal, true);
    return;
  }
  const { rd, rs1, rs2, imm } = decoded.operands;
  const row = INSTRUCTIONS[decoded.index];
  const { cycles, taken } = cyclesOf(timing, decoded, next);
  const destination = row?.fp?.rd ? rd : rd === 0 ? SINK : rd;
  view.setUint16(address + OPERATION.rd, row?.cost === 'branch' ? taken : destination * 8, true);
  view.setUint32(address + OPERATION.charge, ((cycles << 20) | 1) >>> 0, true);
  const mode = row?.format.rounding !== undefined;
  view.setInt32(address + OPERATION.imm, mode ? withMode(decoded.operands) : imm, true);
  view.setUint16(address + OPERATION.rs1, rs1 * 8, true);
  view.setUint16(address + OPERATION.rs2, rs2 * 8, true);
  view.setUint16(address + OPERATION.code, codeOf(decoded.index, decoded.length), true);
}
