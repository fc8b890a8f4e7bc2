import { FENCES, NONE } from './format.ts';
import { FENCE_MASK, type Instruction, row, WHOLE } from './instruction.ts';

const vma = (name: string, match: number, fence: string): Instruction =>
  row(name, FENCES, match, FENCE_MASK, 'fence', `${fence}(rs1, rs2, rs1_number != 0, rs2_number != 0); resume();`);

/**
 * Svinval, "RISC-V Privileged ISA", chapter 12.6. Invalidations take effect at once, so what orders them orders nothing more;
 * TVM and VTVM do not reach it.
 */
export const SVINVAL: readonly Instruction[] = [
  vma('sinval.vma', 0x16000073, 'fence_vma'),
  vma('hinval.vvma', 0x26000073, 'fence_vvma'),
  vma('hinval.gvma', 0x66000073, 'fence_gvma'),
  row('sfence.w.inval', NONE, 0x18000073, WHOLE, 'fence', 'fence_order();'),
  row('sfence.inval.ir', NONE, 0x18100073, WHOLE, 'fence', 'fence_order();'),
];
