// The directed bugs that every own guest links; numbers are generated from src/guests/saboteur/saboteur.h.

import { constants } from '../../images/index.ts';

/** Directed acts are done by the saboteur that a guest has linked: its first function. */
export const SABOTEUR_POLL = 'saboteur_poll';

/** By their names in C, without the prefix. */
export const BUG = {
  NONE: constants.BUG_NONE,
  STORE64: constants.BUG_STORE64,
  STORE32: constants.BUG_STORE32,
  LOAD64: constants.BUG_LOAD64,
  SBI_RESET: constants.BUG_SBI_RESET,
  SPIN_MASKED: constants.BUG_SPIN_MASKED,
  DMA: constants.BUG_DMA,
  JUMP: constants.BUG_JUMP,
  CONSOLE_FLOOD: constants.BUG_CONSOLE_FLOOD,
  TRAP_STORM: constants.BUG_TRAP_STORM,
  DOUBLE_FAULT: constants.BUG_DOUBLE_FAULT,
  WFI_MASKED: constants.BUG_WFI_MASKED,
  SPIN: constants.BUG_SPIN,
  PAGE_TABLE: constants.BUG_PAGE_TABLE,
  FILL: constants.BUG_FILL,
  FILL_DOWN: constants.BUG_FILL_DOWN,
  CALL: constants.BUG_CALL,
  CALL_FOR_EVER: constants.BUG_CALL_FOR_EVER,
  PRIVILEGED: constants.BUG_PRIVILEGED,
  PANIC: constants.BUG_PANIC,
  DEPLETE_MEMORY: constants.BUG_DEPLETE_MEMORY,
  FORK_BOMB: constants.BUG_FORK_BOMB,
  REAL_TIME_LOOP: constants.BUG_REAL_TIME_LOOP,
} as const;

/** Instructions that the bug of that name executes. */
export const PRIVILEGED = {
  SATP: constants.PRIVILEGED_SATP,
  STVEC: constants.PRIVILEGED_STVEC,
  SIE: constants.PRIVILEGED_SIE,
  SSTATUS: constants.PRIVILEGED_SSTATUS,
  STIMECMP: constants.PRIVILEGED_STIMECMP,
  SCOUNTEREN: constants.PRIVILEGED_SCOUNTEREN,
  SENVCFG: constants.PRIVILEGED_SENVCFG,
  HSTATUS: constants.PRIVILEGED_HSTATUS,
  HGATP: constants.PRIVILEGED_HGATP,
  HVIP: constants.PRIVILEGED_HVIP,
  VSATP: constants.PRIVILEGED_VSATP,
  MSTATUS: constants.PRIVILEGED_MSTATUS,
  MTVEC: constants.PRIVILEGED_MTVEC,
  PMPADDR0: constants.PRIVILEGED_PMPADDR0,
  ABSENT_CSR: constants.PRIVILEGED_ABSENT_CSR,
  MRET: constants.PRIVILEGED_MRET,
  SFENCE_VMA: constants.PRIVILEGED_SFENCE_VMA,
  HFENCE_GVMA: constants.PRIVILEGED_HFENCE_GVMA,
  HFENCE_VVMA: constants.PRIVILEGED_HFENCE_VVMA,
  HLV: constants.PRIVILEGED_HLV,
  RESERVED: constants.PRIVILEGED_RESERVED,
} as const;

/** What a guest reads from its monitor page: do `bug` once, when the unit of work `work` begins. */
export interface Mailbox {
  readonly bug: number;
  readonly target: bigint;
  readonly value: bigint;
  readonly args?: readonly bigint[];
  readonly work: number;
}
