// The lab of one worker: rigs and golden runs are made when first asked for and kept, since every experiment of a
// campaign starts from them.

import type { ExperimentResult } from './experiment.ts';
import type { Point } from './fault.ts';
import { type Golden, guestOf } from './observation.ts';
import type { Lab, LabScenario } from './plan.ts';
import { locatePoint } from './points.ts';
import type { Rig } from './rig.ts';
import { runGolden } from './run-to-end.ts';
import { traceUses, type Uses } from './uses.ts';

/** How to boot: a guest's name boots it alone, in the native mode. */
export type Boot = (mode: string, only?: string) => Rig;

/** The mode that boots each guest alone: faults are drawn from its runs. */
export const NATIVE = 'native';
/** Points and trials kept: the modes of one fault come one after the other. */
const POINTS_KEPT = 16;

function cached<T>(store: Map<string, T>, key: string, make: () => T): T {
  const known = store.get(key);
  if (known !== undefined) return known;
  const made = make();
  store.set(key, made);
  return made;
}

export function createLab(stamp: string, boot: Boot, { act, guests = [] }: Partial<LabScenario> = {}): Lab {
  const rigs = new Map<string, Rig>();
  const goldens = new Map<string, Golden>();
  const points = new Map<string, Point>();
  const trials = new Map<string, ExperimentResult>();
  const traced = new Map<string, Uses>();
  const rig = (mode: string) => cached(rigs, mode, () => boot(mode));
  const native = (guest: string) => cached(rigs, `${NATIVE} ${guest}`, () => boot(NATIVE, guest));
  const nativeGolden = (guest: string, inputSeed: number) =>
    cached(goldens, `${NATIVE} ${guest} ${inputSeed}`, () => runGolden(native(guest), inputSeed));
  return {
    stamp,
    act,
    guests,
    rig,
    native,
    golden: (mode, inputSeed) => cached(goldens, `${mode} ${inputSeed}`, () => runGolden(rig(mode), inputSeed)),
    nativeGolden,
    uses: (guest, inputSeed, what) =>
      cached(traced, `${guest} ${inputSeed} ${what}`, () => {
        const alone = native(guest);
        const { observation, endCycle } = nativeGolden(guest, inputSeed);
        const own = alone.guests.find(({ name }) => name === guest);
        if (own === undefined) throw new RangeError(`${NATIVE} has no guest ${guest}`);
        const { instret } = guestOf(observation, own.index);
        return traceUses(alone, own, { inputSeed, endCycle, instret }, what);
      }),
    trial(name, conduct) {
      if (trials.size >= POINTS_KEPT) trials.clear();
      return cached(trials, name, conduct);
    },
    point(guest, inputSeed, instret) {
      if (points.size >= POINTS_KEPT) points.clear();
      return cached(points, `${guest} ${inputSeed} ${instret}`, () => {
        const alone = native(guest);
        const index = alone.guests.find(({ name }) => name === guest)?.index ?? 0;
        return locatePoint(alone, nativeGolden(guest, inputSeed), index, instret);
      });
    },
  };
}
