// Intervals for a share k of n. Exact ones (Clopper-Pearson) go into reports; Wilson's stands beside them where a
// published figure was given so. Deterministic acts and sweeps have no interval at all.

import { checkCounts, lowerTail, upperTail } from './binomial.ts';
import { bisect } from './solve.ts';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Points of the normal distribution with 2.5 % and 5 % beyond them. */
export const Z_TWO_SIDED = 1.959963984540054;
const Z_ONE_SIDED = 1.6448536269514722;
const CONFIDENCE = 0.95;

/** The least share for which k events or more are not rarer than `tail`. */
export function lowerBound(k: number, n: number, tail: number): number {
  checkCounts(k, n);
  return k === 0 ? 0 : bisect(0, 1, (p) => upperTail(k, n, p) < tail);
}

/** The greatest share for which k events or fewer are not rarer than `tail`. */
export function upperBound(k: number, n: number, tail: number): number {
  checkCounts(k, n);
  if (k === 0) return -Math.expm1(Math.log(tail) / n);
  return k === n ? 1 : bisect(0, 1, (p) => lowerTail(k, n, p) > tail);
}

/** The exact two-sided interval of Clopper and Pearson. */
export function clopperPearson(k: number, n: number, confidence = CONFIDENCE): Interval {
  const tail = (1 - confidence) / 2;
  return { lower: lowerBound(k, n, tail), upper: upperBound(k, n, tail) };
}

/** The exact one-sided bounds, each with the whole error on its side. */
export function oneSided(k: number, n: number, confidence = CONFIDENCE): Interval {
  return { lower: lowerBound(k, n, 1 - confidence), upper: upperBound(k, n, 1 - confidence) };
}

/** Exact one-sided upper bound when no event was seen in n: the "rule of three" without its rounding. */
export function zeroEventUpper(n: number, confidence = CONFIDENCE): number {
  return upperBound(0, n, 1 - confidence);
}

function score(k: number, n: number, z: number): Interval {
  checkCounts(k, n);
  const share = k / n;
  const z2 = z * z;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { lower: k === 0 ? 0 : Math.max(0, centre - half), upper: k === n ? 1 : Math.min(1, centre + half) };
}

/** The 95 % score interval. */
export function wilson(k: number, n: number): Interval {
  return score(k, n, Z_TWO_SIDED);
}

/** Its 95 % bounds, each alone. */
export function wilsonOneSided(k: number, n: number): Interval {
  return score(k, n, Z_ONE_SIDED);
}

/** What a report prints for k of n: zero events carry their one-sided bound, others the two-sided interval. */
export function reportedInterval(k: number, n: number): Interval {
  if (n === 0) return { lower: 0, upper: 1 };
  return k === 0 ? { lower: 0, upper: zeroEventUpper(n) } : clopperPearson(k, n);
}
