import { LOAD, R, R2, S } from './format.ts';
import { FUNCT3, FUNCT7, type Instruction, row } from './instruction.ts';

const MOVE_MASK = 0xfff0707f;
export const NAN_BOX = '0xffffffff00000000';
/** A single that is not NaN-boxed counts as the canonical NaN ("Unprivileged ISA", 22.2). */
export const unboxed = (register: string) =>
  `((${register} >>> 32) == 0xffffffff ? ${register} & 0xffffffff : 0x7fc00000)`;
/** Illegal while FS is off, in V = 1 also while vsstatus.FS is; the call is rare. */
export const FP_GUARD = 'if ((mstatus & FS) == 0 || (virt && (vsstatus & FS) == 0)) { float_illegal(); }';

/** Sign injection on the sign bit `sign`; the other bits come from rs1. */
const sgnj = (suffix: 's' | 'd', base: number): Instruction[] => {
  const sign = suffix === 's' ? '0x80000000' : '0x8000000000000000';
  const read = (register: string) => (suffix === 's' ? unboxed(register) : register);
  const box = suffix === 's' ? `${NAN_BOX} | ` : '';
  const make = (name: string, funct3: number, chosen: string) =>
    row(
      `${name}.${suffix}`,
      R,
      (base | (funct3 << 12)) >>> 0,
      FUNCT7,
      'alu',
      `
      ${FP_GUARD} let a = ${read('frs1')}; let b = ${read('frs2')};
      frd = ${box}(a & ~${sign}) | (${chosen} & ${sign});`,
      { rd: true, rs1: true, rs2: true },
    );
  return [make('fsgnj', 0, 'b'), make('fsgnjn', 1, '~b'), make('fsgnjx', 2, '(a ^ b)')];
};

/** Loads, stores and moves of F and D ("Unprivileged ISA", chapters 22 and 23): FP contexts are real, arithmetic is not here. */
export const FD: readonly Instruction[] = [
  row('flw', LOAD, 0x2007, FUNCT3, 'load', `${FP_GUARD} frd = load32u(rs1 + imm) | ${NAN_BOX};`, { rd: true }),
  row('fld', LOAD, 0x3007, FUNCT3, 'load', `${FP_GUARD} frd = load64(rs1 + imm);`, { rd: true }),
  row('fsw', S, 0x2027, FUNCT3, 'store', `${FP_GUARD} store32(rs1 + imm, frs2);`, { rs2: true }),
  row('fsd', S, 0x3027, FUNCT3, 'store', `${FP_GUARD} store64(rs1 + imm, frs2);`, { rs2: true }),
  row('fmv.x.w', R2, 0xe0000053, MOVE_MASK, 'alu', `${FP_GUARD} rd = sext32(frs1);`, { rs1: true }),
  row('fmv.w.x', R2, 0xf0000053, MOVE_MASK, 'alu', `${FP_GUARD} frd = rs1 | ${NAN_BOX};`, { rd: true }),
  row('fmv.x.d', R2, 0xe2000053, MOVE_MASK, 'alu', `${FP_GUARD} rd = frs1;`, { rs1: true }),
  row('fmv.d.x', R2, 0xf2000053, MOVE_MASK, 'alu', `${FP_GUARD} frd = rs1;`, { rd: true }),
  ...sgnj('s', 0x20000053),
  ...sgnj('d', 0x22000053),
];
