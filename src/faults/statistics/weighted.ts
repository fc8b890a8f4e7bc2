// Estimates from unequal parts. A part of the fault space whose outcome is known (a value overwritten unread) needs no
// run, and counts by its size; parts that were sampled apart are put together by theirs.

import { clopperPearson, type Interval } from './intervals.ts';

/** k events in n draws from a part of the fault space that holds `weight` faults. */
export interface Stratum {
  readonly weight: number;
  readonly k: number;
  readonly n: number;
}

export interface Estimate extends Interval {
  readonly share: number;
  /** Estimated variance of `share`. */
  readonly variance: number;
}

const CONFIDENCE = 0.95;

/** The stratified estimator (Powell, Cukier, Arlat): sum of weight times share. Unbiased, as is its variance; a stratum of
 * one draw, from which no variance can be had, gets the largest there is. The interval adds exact ones of the strata, which
 * share the error evenly: conservative, and right where the normal approximation is not, with few events.
 * @param known faults that were not drawn because they are known to do nothing */
export function stratified(strata: readonly Stratum[], known = 0): Estimate {
  const total = strata.reduce((sum, { weight }) => sum + weight, known);
  if (!(total > 0) || known < 0) throw new RangeError('a fault space holds at least one fault');
  const confidence = 1 - (1 - CONFIDENCE) / Math.max(1, strata.length);
  let [share, variance, lower, upper] = [0, 0, 0, 0];
  for (const { weight, k, n } of strata) {
    const part = weight / total;
    const own = clopperPearson(k, n, confidence);
    const p = k / n;
    share += part * p;
    variance += part * part * (n < 2 ? 0.25 : (p * (1 - p)) / (n - 1));
    lower += part * own.lower;
    upper += part * own.upper;
  }
  return { share, variance, lower, upper: Math.min(1, upper) };
}

/** What a random fault does in the long run, so that layers of unequal size and residency can be compared. */
export interface Exposure {
  /** Bits that the fault may hit. */
  readonly bits: number;
  /** Moments of the reference run at which the component can be hit, in the unit they are drawn by: its residency. */
  readonly residency: number;
  /** Cycles of that run. */
  readonly cycles: number;
}

/** Faults that there are: one per bit and moment. */
export function faultSpace({ bits, residency }: Exposure): number {
  return bits * residency;
}

/** Rate x fault space x residency: failures expected in one gigacycle in which each bit flips once. */
export function failuresPerGcycle(k: number, n: number, exposure: Exposure): number {
  return n === 0 ? 0 : ((k / n) * faultSpace(exposure)) / exposure.cycles;
}
