// The directed bugs that every own guest links: numbers of src/guests/saboteur/saboteur.h.

export const BUG = {
  NONE: 0,
  STORE64: 1,
  STORE32: 2,
  LOAD64: 3,
  SBI_RESET: 4,
  SPIN_MASKED: 5,
  DMA: 6,
  JUMP: 7,
  CONSOLE_FLOOD: 8,
  TRAP_STORM: 9,
  DOUBLE_FAULT: 10,
  PANIC: 11,
  TIMER_ABUSE: 12,
  STORE64_REPEATED: 13,
  WFI_MASKED: 14,
  SPIN: 15,
} as const;

/** What a guest reads from its monitor page: do `bug` once, when the unit of work `work` begins. */
export interface Mailbox {
  readonly bug: number;
  readonly target: bigint;
  readonly value: bigint;
  readonly work: number;
}
