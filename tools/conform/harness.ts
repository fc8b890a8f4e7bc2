import {
  CELLS,
  CODE_BITS,
  DUMP,
  DUMP_BYTES,
  DUMP_CSR,
  DUMP_F,
  HARNESS_BYTES,
  HEADER_ENTRIES,
  HEADER_ENVCFG,
  HEADER,
  HEADER_F,
  HEADER_X,
  LOG,
  LOG_ENTRY,
  RAM_BASE,
  REGION_SHIFT,
  REGIONS,
  SEGMENT_TRAPS,
} from './layout.ts';

/**
 * The fixed part of every batch: resets the machine before each program, takes the traps of M, HS and VS mode, skips what
 * trapped, and writes the whole state down when a segment ends. It owns x31 at all times; x29 and x30 (M), and x28 to x30
 * (HS, VS) are saved in the cells while a handler runs.
 *
 * A segment ends with `ecall` and a halfword 0 behind it; also by a trap in the harness itself (a handler below M-mode asks
 * for the end so), by a failed fetch, and when it has trapped too often.
 */

/** Bytes from CELLS. */
const CELL = {
  index: 0,
  count: 8,
  region: 16,
  segment: 24,
  log: 32,
  logLimit: 40,
  retired: 192,
  machineSave: 48,
  hypervisorSave: 96,
  guestSave: 144,
} as const;
export const COUNT_CELL = CELLS + CELL.count;

/** Where a level tells what of its last trap, by offset in the log entry. */
export const LOG_FIELDS = ['cause', 'epc', 'tval', 'status', 'tval2', 'tinst', 'hstatus', 'level'] as const;
export const LEVELS = { machine: 3, hypervisor: 1, guest: 2 } as const;

const FETCH_CAUSES = (1 << 0) | (1 << 1) | (1 << 12) | (1 << 20);
const PAGE_BITS = Math.log2(HARNESS_BYTES);

/** x28 (t3): new entry, x29 and x30 (t4, t5) scratch on entry; ends with t5 = cells and t4 = the length of what trapped. */
const classify = (prefix: string, epc: string, cause: string, abort: string) => `
  csrr t3, ${epc}
  srli t3, t3, ${PAGE_BITS}
  li t4, ${RAM_BASE} >> ${PAGE_BITS}
  beq t3, t4, ${abort}
  csrr t3, ${cause}
  bltz t3, ${prefix}_interrupt
  li t4, ${FETCH_CAUSES}
  srl t4, t4, t3
  andi t4, t4, 1
  bnez t4, ${abort}
  # The instruction, at its place in the region whatever alias it ran under.
  ld t3, ${CELL.region}(t5)
  csrr t4, ${epc}
  slli t4, t4, ${64 - CODE_BITS}
  srli t4, t4, ${64 - CODE_BITS}
  add t3, t3, t4
  lhu t4, 0(t3)
  andi t4, t4, 3
  addi t4, t4, -3
  seqz t4, t4
  slli t4, t4, 1
  addi t4, t4, 2
  add t3, t3, t4
  lhu t3, 0(t3)
  bnez t3, ${prefix}_skip
  csrr t3, ${cause}
  addi t3, t3, -8
  sltiu t3, t3, 4
  bnez t3, ${abort}
${prefix}_skip:
  csrr t3, ${epc}
  add t3, t3, t4
  csrw ${epc}, t3
`;

/** Takes a log entry into t4 before anything is written, so that a trap in between has its own. */
const logEntry = (level: number) => `
  ld t4, ${CELL.log}(t5)
  addi t3, t4, ${LOG_ENTRY}
  sd t3, ${CELL.log}(t5)
  li t3, ${level}
  sd t3, 56(t4)
`;
const logCsr = (name: string, offset: number) => `csrr t3, ${name}\n sd t3, ${offset}(t4)\n`;
const checkLimit = (abort: string) => `
  ld t3, ${CELL.log}(t5)
  ld t4, ${CELL.logLimit}(t5)
  bgeu t3, t4, ${abort}
`;

