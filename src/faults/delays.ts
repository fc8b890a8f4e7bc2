// How long a fault takes to show: from its injection to the first use, the first effect on others, and a panic.

import type { LedgerEntry } from '../machine/index.ts';
import type { Observation } from './observation.ts';

/** Null for what was not seen. */
export interface Delays {
  /** Instructions of the machine until what was changed was used. */
  readonly use: number | null;
  /** Instructions of the machine until the first foreign effect. */
  readonly effect: number | null;
  /** Cycles until the first guest, whichever it was, reported its panic. */
  readonly panic: number | null;
}

/** Of a fault that did not happen. */
export const NO_DELAYS: Delays = { use: null, effect: null, panic: null };

/** @param usedAt instructions of the machine from its reset */
export function delaysFrom(
  injection: { readonly cycle: number; readonly instret: number },
  usedAt: number | undefined,
  effects: readonly Pick<LedgerEntry, 'instret'>[],
  { guests }: Pick<Observation, 'guests'>,
): Delays {
  const first = (times: readonly number[], since: number) =>
    times.length === 0 ? null : times.reduce((least, time) => Math.min(least, time)) - since;
  const panics = guests.flatMap(({ crashedCycle }) => (crashedCycle === undefined ? [] : [crashedCycle]));
  return {
    use: usedAt === undefined ? null : usedAt - injection.instret,
    effect: first(
      effects.map(({ instret }) => instret),
      injection.instret,
    ),
    panic: first(panics, injection.cycle),
  };
}
