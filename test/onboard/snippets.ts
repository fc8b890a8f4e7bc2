// Pieces of assembly that guests of several tests begin with.

/** s4 = the guest's DMA channel, told what to copy; 3 in its control word (24(s4)) starts it, with an interrupt at the end. */
export const transferOf = (bytes: number | string, from = 'DATA', to = from): string => `
  li s4, DMA
  li t0, ${from}
  sd t0, 0(s4)
  li t0, ${to}
  sd t0, 8(s4)
  li t0, ${bytes}
  sd t0, 16(s4)
`;

/** Sleeps to the time in s1, interrupts off; then t0 = how many ticks later it is. */
export const SLEEP = `
  csrw stimecmp, s1
902:
  wfi
  csrr t0, sip
  andi t0, t0, 0x20
  beqz t0, 902b
  csrr t0, time
  sub t0, t0, s1
`;

/** A whole guest that counts what it gets done, and nothing else: a heartbeat for 1000 turns. */
export const WORKER = `
  li s0, MONITOR + MONITOR_HEARTBEAT
1:
  li t0, 1000
2:
  addi t0, t0, -1
  bnez t0, 2b
  sd zero, 0(s0)
  j 1b
`;
