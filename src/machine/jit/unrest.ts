import type { MachineMemory } from '../memory.ts';

/** Soft-TLBs that are changed, or lose entries, once in so many instructions are restless. */
const INSTRUCTIONS_EACH = 2000;
/** Fewer instructions say nothing. */
const SAMPLE = 100_000;

/** Whether the machine does what kernels and hypervisors do, so that what sites keep would be lost sooner than it is used. */
export class Unrest {
  /** As last measured. */
  restless = false;
  private readonly memory: MachineMemory;
  private instructions = 0;
  private changes = 0;

  constructor(memory: MachineMemory) {
    this.memory = memory;
  }

  /** Measures, where enough has run since the last time. */
  measure(): void {
    const sum = (of: (hart: MachineMemory['current']) => number) =>
      this.memory.harts.reduce((total, hart) => total + of(hart), 0);
    const instructions = sum((hart) => hart.count('instret'));
    const changes = sum((hart) => hart.count('soft_age') + hart.get('bank_changes'));
    const ran = instructions - this.instructions;
    if (ran >= 0 && ran < SAMPLE) return;
    // After a restore the instructions begin anew.
    if (ran > 0) this.restless = (changes - this.changes) * INSTRUCTIONS_EACH > ran;
    this.instructions = instructions;
    this.changes = changes;
  }
}
