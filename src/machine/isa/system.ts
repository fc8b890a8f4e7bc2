import { CSR, CSRI, FENCES, HSV, LR, NONE } from './format.ts';
import { FENCE_MASK, FUNCT3, type Instruction, row, WHOLE } from './instruction.ts';

const HLV_MASK = 0xfff0707f;
const HSV_MASK = 0xfe007fff;

/** A CSR is not read where rd is x0 (csrrw), not written where rs1 is x0 or the immediate 0 ("Unprivileged ISA", 6.1). */
const csr = (name: string, funct3: number, kind: number): Instruction[] => {
  const reads = kind === 0 ? 'rd_number != 32' : '1';
  const writes = kind === 0 ? '1' : 'rs1_number != 0';
  const body = (operand: string) =>
    `let w: i32 = ${writes}; rd = csr_access(i32(imm), ${operand}, ${kind}, ${reads}, w); if (w && unsettled) { resume(); }`;
  return [
    row(name, CSR, 0x73 | (funct3 << 12), FUNCT3, 'csr', body('rs1')),
    row(`${name}i`, CSRI, 0x73 | ((funct3 + 4) << 12), FUNCT3, 'csr', body('u64(rs1_number)')),
  ];
};

/** Loads and stores of a hypervisor on behalf of a guest ("Privileged ISA", 15.3.1). */
const hlv = (suffix: string, match: number, size: number, result: string, execute = 0): Instruction =>
  row(
    suffix,
    LR,
    match,
    HLV_MASK,
    'load',
    `
    hypervisor_access(); sideways = ${1 + execute}; let v = load_slow(rs1, ${size}); rd = ${result};`,
  );
const hsv = (suffix: string, match: number, size: number): Instruction =>
  row(
    suffix,
    HSV,
    match,
    HSV_MASK,
    'store',
    `
    hypervisor_access(); sideways = 1; store_slow(rs1, rs2, ${size});`,
  );

/** Zicsr, the privileged instructions, and those of the hypervisor extension. */
export const SYSTEM: readonly Instruction[] = [
  ...csr('csrrw', 1, 0),
  ...csr('csrrs', 2, 1),
  ...csr('csrrc', 3, 2),
  row('mret', NONE, 0x30200073, WHOLE, 'return', 'machine_return(); arrive();'),
  row('sret', NONE, 0x10200073, WHOLE, 'return', 'supervisor_return(); arrive();'),
  row('wfi', NONE, 0x10500073, WHOLE, 'system', 'wait_for_interrupt(); resume();'),
  row(
    'sfence.vma',
    FENCES,
    0x12000073,
    FENCE_MASK,
    'fence',
    `
    fence_vma(rs1, rs2, rs1_number != 0, rs2_number != 0); resume();`,
  ),
  row(
    'hfence.vvma',
    FENCES,
    0x22000073,
    FENCE_MASK,
    'fence',
    `
    fence_vvma(rs1, rs2, rs1_number != 0, rs2_number != 0); resume();`,
  ),
  row(
    'hfence.gvma',
    FENCES,
    0x62000073,
    FENCE_MASK,
    'fence',
    `
    fence_gvma(rs1, rs2, rs1_number != 0, rs2_number != 0); resume();`,
  ),
  hlv('hlv.b', 0x60004073, 1, 'sext8(v)'),
  hlv('hlv.bu', 0x60104073, 1, 'v'),
  hlv('hlv.h', 0x64004073, 2, 'sext16(v)'),
  hlv('hlv.hu', 0x64104073, 2, 'v'),
  hlv('hlvx.hu', 0x64304073, 2, 'v', 1),
  hlv('hlv.w', 0x68004073, 4, 'sext32(v)'),
  hlv('hlv.wu', 0x68104073, 4, 'v'),
  hlv('hlvx.wu', 0x68304073, 4, 'v', 1),
  hlv('hlv.d', 0x6c004073, 8, 'v'),
  hsv('hsv.b', 0x62004073, 1),
  hsv('hsv.h', 0x66004073, 2),
  hsv('hsv.w', 0x6a004073, 4),
  hsv('hsv.d', 0x6e004073, 8),
];

/** Functions of the hart that may leave an exception: after a call the engine takes it before going on. */
export const FAULTING: ReadonlySet<string> = new Set([
  'float_illegal',
  'atomic',
  'cbo_manage',
  'cbo_zero',
  'load_reserved',
  'store_conditional',
  'csr_access',
  'wait_for_interrupt',
  'fence_vma',
  'fence_vvma',
  'fence_gvma',
  'fence_order',
  'hypervisor_access',
  'load_slow',
  'store_slow',
]);

/** Functions that leave the privilege level they were called in: after them comes arrive(). They may fault, too. */
export const RETURNS: ReadonlySet<string> = new Set(['machine_return', 'supervisor_return']);
