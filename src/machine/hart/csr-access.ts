import type { Block, FunctionNode } from '../wasm/ast.ts';
import { parseExpression, parseFunctions, parseStatements } from '../wasm/parse.ts';
import { CSRS, QUIET_ROWS } from './csrs.ts';

/** A function that runs the arm of CSR row `row`. */
function dispatch(
  name: string,
  result: 'i32' | 'i64' | undefined,
  value: boolean,
  arms: Block[],
  otherwise: string,
): FunctionNode {
  const parameters = [{ name: 'row', type: 'i32' as const }];
  return {
    name,
    parameters: value ? [...parameters, { name: 'value', type: 'i64' as const }] : parameters,
    result,
    body: [{ kind: 'switch', on: { kind: 'name', name: 'row' }, arms, otherwise: parseStatements(otherwise) }],
  };
}

const returning = (text: string): Block => [{ kind: 'return', value: parseExpression(text) }];

/** csr_denied, csr_read and csr_write, made from the rows. */
export const CSR_DISPATCH: readonly FunctionNode[] = [
  dispatch(
    'csr_denied',
    'i32',
    false,
    CSRS.map((row) => returning(row.denied ?? '0')),
    'return 1;',
  ),
  dispatch(
    'csr_read',
    'i64',
    false,
    CSRS.map((row) => returning(row.read)),
    'return 0;',
  ),
  dispatch(
    'csr_write',
    undefined,
    true,
    CSRS.map((row) => parseStatements(row.write ?? '')),
    '',
  ),
];

/** Access rules and the helpers the rows use. "Privileged ISA", 2.1 for numbers, 15.6.1 for V = 1. */
export const CSR_FUNCTIONS = parseFunctions(`
// Returns the old value; kind 0 swaps, 1 sets, 2 clears bits.
fn csr_access(number: i32, operand: i64, kind: i32, reads: i32, writes: i32): i64 {
  let row = raw8(number + CSR_MAP);
  if (row == 0xff) { illegal(); return 0; }
  if (writes && (number >>> 10) == 3) { illegal(); return 0; }
  let need = (number >>> 8) & 3;
  if (virt) {
    if (need == 3) { illegal(); return 0; }
    if (need == 2 || (need == 1 && priv == 0)) {
      if (csr_denied(row) == 1) { illegal(); } else { virtual_instruction(); }
      return 0;
    }
    if (need == 1 && raw8(number + CSR_MAP + 0x100) != 0xff) {
      row = raw8(number + CSR_MAP + 0x100);
    }
  } else {
    let have = priv == 1 ? 2 : priv;
    if (have < need) { illegal(); return 0; }
  }
  let denied = csr_denied(row);
  if (denied == 1) { illegal(); return 0; }
  if (denied == 2) { virtual_instruction(); return 0; }
  let old: i64 = 0;
  if (reads || kind) { old = csr_read(row); }
  if (writes) {
    p += u64(cost_csr) << 20;
    let value = operand;
    if (kind) {
      // The SEIP that a read shows includes the controller's line, a read-modify-write keeps only the software bit (3.1.9).
      let base = old;
      if (number == 0x344) { base = (old & ~SEIP) | (mip & SEIP); }
      value = kind == 1 ? base | operand : base & ~operand;
    }
    let machine_status = mstatus;
    let guest_status = vsstatus;
    let moves_tables = caches != 0 && (number == 0x180 || number == 0x280 || number == 0x680);
    if (moves_tables) { speculate_widely(); }
    csr_write(row, value);
    if (moves_tables) { note_root(); speculate_widely(); }
    unsettled = row >=u ${QUIET_ROWS};
    // The status registers are written most, and mostly to hold interrupts back for a moment.
    if ((number & 0xcff) == 0) { unsettled = status_matters(machine_status, guest_status); }
  }
  return old;
}

// Do new values of mstatus and vsstatus matter to the loop (the soft-TLB bank, a flush), or do they let an interrupt in?
fn status_matters(machine_status: i64, guest_status: i64): i32 {
  let changed = (mstatus ^ machine_status) | (vsstatus ^ guest_status);
  if ((changed & (SUM | MXR | MPRV)) != 0 || (mstatus & MPRV) != 0) { return 1; }
  let opened = (mstatus & ~machine_status) | (vsstatus & ~guest_status);
  return (opened & (SIE | MIE)) != 0 && (mip_now() & mie) != 0;
}

fn status_view(bits: i64): i64 {
  return bits | UXL64 | ((bits & FS) == FS ? SD : 0);
}

fn set_mstatus(value: i64, mask: i64) {
  let next = (mstatus & ~mask) | (value & mask);
  // MPP = 2 is reserved: the old value stays.
  if ((next & MPP) == 0x1000) { next = (next & ~MPP) | (mstatus & MPP); }
  if (((next ^ mstatus) & MXR) != 0) { flush_soft(); }
  mstatus = next;
}

// Only H can be switched. Without it no virtual interrupt is pending or enabled, and no return enters a guest.
fn set_misa(value: i64) {
  misa = (misa & ~MISA_H) | (value & MISA_H);
  if ((misa & MISA_H) == 0) {
    mie = mie & ~H_BITS;
    hvip = 0;
    mstatus = mstatus & ~(MPV | GVA);
  }
}

fn set_vsstatus(value: i64) {
  if (((value ^ vsstatus) & MXR) != 0) { flush_soft(); }
  vsstatus = value & SSTATUS_WRITE;
}

// Bare, Sv39, Sv48 and Sv57 (and their x4 forms). A write with another mode changes nothing in satp and vsatp (12.1.11, 15.2.18);
// of hgatp it changes the other fields (15.2.10).
fn translation_mode_exists(value: i64): i32 {
  let mode = value >>> 60;
  return mode == 0 || (mode >= 8 && mode <= 10);
}

// The banks of the tables left keep what is derived of modelled entries. Without those nothing but a fence would end it.
fn moved_tables() {
  if (!modelled) { flush_soft(); }
}

// CBIE = 2 is reserved; 0 refuses what it would have said.
fn legal_envcfg(value: i64): i64 {
  return (value & CBIE) == 0x20 ? value & ~CBIE : value;
}

fn fp_off(): i32 {
  return (mstatus & FS) == 0 || (virt && (vsstatus & FS) == 0);
}

fn fp_dirty() {
  mstatus |= FS;
  if (virt) { vsstatus |= FS; }
}

// Sstc: "Privileged ISA" chapter 19 (menvcfg.STCE, mcounteren.TM, henvcfg.STCE, hcounteren.TM).
fn stimecmp_denied(): i32 {
  if (priv == 3) { return 0; }
  if ((menvcfg & STCE) == 0 || (mcounteren & 2) == 0) { return 1; }
  if (virt && ((henvcfg & STCE) == 0 || (hcounteren & 2) == 0)) { return 2; }
  return 0;
}

fn mulhu(a: i64, b: i64): i64 {
  let al = a & 0xffffffff; let ah = a >>> 32;
  let bl = b & 0xffffffff; let bh = b >>> 32;
  let mid = ah * bl + ((al * bl) >>> 32);
  let low = al * bh + (mid & 0xffffffff);
  return ah * bh + (mid >>> 32) + (low >>> 32);
}
`);
