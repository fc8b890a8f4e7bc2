// Running until a bound is met, without cheating: the looks at the data are declared beforehand and share the error among
// them, so the bound that is reported holds whenever the run stops.

import { binomialMass } from '../statistics/binomial.ts';
import { upperBound } from '../statistics/intervals.ts';
import { sizeForUpper } from './sample-size.ts';

/** One look, after `n` experiments of the cell. */
export interface Look {
  readonly n: number;
  /** Up to so many failures meet the target here. */
  readonly events: number;
  /** The part of the error that this look spends. */
  readonly alpha: number;
}

export interface LookSchedule {
  readonly target: number;
  readonly looks: readonly Look[];
}

export type Decision = 'met' | 'hopeless' | 'go on';

const ALPHA = 0.05;
const LOOKS = 5;

/** Half of the error that is left goes to each look, and what remains to the last: most of it is spent on the first one,
 * which no failure at all is expected to pass. Look j is where j failures would just meet the target. */
export function lookSchedule(target: number, count = LOOKS): LookSchedule {
  const looks: Look[] = [];
  let left = ALPHA;
  for (let events = 0; events < count; events++) {
    const alpha = events === count - 1 ? left : left / 2;
    left -= alpha;
    looks.push({ n: sizeForUpper(target, events, alpha), events, alpha });
  }
  return { target, looks };
}

/** Failures only grow, so more of them than the last look allows can never be made good. */
export function decide({ looks }: LookSchedule, index: number, failures: number): Decision {
  const look = looks[index];
  const last = looks.at(-1);
  if (look === undefined || last === undefined) throw new RangeError(`there is no look ${index}`);
  if (failures <= look.events) return 'met';
  return failures > last.events ? 'hopeless' : 'go on';
}

/** The one-sided bound at a look: with the error of that look alone, so that over all looks together it is too low with
 * a chance of at most 5 %. */
export function boundAt({ looks }: LookSchedule, index: number, failures: number): number {
  const look = looks[index];
  if (look === undefined) throw new RangeError(`there is no look ${index}`);
  return upperBound(failures, look.n, look.alpha);
}

export interface Outlook {
  readonly expectedN: number;
  /** Chance that the target is met at all. */
  readonly met: number;
}

/** What to expect of a schedule where a share `p` of the faults fails: printed before the run. */
export function outlook(schedule: LookSchedule, p: number): Outlook {
  // Chance of each number of failures among the runs that go on; more than the last look allows is never one of them.
  let going = [1];
  let before = 0;
  let [expectedN, met] = [0, 0];
  for (const [index, look] of schedule.looks.entries()) {
    expectedN += (look.n - before) * going.reduce((sum, chance) => sum + chance, 0);
    const next = afterMore(going, look.n - before, p, schedule.looks.at(-1)?.events ?? 0);
    met += next.reduce((sum, chance, k) => sum + (decide(schedule, index, k) === 'met' ? chance : 0), 0);
    going = next.map((chance, k) => (decide(schedule, index, k) === 'go on' ? chance : 0));
    before = look.n;
  }
  return { expectedN, met };
}

function afterMore(chances: readonly number[], n: number, p: number, most: number): number[] {
  return Array.from({ length: most + 1 }, (_, k) =>
    chances.reduce((sum, chance, had) => {
      const more = k - had;
      return more < 0 || more > n ? sum : sum + chance * binomialMass(more, n, p);
    }, 0),
  );
}
