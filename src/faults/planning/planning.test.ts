import { describe, expect, it } from 'vitest';
import { exactSum } from '../../../test/exact-binomial.ts';
import { upperBound } from '../statistics/intervals.ts';
import { boundAt, decide, type LookSchedule, lookSchedule, outlook } from './looks.ts';
import { jointSizeForUpper, sampleSize, sizeForUpper } from './sample-size.ts';

describe('sample sizes', () => {
  it('are those published for half-widths', () => {
    expect(sampleSize(0.05)).toBe(385);
    expect(sampleSize(0.01)).toBe(9604);
    expect(sampleSize(0.01, 100_000)).toBe(8763);
    expect(sampleSize(0.01, 1)).toBe(1);
  });

  it('are those published for bounds', () => {
    expect(sizeForUpper(0.001)).toBe(2995);
    expect(sizeForUpper(0.0001)).toBe(29_956);
    expect(jointSizeForUpper(0.001, 40)).toBe(6682);
  });

  it.each([
    [0.01, 0],
    [0.01, 3],
    [0.3, 2],
  ])('put %d events exactly at the edge: one experiment less is too few', (target, events) => {
    const n = sizeForUpper(target, events);
    expect(exactSum(0, events, n, target)).toBeLessThanOrEqual(0.05);
    expect(exactSum(0, events, n - 1, target)).toBeGreaterThan(0.05);
  });

  it.each([0, 1, -1, Number.NaN])('refuse %d', (share) => {
    expect(() => sampleSize(share)).toThrow(RangeError);
    expect(() => sizeForUpper(share)).toThrow(RangeError);
  });
});

/** Every sequence of failing and passing experiments there is, one at a time. */
function everySequence(schedule: LookSchedule, p: number): { met: number; expectedN: number; tooLow: number } {
  const last = schedule.looks.at(-1)?.n ?? 0;
  let [met, expectedN, tooLow] = [0, 0, 0];
  for (let bits = 0; bits < 1 << last; bits++) {
    let chance = 1;
    for (let i = 0; i < last; i++) chance *= (bits >> i) & 1 ? p : 1 - p;
    for (const [index, { n }] of schedule.looks.entries()) {
      const failures = [...Array(n).keys()].filter((i) => (bits >> i) & 1).length;
      const decision = decide(schedule, index, failures);
      if (decision === 'go on' && n < last) continue;
      expectedN += chance * n;
      if (decision === 'met') met += chance;
      if (boundAt(schedule, index, failures) < p) tooLow += chance;
      break;
    }
  }
  return { met, expectedN, tooLow };
}

describe('a schedule of looks', () => {
  const small = lookSchedule(0.6, 3);

  it('spends the whole error and no more', () => {
    expect(lookSchedule(0.001).looks.reduce((sum, { alpha }) => sum + alpha, 0)).toBeCloseTo(0.05, 15);
  });

  it('looks later for more failures, and each look meets the target just so', () => {
    const { looks } = lookSchedule(0.001);
    expect(looks.map(({ n }) => n)).toEqual(looks.map(({ n }) => n).sort((a, b) => a - b));
    for (const [index, { n, events, alpha }] of looks.entries()) {
      expect(boundAt({ target: 0.001, looks }, index, events)).toBeLessThanOrEqual(0.001);
      expect(upperBound(events, n - 1, alpha)).toBeGreaterThan(0.001);
    }
  });

  it.each([0.05, 0.3, 0.6, 0.8])('foretells what every sequence of experiments comes to where %d fail', (p) => {
    const seen = everySequence(small, p);
    const told = outlook(small, p);
    expect(told.met).toBeCloseTo(seen.met, 12);
    expect(told.expectedN).toBeCloseTo(seen.expectedN, 10);
  });

  it.each([0.05, 0.2, 0.4, 0.6, 0.7, 0.9])('gives too low a bound in at most 5 of 100 runs where %d fail', (p) => {
    expect(everySequence(small, p).tooLow).toBeLessThanOrEqual(0.05);
  });

  it('claims the target falsely in at most 5 of 100 runs, and nearly always where nothing fails', () => {
    const schedule = lookSchedule(0.001);
    expect(outlook(schedule, 0.001).met).toBeLessThanOrEqual(0.05);
    expect(outlook(schedule, 0)).toEqual({ expectedN: schedule.looks[0]?.n, met: 1 });
    expect(outlook(schedule, 1e-5).met).toBeGreaterThan(0.99);
  });

  it('stops at once where the target is out of reach', () => {
    expect(decide(small, 0, 3)).toBe('hopeless');
    expect(decide(small, 0, 2)).toBe('go on');
    expect(decide(small, 2, 2)).toBe('met');
    expect(outlook(lookSchedule(0.001), 0.1).expectedN).toBeCloseTo(lookSchedule(0.001).looks[0]?.n ?? 0, 6);
  });

  it('has no look that was not declared', () => {
    expect(() => decide(small, 3, 0)).toThrow(RangeError);
    expect(() => boundAt(small, 3, 0)).toThrow(RangeError);
  });
});
