// Where random faults strike: uniform over the faulty guest's own instructions in the native run.

import type { Point } from './fault.ts';
import { digestContext, type Rig, restore, rigGuest } from './rig.ts';

/** No run gets so far: a watch with this count only counts. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Stops where the guest has retired `instret` instructions of its own since the reset vector. `whenRestored` sets what
 * must be watched on the way. */
function runTo(native: Rig, guest: number, inputSeed: number, instret: number, whenRestored: () => void): void {
  restore(native, inputSeed);
  whenRestored();
  native.machine.stopAtInstret(guest, instret);
  if (native.machine.run(native.patience).kind !== 'instret') {
    throw new RangeError(`guest ${guest} retires fewer than ${instret} instructions in mode ${native.mode}`);
  }
}

/** The instruction that the guest executes after `instret` others of its own, and its how-manieth execution that is:
 * one run finds the instruction, a second one counts it. */
export function locatePoint(native: Rig, guest: number, inputSeed: number, instret: number): Point {
  const { machine } = native;
  runTo(native, guest, inputSeed, instret, () => machine.watch(undefined));
  const { pc, privilege } = machine;
  if (privilege !== 'U' && privilege !== 'S') throw new RangeError(`a guest cannot be in mode ${privilege}`);
  const context = digestContext(native, rigGuest(native, guest));

  runTo(native, guest, inputSeed, instret, () => machine.watch({ world: guest, privilege, pc, count: NEVER }));
  const count = machine.watched + 1;
  machine.watch(undefined);
  return { privilege, pc, count, context };
}
