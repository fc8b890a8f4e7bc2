import { R, SHIFT6 } from './format.ts';
import { FUNCT7, type Instruction, row, SHIFT6_MASK } from './instruction.ts';

/** Zba, "RISC-V Unprivileged ISA", chapter 30.3: addresses of array elements, with indices of 32 bits where the name ends in `.uw`. */
const shiftAdd = (shift: 1 | 2 | 3): Instruction[] => [
  row(`sh${shift}add`, R, 0x20000033 | (shift << 13), FUNCT7, 'alu', `rd = (rs1 << ${shift}) + rs2;`),
  row(`sh${shift}add.uw`, R, 0x2000003b | (shift << 13), FUNCT7, 'alu', `rd = ((rs1 & 0xffffffff) << ${shift}) + rs2;`),
];

export const ZBA: readonly Instruction[] = [
  row('add.uw', R, 0x0800003b, FUNCT7, 'alu', 'rd = (rs1 & 0xffffffff) + rs2;'),
  ...shiftAdd(1),
  ...shiftAdd(2),
  ...shiftAdd(3),
  row('slli.uw', SHIFT6, 0x0800101b, SHIFT6_MASK, 'alu', 'rd = (rs1 & 0xffffffff) << imm;'),
];
