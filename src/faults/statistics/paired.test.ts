import { describe, expect, it } from 'vitest';
import { exactSum } from '../../../test/exact-binomial.ts';
import { differenceInterval, mcNemar, type PairedCounts, riskDifference } from './paired.ts';

const counts = (both: number, onlyA: number, onlyB: number, neither: number): PairedCounts => ({
  both,
  onlyA,
  onlyB,
  neither,
});

describe('mcNemar', () => {
  it.each([
    [1, 0],
    [7, 0],
    [0, 7],
    [5, 2],
    [31, 12],
    [3, 3],
    [500, 430],
  ])('sums the tosses of a fair coin for %d against %d', (onlyA, onlyB) => {
    const n = onlyA + onlyB;
    const tail = exactSum(0, Math.min(onlyA, onlyB), n, 0.5);
    expect(mcNemar(counts(9, onlyA, onlyB, 50)) / Math.min(1, 2 * tail)).toBeCloseTo(1, 12);
  });

  it('asks only the pairs that disagree, and is symmetric', () => {
    expect(mcNemar(counts(0, 6, 1, 0))).toBe(mcNemar(counts(1e6, 6, 1, 1e6)));
    expect(mcNemar(counts(0, 6, 1, 0))).toBe(mcNemar(counts(0, 1, 6, 0)));
    expect(mcNemar(counts(4, 0, 0, 4))).toBe(1);
    expect(mcNemar(counts(0, 3, 3, 0))).toBe(1);
  });

  it('keeps the level: under the null hypothesis p <= 5 % comes up in at most 5 % of campaigns', () => {
    for (const discordant of [5, 6, 20, 41]) {
      let rejected = 0;
      for (let onlyA = 0; onlyA <= discordant; onlyA++) {
        if (mcNemar(counts(0, onlyA, discordant - onlyA, 9)) <= 0.05)
          rejected += exactSum(onlyA, onlyA, discordant, 0.5);
      }
      expect(rejected).toBeLessThanOrEqual(0.05);
    }
  });
});

/** Greatest log-likelihood of the counts under a given difference, by looking for it. */
function likelihoodAt({ onlyA, onlyB, both, neither }: PairedCounts, delta: number): { q: number; value: number } {
  const log = (k: number, p: number) => (k === 0 ? 0 : k * Math.log(p));
  const value = (q: number) => log(onlyA, q + delta) + log(onlyB, q) + log(both + neither, 1 - 2 * q - delta);
  let low = Math.max(0, -delta);
  let high = (1 - delta) / 2;
  for (let step = 0; step < 300; step++) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    if (value(left) < value(right)) low = left;
    else high = right;
  }
  return { q: (low + high) / 2, value: value((low + high) / 2) };
}

describe('differenceInterval', () => {
  it.each([
    [counts(0, 7, 0, 393)],
    [counts(3, 31, 0, 366)],
    [counts(20, 12, 2, 16)],
    [counts(43, 0, 1, 0)],
    [counts(1, 2, 9, 88)],
  ])('ends where the score of the likeliest shares is 1.96: %j', (cell) => {
    const n = cell.both + cell.onlyA + cell.onlyB + cell.neither;
    const { lower, upper } = differenceInterval(cell);
    for (const [end, z] of [
      [lower, 1.959964],
      [upper, -1.959964],
    ] as const) {
      const { q } = likelihoodAt(cell, end);
      const gap = riskDifference(cell) - end;
      expect(gap / Math.sqrt((2 * q + end - end * end) / n)).toBeCloseTo(z, 4);
    }
    expect(lower).toBeLessThan(riskDifference(cell));
    expect(upper).toBeGreaterThan(riskDifference(cell));
  });

  it('is z^2 / (n + z^2) to either side where no pair disagrees', () => {
    const z2 = 1.959963984540054 ** 2;
    const { lower, upper } = differenceInterval(counts(5, 0, 0, 95));
    expect(upper).toBeCloseTo(z2 / (100 + z2), 12);
    expect(lower).toBeCloseTo(-z2 / (100 + z2), 12);
  });

  it('turns round with the arms', () => {
    const there = differenceInterval(counts(4, 9, 2, 85));
    const back = differenceInterval(counts(4, 2, 9, 85));
    expect(back.lower).toBeCloseTo(-there.upper, 12);
    expect(back.upper).toBeCloseTo(-there.lower, 12);
  });

  it('stays between -1 and 1 at the ends, and says nothing without pairs', () => {
    for (const cell of [counts(0, 1, 0, 0), counts(0, 0, 1, 0), counts(0, 30, 0, 0), counts(1, 0, 0, 0)]) {
      const { lower, upper } = differenceInterval(cell);
      expect(lower).toBeGreaterThanOrEqual(-1);
      expect(upper).toBeLessThanOrEqual(1);
      expect(lower).toBeLessThan(upper);
    }
    expect(differenceInterval(counts(0, 0, 0, 0))).toEqual({ lower: -1, upper: 1 });
  });

  // It is approximate, so what it really covers is computed: all outcomes of 30 pairs, each with its probability.
  it.each([
    [0.02, 0],
    [0.1, 0.02],
    [0.3, 0.1],
    [0.05, 0.05],
  ])('covers the truth of %d and %d in at least 94 of 100 campaigns', (shareA, shareB) => {
    const n = 30;
    let covered = 0;
    for (let onlyA = 0; onlyA <= n; onlyA++) {
      const first = exactSum(onlyA, onlyA, n, shareA);
      for (let onlyB = 0; onlyA + onlyB <= n; onlyB++) {
        const rest = n - onlyA;
        const chance = rest === 0 ? first : first * exactSum(onlyB, onlyB, rest, shareB / (1 - shareA));
        const { lower, upper } = differenceInterval(counts(0, onlyA, onlyB, rest - onlyB));
        if (lower <= shareA - shareB && shareA - shareB <= upper) covered += chance;
      }
    }
    expect(covered).toBeGreaterThan(0.94);
  });
});
