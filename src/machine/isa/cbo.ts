import { BLOCK } from './format.ts';
import { type Instruction, row } from './instruction.ts';

const CBO_MASK = 0xfff07fff;

/**
 * Zicbom and Zicboz, "RISC-V Unprivileged ISA", chapter 18. Memory here is coherent with everything that reads it, so the
 * instructions on caches only ask for their permissions; the operand may lie anywhere in its block.
 */
export const CBO: readonly Instruction[] = [
  row('cbo.inval', BLOCK, 0x0000200f, CBO_MASK, 'fence', 'cbo_manage(rs1, CBIE);'),
  row('cbo.clean', BLOCK, 0x0010200f, CBO_MASK, 'fence', 'cbo_manage(rs1, CBCFE);'),
  row('cbo.flush', BLOCK, 0x0020200f, CBO_MASK, 'fence', 'cbo_manage(rs1, CBCFE);'),
  row('cbo.zero', BLOCK, 0x0040200f, CBO_MASK, 'store', 'cbo_zero(rs1);'),
];
