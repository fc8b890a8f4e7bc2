import { AMO, LR } from './format.ts';
import { type Instruction, row } from './instruction.ts';

const LR_MASK = 0xf9f0707f;
const AMO_MASK = 0xf800707f; // aq and rl are free: every access here is sequentially consistent

/**
 * A extension, "RISC-V Unprivileged ISA", chapter 14. `atomic(va, size)` translates for a store (device memory is refused)
 * and gives the host address of the operand.
 */
const amo = (name: string, funct5: number, word: string, double = word): Instruction[] => [
  row(
    `${name}.w`,
    AMO,
    (0x0000202f | (funct5 << 27)) >>> 0,
    AMO_MASK,
    'atomic',
    `
    let a = atomic(rs1, 4); let old = raw32s(a); let src = sext32(rs2); put32l(a, ${word}); rd = old;`,
  ),
  row(
    `${name}.d`,
    AMO,
    (0x0000302f | (funct5 << 27)) >>> 0,
    AMO_MASK,
    'atomic',
    `
    let a = atomic(rs1, 8); let old = raw64(a); let src = rs2; put64(a, ${double}); rd = old;`,
  ),
];

export const RV64A: readonly Instruction[] = [
  row('lr.w', LR, 0x1000202f, LR_MASK, 'atomic', 'rd = raw32s(load_reserved(rs1, 4));'),
  row('lr.d', LR, 0x1000302f, LR_MASK, 'atomic', 'rd = raw64(load_reserved(rs1, 8));'),
  row(
    'sc.w',
    AMO,
    0x1800202f,
    AMO_MASK,
    'atomic',
    `
    let a = store_conditional(rs1, 4); if (a) { put32l(a, rs2); rd = 0; } else { rd = 1; }`,
  ),
  row(
    'sc.d',
    AMO,
    0x1800302f,
    AMO_MASK,
    'atomic',
    `
    let a = store_conditional(rs1, 8); if (a) { put64(a, rs2); rd = 0; } else { rd = 1; }`,
  ),
  ...amo('amoswap', 0x01, 'src'),
  ...amo('amoadd', 0x00, 'old + src'),
  ...amo('amoxor', 0x04, 'old ^ src'),
  ...amo('amoand', 0x0c, 'old & src'),
  ...amo('amoor', 0x08, 'old | src'),
  ...amo('amomin', 0x10, 'old < src ? old : src'),
  ...amo('amomax', 0x14, 'old > src ? old : src'),
  ...amo('amominu', 0x18, 'old <u src ? old : src'),
  ...amo('amomaxu', 0x1c, 'old >u src ? old : src'),
];
