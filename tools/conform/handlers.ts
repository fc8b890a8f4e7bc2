import { CELLS, CODE_BITS, HARNESS_BYTES, LOG_ENTRY, RAM_BASE } from './layout.ts';

/**
 * The trap handlers of M, HS and VS mode. Each writes what it was told into the log, skips the instruction and returns. They
 * use x28 to x30, which they save in the cells, and M-mode x31, which is the harness's anyway.
 *
 * A word RAISE with a payload in its upper half makes interrupts of lower modes pending and enables them, as far as the level
 * that takes the trap may: so they are taken at the instruction that follows, in whatever mode that runs.
 *
 * A segment ends where `ecall` is followed by a halfword 0; also by a trap in the harness itself (a handler below M-mode asks
 * for the end so), by a failed fetch, and when it has trapped too often.
 */

/** Bytes from CELLS. */
export const CELL = {
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

/** An opcode for custom instructions, which no machine has. */
export const RAISE = 0x000b;
/** SSI, STI and SEI. */
export const RAISED_HOST = 0x222;
/** VSSI and VSEI. VSTI is left out: with Sstc not everyone lets it be written. */
export const RAISED_GUEST = 0x404;
const ILLEGAL_INSTRUCTION = 2;

const FETCH_CAUSES = (1 << 0) | (1 << 1) | (1 << 12) | (1 << 20);
const PAGE_BITS = Math.log2(HARNESS_BYTES);

/** x28 to x30 (t3 to t5) scratch, t5 = cells; leaves epc behind what trapped. */
const classify = (prefix: string, epc: string, cause: string, abort: string) => `
  csrr t3, ${epc}
  srli t3, t3, ${PAGE_BITS}
  li t4, ${RAM_BASE} >> ${PAGE_BITS}
  beq t3, t4, ${abort}
  csrr t3, ${cause}
  bltz t3, ${prefix}_interrupt
${prefix}_exception:
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
${prefix}_marked:
  csrr t3, ${cause}
  addi t3, t3, -8
  sltiu t3, t3, 4
  bnez t3, ${abort}
${prefix}_skip:
  csrr t3, ${epc}
  add t3, t3, t4
  csrw ${epc}, t3
  csrr t4, ${cause}
  addi t4, t4, -${ILLEGAL_INSTRUCTION}
  beqz t4, ${prefix}_raise
`;

/** Out of the way of the usual trap. `set` makes pending and enables what is in t4, with t3 free. */
const raise = (prefix: string, set: string) => `
${prefix}_raise:
  slli t3, t3, ${64 - CODE_BITS}
  srli t3, t3, ${64 - CODE_BITS}
  ld t4, ${CELL.region}(t5)
  add t3, t3, t4
  lhu t4, -4(t3)
  addi t4, t4, -${RAISE}
  bnez t4, ${prefix}_return
  lhu t4, -2(t3)
  ${set}
  j ${prefix}_return
`;
/** The bits of t4 that are in a mask, into a register of interrupts. */
const raiseIn = (mask: number, ...csrs: string[]) =>
  `andi t3, t4, ${mask}\n${csrs.map((csr) => `csrs ${csr}, t3\n`).join('')}`;

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

export const MACHINE_HANDLER = `
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
${raise('_m', raiseIn(RAISED_HOST, 'mip', 'mie') + raiseIn(RAISED_GUEST, 'hvip', 'mie'))}
`;

const lowerHandler = (
  name: string,
  scratch: string,
  save: number,
  level: number,
  extra: string,
  mask: string,
  set: string,
) => `
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
${raise(name, set)}
${name}_abort:
  ecall
  .half 0
  .half 0
`;

export const HYPERVISOR_HANDLER = lowerHandler(
  '_hs',
  'sscratch',
  CELL.hypervisorSave,
  LEVELS.hypervisor,
  `${logCsr('htval', 32)} ${logCsr('htinst', 40)} ${logCsr('hstatus', 48)}`,
  'csrc sie, t4\n csrc hie, t4',
  raiseIn(RAISED_HOST, 'sip', 'sie') + raiseIn(RAISED_GUEST, 'hvip', 'hie'),
);
export const GUEST_HANDLER = lowerHandler(
  '_vs',
  'sscratch',
  CELL.guestSave,
  LEVELS.guest,
  '',
  'csrc sie, t4',
  raiseIn(RAISED_HOST, 'sip', 'sie'),
);
