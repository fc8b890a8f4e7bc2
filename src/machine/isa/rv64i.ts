import { B, I, J, LOAD, NONE, R, S, SHIFT5, SHIFT6, U } from './format.ts';
import { FUNCT3, FUNCT7, type Instruction, row, SHIFT6_MASK, WHOLE } from './instruction.ts';

/** RV64I and Zifencei. "RISC-V Unprivileged ISA", chapters 2 and 4. */
export const RV64I: readonly Instruction[] = [
  row('lui', U, 0x37, 0x7f, 'alu', 'rd = imm;'),
  row('auipc', U, 0x17, 0x7f, 'alu', 'rd = pc + imm;'),
  row('jal', J, 0x6f, 0x7f, 'jump', 'rd = pc + len; jump(pc + imm);'),
  row('jalr', I, 0x67, FUNCT3, 'indirect', 'let target = (rs1 + imm) & ~1; rd = pc + len; jump(target);'),

  row('beq', B, 0x0063, FUNCT3, 'branch', 'branch(rs1 == rs2);'),
  row('bne', B, 0x1063, FUNCT3, 'branch', 'branch(rs1 != rs2);'),
  row('blt', B, 0x4063, FUNCT3, 'branch', 'branch(rs1 < rs2);'),
  row('bge', B, 0x5063, FUNCT3, 'branch', 'branch(rs1 >= rs2);'),
  row('bltu', B, 0x6063, FUNCT3, 'branch', 'branch(rs1 <u rs2);'),
  row('bgeu', B, 0x7063, FUNCT3, 'branch', 'branch(rs1 >=u rs2);'),

  row('lb', LOAD, 0x0003, FUNCT3, 'load', 'rd = load8s(rs1 + imm);'),
  row('lh', LOAD, 0x1003, FUNCT3, 'load', 'rd = load16s(rs1 + imm);'),
  row('lw', LOAD, 0x2003, FUNCT3, 'load', 'rd = load32s(rs1 + imm);'),
  row('ld', LOAD, 0x3003, FUNCT3, 'load', 'rd = load64(rs1 + imm);'),
  row('lbu', LOAD, 0x4003, FUNCT3, 'load', 'rd = load8u(rs1 + imm);'),
  row('lhu', LOAD, 0x5003, FUNCT3, 'load', 'rd = load16u(rs1 + imm);'),
  row('lwu', LOAD, 0x6003, FUNCT3, 'load', 'rd = load32u(rs1 + imm);'),
  row('sb', S, 0x0023, FUNCT3, 'store', 'store8(rs1 + imm, rs2);'),
  row('sh', S, 0x1023, FUNCT3, 'store', 'store16(rs1 + imm, rs2);'),
  row('sw', S, 0x2023, FUNCT3, 'store', 'store32(rs1 + imm, rs2);'),
  row('sd', S, 0x3023, FUNCT3, 'store', 'store64(rs1 + imm, rs2);'),

  row('addi', I, 0x0013, FUNCT3, 'alu', 'rd = rs1 + imm;'),
  row('slti', I, 0x2013, FUNCT3, 'alu', 'rd = u64(rs1 < imm);'),
  row('sltiu', I, 0x3013, FUNCT3, 'alu', 'rd = u64(rs1 <u imm);'),
  row('xori', I, 0x4013, FUNCT3, 'alu', 'rd = rs1 ^ imm;'),
  row('ori', I, 0x6013, FUNCT3, 'alu', 'rd = rs1 | imm;'),
  row('andi', I, 0x7013, FUNCT3, 'alu', 'rd = rs1 & imm;'),
  row('slli', SHIFT6, 0x00001013, SHIFT6_MASK, 'alu', 'rd = rs1 << imm;'),
  row('srli', SHIFT6, 0x00005013, SHIFT6_MASK, 'alu', 'rd = rs1 >>> imm;'),
  row('srai', SHIFT6, 0x40005013, SHIFT6_MASK, 'alu', 'rd = rs1 >> imm;'),

  row('add', R, 0x00000033, FUNCT7, 'alu', 'rd = rs1 + rs2;'),
  row('sub', R, 0x40000033, FUNCT7, 'alu', 'rd = rs1 - rs2;'),
  row('sll', R, 0x00001033, FUNCT7, 'alu', 'rd = rs1 << rs2;'),
  row('slt', R, 0x00002033, FUNCT7, 'alu', 'rd = u64(rs1 < rs2);'),
  row('sltu', R, 0x00003033, FUNCT7, 'alu', 'rd = u64(rs1 <u rs2);'),
  row('xor', R, 0x00004033, FUNCT7, 'alu', 'rd = rs1 ^ rs2;'),
  row('srl', R, 0x00005033, FUNCT7, 'alu', 'rd = rs1 >>> rs2;'),
  row('sra', R, 0x40005033, FUNCT7, 'alu', 'rd = rs1 >> rs2;'),
  row('or', R, 0x00006033, FUNCT7, 'alu', 'rd = rs1 | rs2;'),
  row('and', R, 0x00007033, FUNCT7, 'alu', 'rd = rs1 & rs2;'),

  row('addiw', I, 0x001b, FUNCT3, 'alu', 'rd = sext32(rs1 + imm);'),
  row('slliw', SHIFT5, 0x0000101b, FUNCT7, 'alu', 'rd = sext32(rs1 << imm);'),
  row('srliw', SHIFT5, 0x0000501b, FUNCT7, 'alu', 'rd = sext32((rs1 & 0xffffffff) >>> imm);'),
  row('sraiw', SHIFT5, 0x4000501b, FUNCT7, 'alu', 'rd = sext32(rs1) >> imm;'),
  row('addw', R, 0x0000003b, FUNCT7, 'alu', 'rd = sext32(rs1 + rs2);'),
  row('subw', R, 0x4000003b, FUNCT7, 'alu', 'rd = sext32(rs1 - rs2);'),
  row('sllw', R, 0x0000103b, FUNCT7, 'alu', 'rd = sext32(rs1 << (rs2 & 31));'),
  row('srlw', R, 0x0000503b, FUNCT7, 'alu', 'rd = sext32((rs1 & 0xffffffff) >>> (rs2 & 31));'),
  row('sraw', R, 0x4000503b, FUNCT7, 'alu', 'rd = sext32(rs1) >> (rs2 & 31);'),

  // Memory is sequentially consistent here, and stores to code are seen at once: both fences only take time.
  row('fence', NONE, 0x0000000f, FUNCT3, 'fence', ''),
  row('fence.i', NONE, 0x0000100f, FUNCT3, 'fence', ''),
  row('ecall', NONE, 0x00000073, WHOLE, 'system', 'trap(ecall_cause(), 0);'),
  row('ebreak', NONE, 0x00100073, WHOLE, 'system', 'trap(BREAKPOINT, pc);'),
];
