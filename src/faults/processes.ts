// Directed acts of a process: /init of a strange kernel reads the mailbox as a guest's own saboteur does, and acts by what
// root may do, devices and foreign memory through /dev/mem. scenarios/linux-init.sh is one; before each unit of its work it
// calls sync(2), where the harness finds it.

import type { Aim, AimGuest, FaultClass } from './classes/fault-class.ts';
import { BUG } from './saboteur.ts';

/** The place that such a guest has: the kernel's end of that call. */
export const PROCESS_POLL = 'process_poll';

/** What such an /init does. */
export const PROCESS_ACTS: readonly number[] = [
  BUG.STORE64,
  BUG.STORE32,
  BUG.LOAD64,
  BUG.SBI_RESET,
  BUG.DMA,
  BUG.CONSOLE_FLOOD,
  BUG.PANIC,
  BUG.SPIN,
  BUG.DEPLETE_MEMORY,
  BUG.FORK_BOMB,
  BUG.REAL_TIME_LOOP,
];

const NOBODY: AimGuest = { index: 0, memory: { base: 0, size: 0 }, dmaSource: 0, symbol: () => 0 };

/** Aimed at nothing, an act still tells which one it is. */
const NOWHERE: Aim = {
  from: NOBODY,
  to: NOBODY,
  layerTrapHandler: 0,
  firmware: 0,
  board: {
    finisher: 0,
    finisherPass: 0,
    mtimecmp: 0,
    mtime: 0,
    doorbell: 0,
    plicMachineEnable: 0,
    dma: () => 0,
    plicPriority: () => 0,
  },
};

export function isActOfProcesses({ arm }: Pick<FaultClass, 'arm'>): boolean {
  return arm !== undefined && PROCESS_ACTS.includes(arm(NOWHERE).bug);
}
