// Where random faults strike: uniform over the faulty guest's own instructions in the native run.

import type { Point } from './fault.ts';
import type { Golden } from './observation.ts';
import { digestContext, type Rig, type RigGuest, rigGuest } from './rig.ts';

/** No run gets so far: a watch with this count only counts. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Stops where the guest has retired `instret` instructions of its own since the reset vector, coming from an earlier moment. */
function runTo(native: Rig, guest: RigGuest, instret: number): void {
  native.machine.stopAtInstret(guest.index, instret);
  if (native.machine.run(native.patience).kind !== 'instret') {
    throw new RangeError(`guest ${guest.index} retires fewer than ${instret} instructions in mode ${native.mode}`);
  }
}

/** The instruction that the guest executes after `instret` others of its own, and its how-manieth execution that is since
 * the last moment kept: one run finds the instruction, a second one counts it. */
export function locatePoint(native: Rig, golden: Golden, index: number, instret: number): Point {
  const { machine } = native;
  const guest = rigGuest(native, index);
  const unit = golden.moments.unitBefore(guest, instret);
  // A mark at that very number may lie behind it: time may have passed since.
  golden.marks.restoreLast(native, ({ own }) => (own.get(index) ?? 0) < instret);
  runTo(native, guest, instret);
  const { pc, privilege } = machine;
  if (privilege !== 'U' && privilege !== 'S') throw new RangeError(`a guest cannot be in mode ${privilege}`);
  const context = digestContext(native, guest);

  golden.moments.restore(native, guest, unit);
  machine.watch({ world: index, privilege, pc, count: NEVER });
  runTo(native, guest, instret);
  const count = machine.watched + 1;
  machine.watch(undefined);
  return { unit, privilege, pc, count, context };
}
