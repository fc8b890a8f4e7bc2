import { CELL, GUEST_HANDLER, HYPERVISOR_HANDLER, MACHINE_HANDLER } from './handlers.ts';
import {
  CELLS,
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
 * The fixed part of every batch: resets the machine before each program, enters its segments in M-mode one after the other,
 * and writes the whole state down when one ends. x31 is the harness's at all times.
 */

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
${MACHINE_HANDLER}
_abort:                        # the segment is over: t3 to t5 are saved, t5 = cells
  csrr t6, minstret
  ld t4, ${CELL.retired}(t5)
  sub t6, t6, t4
  sd t6, ${CELL.retired}(t5)
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
  ld t4, ${CELL.retired}(t5)
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
${HYPERVISOR_HANDLER}
${GUEST_HANDLER}
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
