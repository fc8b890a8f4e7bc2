import { R, R2, SHIFT5, SHIFT6 } from './format.ts';
import { FUNCT7, type Instruction, row, SHIFT6_MASK } from './instruction.ts';

/** Major opcode, funct3 and the whole upper part: instructions of one source. */
const UNARY_MASK = 0xfff0707f;

/** Shifts of this language take their amount modulo 64, so that one by -n is one by 64 - n. */
const ROTATE_RIGHT = (amount: string) => `rd = (rs1 >>> ${amount}) | (rs1 << -${amount});`;
const ROTATE_RIGHT_WORD = (amount: string) => `
  let a = rs1 & 0xffffffff; let n = ${amount};
  rd = sext32((a >>> n) | (a << (32 - n)));`;

/** Zbb, "RISC-V Unprivileged ISA", chapter 30.4: basic bit manipulation. */
export const ZBB: readonly Instruction[] = [
  row('andn', R, 0x40007033, FUNCT7, 'alu', 'rd = rs1 & ~rs2;'),
  row('orn', R, 0x40006033, FUNCT7, 'alu', 'rd = rs1 | ~rs2;'),
  row('xnor', R, 0x40004033, FUNCT7, 'alu', 'rd = ~(rs1 ^ rs2);'),

  row('clz', R2, 0x60001013, UNARY_MASK, 'alu', 'rd = clz64(rs1);'),
  row('ctz', R2, 0x60101013, UNARY_MASK, 'alu', 'rd = ctz64(rs1);'),
  row('cpop', R2, 0x60201013, UNARY_MASK, 'alu', 'rd = popcnt64(rs1);'),
  row('clzw', R2, 0x6000101b, UNARY_MASK, 'alu', 'rd = clz64(rs1 & 0xffffffff) - 32;'),
  row('ctzw', R2, 0x6010101b, UNARY_MASK, 'alu', 'rd = ctz64(rs1 | 0x100000000);'),
  row('cpopw', R2, 0x6020101b, UNARY_MASK, 'alu', 'rd = popcnt64(rs1 & 0xffffffff);'),

  row('min', R, 0x0a004033, FUNCT7, 'alu', 'rd = rs1 < rs2 ? rs1 : rs2;'),
  row('minu', R, 0x0a005033, FUNCT7, 'alu', 'rd = rs1 <u rs2 ? rs1 : rs2;'),
  row('max', R, 0x0a006033, FUNCT7, 'alu', 'rd = rs1 > rs2 ? rs1 : rs2;'),
  row('maxu', R, 0x0a007033, FUNCT7, 'alu', 'rd = rs1 >u rs2 ? rs1 : rs2;'),

  row('sext.b', R2, 0x60401013, UNARY_MASK, 'alu', 'rd = sext8(rs1);'),
  row('sext.h', R2, 0x60501013, UNARY_MASK, 'alu', 'rd = sext16(rs1);'),
  row('zext.h', R2, 0x0800403b, UNARY_MASK, 'alu', 'rd = rs1 & 0xffff;'),

  row('rol', R, 0x60001033, FUNCT7, 'alu', 'rd = (rs1 << rs2) | (rs1 >>> -rs2);'),
  row('ror', R, 0x60005033, FUNCT7, 'alu', ROTATE_RIGHT('rs2')),
  row('rori', SHIFT6, 0x60005013, SHIFT6_MASK, 'alu', ROTATE_RIGHT('imm')),
  row(
    'rolw',
    R,
    0x6000103b,
    FUNCT7,
    'alu',
    `
    let a = rs1 & 0xffffffff; let n = rs2 & 31;
    rd = sext32((a << n) | (a >>> (32 - n)));`,
  ),
  row('rorw', R, 0x6000503b, FUNCT7, 'alu', ROTATE_RIGHT_WORD('rs2 & 31')),
  row('roriw', SHIFT5, 0x6000501b, FUNCT7, 'alu', ROTATE_RIGHT_WORD('imm')),

  // Bit 7 of a byte of `any` says whether one of its bits is set; the product spreads it over the byte.
  row(
    'orc.b',
    R2,
    0x28705013,
    UNARY_MASK,
    'alu',
    `
    let low: i64 = 0x7f7f7f7f7f7f7f7f; let any = ((rs1 & low) + low) | rs1;
    rd = ((any >>> 7) & 0x0101010101010101) * 255;`,
  ),
  // Neighbouring bytes change places, then pairs, then halves.
  row(
    'rev8',
    R2,
    0x6b805013,
    UNARY_MASK,
    'alu',
    `
    let bytes: i64 = 0x00ff00ff00ff00ff; let pairs: i64 = 0x0000ffff0000ffff;
    let a = ((rs1 >>> 8) & bytes) | ((rs1 & bytes) << 8);
    let b = ((a >>> 16) & pairs) | ((a & pairs) << 16);
    rd = (b >>> 32) | (b << 32);`,
  ),
];
