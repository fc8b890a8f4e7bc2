// Every fault class of the design, runnable or not: `list faults` prints it, and an experiment finds its arm here.

import { calls } from './classes/calls.ts';
import { devices } from './classes/devices.ts';
import { exchange } from './classes/exchange.ts';
import { type FaultClass, prunedClass } from './classes/fault-class.ts';
import { hardware } from './classes/hardware.ts';
import { memory } from './classes/memory.ts';
import { privilege } from './classes/privilege.ts';
import { software } from './classes/software.ts';
import { timing } from './classes/timing.ts';
import type { Prunable } from './uses.ts';

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

/** What of a guest's state each class flips one bit of, where every use of it can be seen. */
const PRUNED: Readonly<Record<string, Prunable>> = {
  'HWF-1': 'registers',
  'HWF-4-data': 'data',
  'HWF-4-stack': 'stack',
};

/** Apart from the catalogue: they are classes of it, drawn in another way. */
const prunedClasses: readonly FaultClass[] = catalogue.flatMap((fault) => {
  const uses = PRUNED[fault.id];
  return uses === undefined ? [] : [prunedClass(fault, uses)];
});

export const prunable: readonly string[] = Object.keys(PRUNED);

/** That class as pruning draws it; undefined where it cannot. */
export function prunedFor(id: string): FaultClass | undefined {
  return id in PRUNED ? findClass(`${id}-pruned`) : undefined;
}

export function findClass(id: string): FaultClass | undefined {
  return [...catalogue, ...prunedClasses].find((fault) => fault.id === id);
}

export const directedClasses: readonly FaultClass[] = catalogue.filter((fault) => fault.arm !== undefined);
