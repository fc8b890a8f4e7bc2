import { describe, expect, it } from 'vitest';
import { clopperPearson, incompleteBeta, oneSided, reportedInterval, wilson, zeroEventUpper } from './statistics.ts';

/** P(X <= k) for X ~ Binomial(n, p), p = numerator / denominator, as an exact fraction rounded once at the end. */
function binomialCumulative(k: number, n: number, numerator: bigint, denominator: bigint): number {
  let sum = 0n;
  let choose = 1n;
  for (let i = 0; i <= k; i++) {
    sum += choose * numerator ** BigInt(i) * (denominator - numerator) ** BigInt(n - i);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  const scale = 10n ** 30n;
  return Number((sum * scale) / denominator ** BigInt(n)) / 1e30;
}

const DENOMINATOR = 10n ** 12n;
const rational = (p: number): bigint => BigInt(Math.round(p * 1e12));

describe('incompleteBeta', () => {
  it.each([
    [0, 5],
    [1, 10],
    [7, 40],
    [39, 40],
    [31, 400],
  ])('is the exact binomial tail for %d of %d', (k, n) => {
    for (const p of [0.001, 0.05, 0.2, 0.5, 0.9]) {
      const exact = 1 - binomialCumulative(k, n, rational(p), DENOMINATOR);
      expect(incompleteBeta(p, k + 1, n - k)).toBeCloseTo(exact, 11);
    }
  });
});

describe('clopperPearson', () => {
  it.each([
    [1, 5],
    [7, 400],
    [31, 400],
    [10, 650],
    [99, 100],
  ])('puts 2.5 %% of the exact binomial outside each end for %d of %d', (k, n) => {
    const { lower, upper } = clopperPearson(k, n);
    expect(binomialCumulative(k, n, rational(upper), DENOMINATOR)).toBeCloseTo(0.025, 8);
    expect(1 - binomialCumulative(k - 1, n, rational(lower), DENOMINATOR)).toBeCloseTo(0.025, 8);
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
    expect(clopperPearson(0, 10_000_000).upper / closedForm).toBeCloseTo(1, 8);
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
    expect(binomialCumulative(7, 400, rational(upper), DENOMINATOR)).toBeCloseTo(0.05, 8);
    expect(1 - binomialCumulative(6, 400, rational(lower), DENOMINATOR)).toBeCloseTo(0.05, 8);
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
