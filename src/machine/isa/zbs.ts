import { R, SHIFT6 } from './format.ts';
import { FUNCT7, type Instruction, row, SHIFT6_MASK } from './instruction.ts';

/** With a register and with an immediate; a shift takes its amount modulo 64, and so does a bit number. */
const bit = (name: string, match: number, result: (bit: string) => string): Instruction[] => [
  row(name, R, match | 0x33, FUNCT7, 'alu', `rd = ${result('rs2')};`),
  row(`${name}i`, SHIFT6, match | 0x13, SHIFT6_MASK, 'alu', `rd = ${result('imm')};`),
];
const ONE = (n: string) => `(1 << ${n})`;

/** Zbs, "RISC-V Unprivileged ISA", chapter 30.6: single bits by their number. */
export const ZBS: readonly Instruction[] = [
  ...bit('bclr', 0x48001000, (n) => `rs1 & ~${ONE(n)}`),
  ...bit('bext', 0x48005000, (n) => `(rs1 >>> ${n}) & 1`),
  ...bit('binv', 0x68001000, (n) => `rs1 ^ ${ONE(n)}`),
  ...bit('bset', 0x28001000, (n) => `rs1 | ${ONE(n)}`),
];
