import { describe, expect, it } from 'vitest';
import { exactSum } from '../../../test/exact-binomial.ts';
import { clopperPearson } from './intervals.ts';
import { failuresPerGcycle, faultSpace, stratified } from './weighted.ts';

describe('the stratified estimator', () => {
  const parts = [
    { weight: 60, n: 5, p: 0.3 },
    { weight: 30, n: 4, p: 0.9 },
    { weight: 1, n: 2, p: 0.5 },
  ] as const;
  const known = 109;
  const truth = (60 * 0.3 + 30 * 0.9 + 0.5) / 200;

  /** Every outcome of the three samples with its probability. */
  function* outcomes(): Generator<{ chance: number; ks: readonly number[] }> {
    for (let a = 0; a <= 5; a++) {
      for (let b = 0; b <= 4; b++) {
        for (let c = 0; c <= 2; c++) {
          const ks = [a, b, c];
          const chance = parts.reduce((all, { n, p }, index) => {
            const k = ks[index] ?? 0;
            return all * exactSum(k, k, n, p);
          }, 1);
          yield { chance, ks };
        }
      }
    }
  }
  const estimate = (ks: readonly number[]) =>
    stratified(
      parts.map(({ weight, n }, index) => ({ weight, n, k: ks[index] ?? 0 })),
      known,
    );

  it('is right on average over everything that may come up, and so is its variance', () => {
    let [mean, square, variance, missed] = [0, 0, 0, 0];
    for (const { chance, ks } of outcomes()) {
      const seen = estimate(ks);
      mean += chance * seen.share;
      square += chance * seen.share ** 2;
      variance += chance * seen.variance;
      if (truth < seen.lower || truth > seen.upper) missed += chance;
    }
    expect(mean).toBeCloseTo(truth, 12);
    expect(variance).toBeCloseTo(square - mean ** 2, 12);
    expect(missed).toBeLessThan(0.05);
  });

  it('is the plain share and the exact interval for one stratum', () => {
    expect(stratified([{ weight: 7, k: 3, n: 20 }])).toMatchObject({ share: 0.15, ...clopperPearson(3, 20) });
  });

  it('shrinks by what is known to do nothing', () => {
    const { upper } = clopperPearson(0, 50);
    expect(stratified([{ weight: 25, k: 0, n: 50 }], 75).upper).toBeCloseTo(upper / 4, 14);
  });

  it('claims no precision from one draw, and nothing from none', () => {
    expect(stratified([{ weight: 1, k: 1, n: 1 }]).variance).toBe(0.25);
    expect(() => stratified([{ weight: 1, k: 0, n: 0 }])).toThrow(RangeError);
    expect(() => stratified([])).toThrow(RangeError);
  });
});

describe('failures per gigacycle', () => {
  it('are rate times fault space times residency', () => {
    const exposure = { bits: 1984, residency: 50_000_000, cycles: 2e9 };
    expect(faultSpace(exposure)).toBe(99_200_000_000);
    // 1984 flips in a gigacycle, one in forty while the component runs, and one in ten of those ends so.
    expect(failuresPerGcycle(40, 400, exposure)).toBeCloseTo(1984 / 40 / 10, 12);
    expect(failuresPerGcycle(0, 0, exposure)).toBe(0);
  });

  it('do not depend on how long the reference run was', () => {
    const once = failuresPerGcycle(3, 400, { bits: 64, residency: 1000, cycles: 1e6 });
    expect(failuresPerGcycle(3, 400, { bits: 64, residency: 2000, cycles: 2e6 })).toBe(once);
  });
});
