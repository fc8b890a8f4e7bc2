// Two modes, one list of faults: each fault is a pair of outcomes, and only the pairs that disagree tell the modes apart.

import { lowerTail } from './binomial.ts';
import { type Interval, Z_TWO_SIDED } from './intervals.ts';
import { bisect } from './solve.ts';

/** Pairs by what happened in the first arm and in the second. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly neither: number;
}

/** McNemar's test, exact and two-sided: were the modes alike, a disagreeing pair would fall either way with chance 1/2. */
export function mcNemar({ onlyA, onlyB }: PairedCounts): number {
  const discordant = onlyA + onlyB;
  if (discordant === 0) return 1;
  return Math.min(1, 2 * lowerTail(Math.min(onlyA, onlyB), discordant, 0.5));
}

const totalOf = ({ both, onlyA, onlyB, neither }: PairedCounts): number => both + onlyA + onlyB + neither;

/** Share of the first arm less share of the second. */
export function riskDifference(counts: PairedCounts): number {
  return (counts.onlyA - counts.onlyB) / totalOf(counts);
}

/** The share of pairs with B alone that is likeliest if the difference were `delta` (Tango 1998, equation 5). */
function likeliestOnlyB({ onlyA, onlyB }: PairedCounts, n: number, delta: number): number {
  const a = 2 * n;
  const b = (2 * n - onlyA + onlyB) * delta - onlyA - onlyB;
  const c = -onlyB * delta * (1 - delta);
  const root = Math.sqrt(Math.max(0, b * b - 4 * a * c));
  return b > 0 ? (-2 * c) / (b + root) : (root - b) / (2 * a);
}

/** Standard errors between the difference seen and `delta`. */
function scoreAt(counts: PairedCounts, delta: number): number {
  const n = totalOf(counts);
  const gap = counts.onlyA - counts.onlyB - n * delta;
  const variance = n * (2 * likeliestOnlyB(counts, n, delta) + delta * (1 - delta));
  if (gap === 0) return 0;
  return variance > 0 ? gap / Math.sqrt(variance) : Math.sign(gap) * Number.POSITIVE_INFINITY;
}

/** Tango's 95 % score interval for the difference of paired shares: approximate, but meaningful where a cell is empty,
 * which is the usual case here and where Wald's interval has no width. */
export function differenceInterval(counts: PairedCounts): Interval {
  if (totalOf(counts) === 0) return { lower: -1, upper: 1 };
  return {
    lower: bisect(-1, 1, (delta) => scoreAt(counts, delta) > Z_TWO_SIDED),
    upper: bisect(-1, 1, (delta) => scoreAt(counts, delta) > -Z_TWO_SIDED),
  };
}
