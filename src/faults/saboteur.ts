// The directed bugs that every own guest links; numbers are generated from src/guests/saboteur/saboteur.h.

import { constants } from '../../images/index.ts';

/** By their names in C, without the prefix. */
export const BUG = {
  NONE: constants.BUG_NONE,
  STORE64: constants.BUG_STORE64,
  STORE32: constants.BUG_STORE32,
  LOAD64: constants.BUG_LOAD64,
  SBI_RESET: constants.BUG_SBI_RESET,
  SPIN_MASKED: constants.BUG_SPIN_MASKED,
  DMA: constants.BUG_DMA,
  CONSOLE_FLOOD: constants.BUG_CONSOLE_FLOOD,
  TRAP_STORM: constants.BUG_TRAP_STORM,
  DOUBLE_FAULT: constants.BUG_DOUBLE_FAULT,
} as const;

/** What a guest reads from its monitor page: do `bug` once, when the unit of work `work` begins. */
export interface Mailbox {
  readonly bug: number;
  readonly target: bigint;
  readonly value: bigint;
  readonly work: number;
}
