import { describe, expect, it } from 'vitest';
import { exactSum, longLowerTail } from '../../../test/exact-binomial.ts';
import { binomialMass, lowerTail, upperTail } from './binomial.ts';

/** Relative distance. */
const off = (seen: number, exact: number): number => (seen === exact ? 0 : Math.abs(seen / exact - 1));
const ACCURACY = 1e-12;
const SHARES = [1e-9, 0.001, 0.05, 0.3, 0.5, 0.71, 0.999];

describe('the binomial distribution', () => {
  it.each([
    [0, 1],
    [1, 1],
    [0, 5],
    [5, 5],
    [1, 10],
    [7, 40],
    [39, 40],
    [16, 33],
    [31, 400],
    [399, 400],
    [500, 1000],
  ])('is that of whole numbers for %d of %d, in both tails', (k, n) => {
    for (const p of SHARES) {
      expect(off(binomialMass(k, n, p), exactSum(k, k, n, p)), `mass at ${p}`).toBeLessThan(ACCURACY);
      expect(off(lowerTail(k, n, p), exactSum(0, k, n, p)), `lower at ${p}`).toBeLessThan(ACCURACY);
      expect(off(upperTail(k, n, p), exactSum(k, n, n, p)), `upper at ${p}`).toBeLessThan(ACCURACY);
    }
  });

  it.each([
    [0, 1e-9],
    [0, 1e-6],
    [3, 5e-7],
    [3, 4e-6],
    [40, 1e-6],
    [100, 2e-5],
  ])('keeps that accuracy for %d of ten million at %d', (k, p) => {
    expect(off(lowerTail(k, 1e7, p), longLowerTail(k, 1e7, p))).toBeLessThan(ACCURACY);
  });

  it('keeps it in the middle of ten million, where symmetry and Stirling tell the value', () => {
    const n = 1e7;
    const middle = Math.sqrt(2 / (Math.PI * n)) * (1 - 1 / (4 * n) + 1 / (32 * n * n));
    expect(off(binomialMass(n / 2, n, 0.5), middle)).toBeLessThan(ACCURACY);
    expect(off(lowerTail(n / 2, n, 0.5), 0.5 + middle / 2)).toBeLessThan(ACCURACY);
    expect(off(upperTail(n / 2, n, 0.5), 0.5 + middle / 2)).toBeLessThan(ACCURACY);
  });

  it('is certain at the ends', () => {
    expect([lowerTail(2, 5, 0), lowerTail(2, 5, 1), upperTail(2, 5, 0), upperTail(2, 5, 1)]).toEqual([1, 0, 0, 1]);
    expect([upperTail(0, 5, 0.3), lowerTail(5, 5, 0.3)]).toEqual([1, 1]);
  });

  it.each([
    [-1, 5],
    [6, 5],
    [0, 0],
    [0.5, 5],
    [Number.NaN, 5],
  ])('refuses %d of %d', (k, n) => {
    expect(() => lowerTail(k, n, 0.5)).toThrow(RangeError);
  });
});
