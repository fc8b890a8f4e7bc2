// Was a flipped register ever used? It is activated when the guest reads it before writing it.

import { instretOf, type Rig } from './rig.ts';

/** Own instructions of the guest after which we stop looking: a step costs a thousand times what running does. A later
 * use shows only if something comes of it, so the activated are at least, and rates per activated at most, what they
 * are. */
const PATIENCE = 1000;
/** Cycles the guest may be away (descheduled, idle) while we follow it. */
const AWAY = 20_000_000;

/** Steps the guest from the injection on. The run goes on afterwards as if nobody had looked. */
export function followRegister(rig: Rig, guest: number, register: number): boolean {
  const { machine } = rig;
  const limit = machine.cycles + AWAY;
  const start = instretOf(rig, guest);
  for (let step = 0; step < PATIENCE; step++) {
    const { reads, writes } = machine.operands();
    if (reads.includes(register)) return true;
    if (writes === register) return false;
    machine.stopAtInstret(guest, start + step + 1);
    if (machine.run(limit).kind !== 'instret') return false;
  }
  return false;
}