const MACHINE = `
_m_handler:
  lui t6, 0x20                 # MPRV: the stores below are physical
  csrrc t6, mstatus, t6
  csrw mscratch, t5
  la t5, ${CELLS}
  sd t4, ${CELL.machineSave}(t5)
  sd t3, ${CELL.machineSave + 16}(t5)
  csrr t4, mscratch
  sd t4, ${CELL.machineSave + 8}(t5)
  ${logEntry(LEVELS.machine)}
  sd t6, 24(t4)
  ${logCsr('mcause', 0)} ${logCsr('mepc', 8)} ${logCsr('mtval', 16)} ${logCsr('mtval2', 32)} ${logCsr('mtinst', 40)}
  ${checkLimit('_abort')}
  ${classify('_m', 'mepc', 'mcause', '_abort')}
_m_return:
  csrr t3, mstatus
  srli t3, t3, 11
  andi t3, t3, 3
  addi t3, t3, -3
  bnez t3, 1f
  lui t4, 0x20                 # back to M-mode: MPRV as it was, no access follows here that it would change
  and t4, t4, t6
  csrs mstatus, t4
1:
  ld t3, ${CELL.machineSave + 16}(t5)
  ld t4, ${CELL.machineSave}(t5)
  ld t5, ${CELL.machineSave + 8}(t5)
  mret
_m_interrupt:
  li t4, 1
  sll t4, t4, t3
  csrc mie, t4
  j _m_return
`;

const lower = (name: string, scratch: string, save: number, level: number, extra: string, mask: string) => `
${name}_handler:
  csrw sscratch, t5
  la t5, ${CELLS}
  sd t4, ${save}(t5)
  sd t3, ${save + 16}(t5)
  csrr t4, ${scratch}
  sd t4, ${save + 8}(t5)
  ${logEntry(level)}
  ${logCsr('scause', 0)} ${logCsr('sepc', 8)} ${logCsr('stval', 16)} ${logCsr('sstatus', 24)} ${extra}
  ${checkLimit(`${name}_abort`)}
  ${classify(name, 'sepc', 'scause', `${name}_abort`)}
${name}_return:
  ld t3, ${save + 16}(t5)
  ld t4, ${save}(t5)
  ld t5, ${save + 8}(t5)
  sret
${name}_interrupt:
  li t4, 1
  sll t4, t4, t3
  ${mask}
  j ${name}_return
${name}_abort:
  ecall
  .half 0
  .half 0
`;

/** Vectored and direct mode may both point here: sixteen entries, the first for exceptions. */
const vectors = (name: string) => `
  .balign 256
${name}_vectors:
${`  jal zero, ${name}_handler\n`.repeat(16)}
`;

/** Registers with the value they have when a program starts, in this order. */
export type Reset = readonly (readonly [csr: string, value: bigint])[];

const storeX = () => {
  const plain = Array.from({ length: 27 }, (_, i) => `sd x${i + 1}, ${i * 8}(t6)\n`).join('');
  const saved = [CELL.machineSave + 16, CELL.machineSave, CELL.machineSave + 8]
    .map((cell, i) => `ld t4, ${cell}(t5)\n sd t4, ${(27 + i) * 8}(t6)\n`)
    .join('');
  return plain + saved;
};
const eachF = (op: string, base: number) =>
  Array.from({ length: 32 }, (_, i) => `${op} f${i}, ${base + 8 * i}(t6)\n`).join('');

const NEEDS_FS = new Set(['fflags', 'frm', 'fcsr']);

