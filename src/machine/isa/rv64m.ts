import { R } from './format.ts';
import { FUNCT7, type Instruction, row } from './instruction.ts';

/**
 * M extension, "RISC-V Unprivileged ISA", chapter 13. Division by zero gives all ones or the dividend, overflow gives
 * the dividend or 0 (table 11); Wasm traps on both, so the bodies ask first.
 */
export const RV64M: readonly Instruction[] = [
  row('mul', R, 0x02000033, FUNCT7, 'multiply', 'rd = rs1 * rs2;'),
  row('mulh', R, 0x02001033, FUNCT7, 'multiply', 'rd = mulhu(rs1, rs2) - ((rs1 >> 63) & rs2) - ((rs2 >> 63) & rs1);'),
  row('mulhsu', R, 0x02002033, FUNCT7, 'multiply', 'rd = mulhu(rs1, rs2) - ((rs1 >> 63) & rs2);'),
  row('mulhu', R, 0x02003033, FUNCT7, 'multiply', 'rd = mulhu(rs1, rs2);'),
  row('div', R, 0x02004033, FUNCT7, 'divide', 'rd = rs2 == 0 ? -1 : rs2 == -1 ? -rs1 : rs1 / rs2;'),
  row('divu', R, 0x02005033, FUNCT7, 'divide', 'rd = rs2 == 0 ? -1 : rs1 /u rs2;'),
  row('rem', R, 0x02006033, FUNCT7, 'divide', 'rd = rs2 == 0 ? rs1 : rs2 == -1 ? 0 : rs1 % rs2;'),
  row('remu', R, 0x02007033, FUNCT7, 'divide', 'rd = rs2 == 0 ? rs1 : rs1 %u rs2;'),
  row('mulw', R, 0x0200003b, FUNCT7, 'multiply', 'rd = sext32(rs1 * rs2);'),
  row(
    'divw',
    R,
    0x0200403b,
    FUNCT7,
    'divide',
    `
    let a = sext32(rs1); let b = sext32(rs2);
    rd = b == 0 ? -1 : sext32(a / b);`,
  ),
  row(
    'divuw',
    R,
    0x0200503b,
    FUNCT7,
    'divide',
    `
    let a = rs1 & 0xffffffff; let b = rs2 & 0xffffffff;
    rd = b == 0 ? -1 : sext32(a /u b);`,
  ),
  row(
    'remw',
    R,
    0x0200603b,
    FUNCT7,
    'divide',
    `
    let a = sext32(rs1); let b = sext32(rs2);
    rd = b == 0 ? a : sext32(a % b);`,
  ),
  row(
    'remuw',
    R,
    0x0200703b,
    FUNCT7,
    'divide',
    `
    let a = rs1 & 0xffffffff; let b = rs2 & 0xffffffff;
    rd = b == 0 ? sext32(a) : sext32(a %u b);`,
  ),
];
