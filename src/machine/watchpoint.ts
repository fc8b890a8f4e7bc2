import { NO_WORLD } from './hart/layout.ts';
import type { MachineMemory } from './memory.ts';

/** An instruction to stop before: its `count`-th execution by that world at that privilege, from 1. */
export interface Watch {
  readonly world: number;
  readonly privilege: 'U' | 'S';
  readonly pc: bigint;
  readonly count: number;
}

/** Counts executions of one virtual pc, over all address spaces of its world. */
export class Watchpoint {
  /** Executions so far. */
  hits = 0;
  private at: Watch | undefined;
  private stopped = false;
  private readonly memory: MachineMemory;

  constructor(memory: MachineMemory) {
    this.memory = memory;
  }

  get armed(): boolean {
    return this.at !== undefined;
  }

  set(watch: Watch | undefined): void {
    this.at = watch;
    this.hits = 0;
    this.stopped = false;
    for (const hart of this.memory.harts) {
      hart.setWide('watch_page', watch === undefined ? 1n : watch.pc & ~0xfffn);
      hart.set('watch_offset', watch === undefined ? 0 : Number(watch.pc & 0xfffn));
      hart.set('watch_priv', watch?.privilege === 'S' ? 1 : 0);
      hart.set('watch_world', watch?.world ?? NO_WORLD);
    }
  }

  /** The instruction is about to run; true to stop before it. Going on after a stop does not count it twice. */
  hit(): boolean {
    if (this.stopped) {
      this.stopped = false;
      return false;
    }
    this.hits++;
    this.stopped = this.hits === this.at?.count;
    return this.stopped;
  }
}