/** The text of the harness. `dumped`: CSRs of the dump, in order. */
export function harnessText(dumped: readonly string[], reset: Reset): string {
  const dump = (floating: boolean) =>
    dumped
      .map((name, i) => (NEEDS_FS.has(name) === floating ? `csrr t4, ${name}\n sd t4, ${DUMP_CSR + 8 * i}(t6)\n` : ''))
      .join('');
  return `
_start:
  csrr t0, mhartid             # more harts than one only wait
  bnez t0, _park
  la t0, _m_vectors
  csrw mtvec, t0
  li t0, 0x2004000             # mtimecmp
  li t1, -1
  sd t1, 0(t0)
_next_program:
  la t6, ${CELLS}
  ld t5, ${CELL.index}(t6)
  ld t4, ${CELL.count}(t6)
  beq t5, t4, _finish
  addi t4, t5, 1
  sd t4, ${CELL.index}(t6)
  slli t5, t5, ${REGION_SHIFT}
  li t4, ${REGIONS}
  add t5, t5, t4
  sd t5, ${CELL.region}(t6)
  li t4, ${LOG}
  add t4, t4, t5
  sd t4, ${CELL.log}(t6)
  sd zero, ${CELL.segment}(t6)
${reset.map(([csr, value]) => `  li t4, ${value}\n  csrw ${csr}, t4\n`).join('')}
  la t4, _hs_vectors
  csrw stvec, t4
  la t4, _vs_vectors
  csrw vstvec, t4
  sfence.vma
  hfence.vvma
  hfence.gvma
  li t4, 3 << 13               # FS, for the registers
  csrs mstatus, t4
  li t6, ${HEADER}
  add t6, t6, t5
  ld t3, ${HEADER_ENVCFG - HEADER}(t6)
  csrw henvcfg, t3
  csrw menvcfg, t3
  csrw mip, zero               # STIP, which Sstc keeps from being written
  ${eachF('fld', HEADER_F - HEADER)}
  csrw fcsr, zero
  csrc mstatus, t4
  ${Array.from({ length: 30 }, (_, i) => `ld x${i + 1}, ${HEADER_X - HEADER + 8 * i}(t6)\n`).join('')}
  csrw mscratch, t5
  la t5, ${CELLS}
  sd t4, ${CELL.machineSave}(t5)
  sd t3, ${CELL.machineSave + 16}(t5)
  csrr t4, mscratch
  sd t4, ${CELL.machineSave + 8}(t5)
  csrw mscratch, zero
_enter_segment:                # t5 = cells; t3 to t5 wait in the save area
  ld t4, ${CELL.log}(t5)
  li t3, ${LOG_ENTRY * SEGMENT_TRAPS}
  add t4, t4, t3
  sd t4, ${CELL.logLimit}(t5)
  ld t3, ${CELL.region}(t5)
  ld t4, ${CELL.segment}(t5)
  slli t4, t4, 3
  add t3, t3, t4
  li t4, ${HEADER_ENTRIES}
  add t3, t3, t4
  ld t6, 0(t3)
  csrr t4, minstret
  sd t4, ${CELL.retired}(t5)
  ld t3, ${CELL.machineSave + 16}(t5)
  ld t4, ${CELL.machineSave}(t5)
  ld t5, ${CELL.machineSave + 8}(t5)
  jr t6
${vectors('_m')}
${vectors('_hs')}
${vectors('_vs')}
${MACHINE}
_abort:                        # the segment is over: t3 to t5 are saved, t5 = cells
  ld t6, ${CELL.segment}(t5)
  slli t6, t6, ${Math.log2(DUMP_BYTES)}
  ld t4, ${CELL.region}(t5)
  add t6, t6, t4
  li t4, ${DUMP}
  add t6, t6, t4
  ${storeX()}
  ${dump(false)}
  li t4, 3 << 13
  csrs mstatus, t4
  ${dump(true)}
  ${eachF('fsd', DUMP_F)}
  ld t4, ${CELL.log}(t5)
  sd t4, ${DUMP_CSR + 8 * dumped.length}(t6)
  csrr t4, minstret            # for the count of what ran, not for comparison
  ld t3, ${CELL.retired}(t5)
  sub t4, t4, t3
  sd t4, ${DUMP_CSR + 8 * dumped.length + 8}(t6)
  li t4, (1 << 3) | (1 << 17)  # MIE, MPRV
  csrc mstatus, t4
  li t4, 1 << 9                # a handler in HS-mode must reach M-mode by ecall
  csrc medeleg, t4
  la t4, _m_vectors
  csrw mtvec, t4
  la t4, _hs_vectors
  csrw stvec, t4
  la t4, _vs_vectors
  csrw vstvec, t4
  li t4, 0x2000000             # msip
  sw zero, 0(t4)
  fence.i
  ld t4, ${CELL.segment}(t5)
  addi t4, t4, 1
  sd t4, ${CELL.segment}(t5)
  ld t3, ${CELL.region}(t5)
  li t6, ${HEADER}
  add t3, t3, t6
  ld t3, 0(t3)
  bltu t4, t3, _enter_segment
  j _next_program
${lower('_hs', 'sscratch', CELL.hypervisorSave, LEVELS.hypervisor, `${logCsr('htval', 32)} ${logCsr('htinst', 40)} ${logCsr('hstatus', 48)}`, 'csrc sie, t4\n csrc hie, t4')}
${lower('_vs', 'sscratch', CELL.guestSave, LEVELS.guest, '', 'csrc sie, t4')}
_finish:
  la t0, tohost                # how Spike ends, which has no finisher; it looks every 5000 instructions
  li t1, 1
  sd t1, 0(t0)
  li t2, 20000
1:
  addi t2, t2, -1
  bnez t2, 1b
  li t0, 0x100000
  li t1, 0x5555
  sw t1, 0(t0)
_park:
  csrw mie, zero
  wfi
  j _park
  .balign 8
tohost:
  .dword 0
fromhost:
  .dword 0
  .org ${RAM_BASE + HARNESS_BYTES}
`;
}
