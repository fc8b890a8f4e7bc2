import { describe, expect, it } from 'vitest';
import { exactSum, longLowerTail } from '../../../test/exact-binomial.ts';
import { clopperPearson, oneSided, reportedInterval, wilson, wilsonOneSided, zeroEventUpper } from './intervals.ts';

describe('clopperPearson', () => {
  it.each([
    [1, 5],
    [7, 400],
    [31, 400],
    [10, 650],
    [99, 100],
  ])('puts a fortieth of the exact binomial outside each end for %d of %d', (k, n) => {
    const { lower, upper } = clopperPearson(k, n);
    expect(exactSum(0, k, n, upper)).toBeCloseTo(0.025, 13);
    expect(exactSum(k, n, n, lower)).toBeCloseTo(0.025, 13);
  });

  it('gives the figures printed in the design', () => {
    const percent = (k: number, n: number) => {
      const { lower, upper } = clopperPearson(k, n);
      return `${(100 * lower).toFixed(1)} ${(100 * upper).toFixed(1)}`;
    };
    expect(percent(7, 400)).toBe('0.7 3.6');
    expect(percent(31, 400)).toBe('5.3 10.8');
    expect(percent(58, 400)).toBe('11.2 18.3');
  });

  it('closes at the ends', () => {
    expect(clopperPearson(0, 50).lower).toBe(0);
    expect(clopperPearson(50, 50).upper).toBe(1);
    const closedForm = -Math.expm1(Math.log(0.025) / 1e7);
    expect(clopperPearson(0, 10_000_000).upper / closedForm).toBeCloseTo(1, 13);
  });

  it('is exact for few events of ten million', () => {
    for (const k of [1, 3, 25]) {
      const { lower, upper } = clopperPearson(k, 10_000_000);
      expect(longLowerTail(k, 10_000_000, upper) / 0.025).toBeCloseTo(1, 12);
      expect((1 - longLowerTail(k - 1, 10_000_000, lower)) / 0.025).toBeCloseTo(1, 12);
    }
  });

  it('covers the truth in at least 95 of 100 campaigns, whatever it is', () => {
    const n = 40;
    for (let p = 0.01; p < 1; p += 0.01) {
      let missed = 0;
      for (let k = 0; k <= n; k++) {
        const { lower, upper } = clopperPearson(k, n);
        if (p < lower || p > upper) missed += exactSum(k, k, n, p);
      }
      expect(missed).toBeLessThanOrEqual(0.05);
    }
  });

  it.each([
    [-1, 5],
    [6, 5],
    [0, 0],
    [0.5, 5],
  ])('refuses %d of %d', (k, n) => {
    expect(() => clopperPearson(k, n)).toThrow(RangeError);
  });
});

describe('one-sided bounds', () => {
  it('put 5 % outside', () => {
    const { lower, upper } = oneSided(7, 400);
    expect(exactSum(0, 7, 400, upper)).toBeCloseTo(0.05, 13);
    expect(exactSum(7, 400, 400, lower)).toBeCloseTo(0.05, 13);
  });

  it.each([
    [300, '0.99'],
    [1000, '0.30'],
    [3000, '0.10'],
    [400, '0.75'],
    [69, '4.25'],
  ])('bound zero events of %d by %s per cent', (n, expected) => {
    expect((100 * zeroEventUpper(n)).toFixed(2)).toBe(expected);
    expect(zeroEventUpper(n)).toBeCloseTo(oneSided(0, n).upper, 12);
  });

  it('need 2995 trials without an event for 99.9 per cent', () => {
    expect(zeroEventUpper(2995)).toBeLessThan(0.001);
    expect(zeroEventUpper(2994)).toBeGreaterThan(0.001);
  });
});

describe('wilson', () => {
  it('gives the published 0.84 to 2.81 % for 10 of 650', () => {
    const { lower, upper } = wilson(10, 650);
    expect((100 * lower).toFixed(2)).toBe('0.84');
    expect((100 * upper).toFixed(2)).toBe('2.81');
  });

  it('closes at the ends, and its bounds alone are nearer than both together', () => {
    expect(wilson(0, 50).lower).toBe(0);
    expect(wilson(50, 50).upper).toBe(1);
    expect(wilson(1, 1).lower).toBeCloseTo(1 / (1 + 1.959963984540054 ** 2), 14);
    // With no event the bound is z^2 / (n + z^2).
    expect(wilsonOneSided(0, 97).upper).toBeCloseTo(1.6448536269514722 ** 2 / (97 + 1.6448536269514722 ** 2), 14);
  });

  it('solves its own equation: the ends lie 1.96 standard errors from the share', () => {
    for (const end of Object.values(wilson(31, 400))) {
      const distance = Math.abs(31 / 400 - end) / Math.sqrt((end * (1 - end)) / 400);
      expect(distance).toBeCloseTo(1.959964, 6);
    }
  });
});

describe('reportedInterval', () => {
  it('is one-sided for zero events, two-sided for others, and open without trials', () => {
    expect(reportedInterval(0, 100)).toEqual({ lower: 0, upper: zeroEventUpper(100) });
    expect(reportedInterval(3, 100)).toEqual(clopperPearson(3, 100));
    expect(reportedInterval(0, 0)).toEqual({ lower: 0, upper: 1 });
  });
});
