// Every fault class of the design, runnable or not: `list faults` prints it, and an experiment finds its arm here.

import { calls } from './classes/calls.ts';
import { devices } from './classes/devices.ts';
import { exchange } from './classes/exchange.ts';
import type { FaultClass } from './classes/fault-class.ts';
import { hardware } from './classes/hardware.ts';
import { memory } from './classes/memory.ts';
import { privilege } from './classes/privilege.ts';
import { software } from './classes/software.ts';
import { timing } from './classes/timing.ts';

export const catalogue: readonly FaultClass[] = [
  ...memory,
  ...timing,
  ...exchange,
  ...privilege,
  ...devices,
  ...calls,
  ...hardware,
  ...software,
];

export function findClass(id: string): FaultClass | undefined {
  return catalogue.find((fault) => fault.id === id);
}

export const directedClasses: readonly FaultClass[] = catalogue.filter((fault) => fault.arm !== undefined);
