// The registers as GDB knows them. Numbers are those that its RISC-V port uses itself: x, pc, f, then CSRs from 65 on.

import { CSR_NAMES, type CsrName } from '../machine/index.ts';

export const PC = 32;
export const FIRST_F = 33;
const FIRST_CSR = 65;
export const PRIVILEGE = FIRST_CSR + 4096;
/** Above every register number. */
export const REGISTER_LIMIT = PRIVILEGE + 1;
/** The registers that one `g` packet carries; GDB asks for the others one by one. */
export const GENERAL = PC + 1;

const X_NAMES =
  'zero ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
const F_NAMES =
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'.split(
    ' ',
  );

const csrs = new Map(CSR_NAMES.map((csr) => [FIRST_CSR + csr.number, csr]));

export function csrOf(number: number): CsrName | undefined {
  return csrs.get(number);
}

const POINTERS: Readonly<Record<string, string>> = { ra: 'code_ptr', sp: 'data_ptr', gp: 'data_ptr', tp: 'data_ptr' };

function register(number: number, name: string, type: string, group = ''): string {
  const member = group === '' ? '' : ` group="${group}" save-restore="no"`;
  return `<reg name="${name}" bitsize="64" type="${type}" regnum="${number}"${member}/>`;
}

/** The document `target.xml`: "Debugging with GDB", appendix G.5.13. */
export function describeTarget(): string {
  const double = '<field name="float" type="ieee_single"/><field name="double" type="ieee_double"/>';
  const lines = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
    '<target version="1.0">',
    '<architecture>riscv:rv64</architecture>',
    '<feature name="org.gnu.gdb.riscv.cpu">',
    ...X_NAMES.map((name, number) => register(number, name, POINTERS[name] ?? 'int')),
    register(PC, 'pc', 'code_ptr'),
    '</feature>',
    '<feature name="org.gnu.gdb.riscv.fpu">',
    `<union id="riscv_double">${double}</union>`,
    ...F_NAMES.map((name, index) => register(FIRST_F + index, name, 'riscv_double')),
    '</feature>',
    '<feature name="org.gnu.gdb.riscv.csr">',
    ...[...csrs].map(([number, { name }]) => register(number, name, 'int', 'csr')),
    '</feature>',
    '<feature name="org.gnu.gdb.riscv.virtual">',
    register(PRIVILEGE, 'priv', 'int', 'general'),
    '</feature>',
    '</target>',
  ];
  return lines.join('\n');
}
