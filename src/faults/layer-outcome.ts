// What became of guests and layer after a fault in the layer: what a guest suffered, and what the layer did to it by
// itself, are different things.

import { type GuestObservation, guestOf, type Observation } from './observation.ts';
import type { LayerOutcome } from './outcome.ts';
import type { Rig } from './rig.ts';

/** `parked`: the layer will never run it again, and its work is not done. */
export type GuestFate = 'unharmed' | 'parked' | 'crashed' | 'words missing' | 'wrong words';

/** From the least to the worst; a run is called by its worst. */
export type LayerVerdict = Extract<
  LayerOutcome,
  'ok' | 'error returned' | 'one guest parked' | 'one guest lost' | 'machine lost'
>;

/** The words decide; a guest that has delivered them may well be parked afterwards. */
export function fateOf(seen: GuestObservation, golden: GuestObservation, work: number, parked: boolean): GuestFate {
  const delivered = seen.crash === undefined && seen.words >= work;
  if (delivered) return seen.digest === golden.digest ? 'unharmed' : 'wrong words';
  if (parked) return 'parked';
  return seen.crash !== undefined ? 'crashed' : 'words missing';
}

/** The machine must stand where the run ended. */
export function fatesOf(rig: Rig, seen: Observation, golden: Observation): GuestFate[] {
  return rig.guests.map(({ index, work }) => {
    return fateOf(guestOf(seen, index), guestOf(golden, index), work, rig.isParked(index));
  });
}

/** @param newErrors calls that ended in an error and do not without the fault */
export function verdictOf(fates: readonly GuestFate[], machineStopped: boolean, newErrors: number): LayerVerdict {
  const harmed = fates.filter((fate) => fate !== 'unharmed');
  if (machineStopped || harmed.length === fates.length) return 'machine lost';
  if (harmed.length > 0) return harmed.every((fate) => fate === 'parked') ? 'one guest parked' : 'one guest lost';
  return newErrors > 0 ? 'error returned' : 'ok';
}
