// The same figures from another library, which computes them in another way.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lowerTail } from './binomial.ts';
import { clopperPearson } from './intervals.ts';

/** Digits that Cephes itself keeps at these sizes; whole numbers are the finer judge, in binomial.test.ts. */
const DIGITS = 8;

const installed = existsSync(join(import.meta.dirname, '..', '..', '..', 'node_modules', 'cephes'));

describe.skipIf(!installed)('the Cephes library, which npm ci installs, agrees', () => {
  let cephes: typeof import('cephes')['default'];
  beforeAll(async () => {
    cephes = (await import('cephes')).default;
    await cephes.compiled;
  });

  it('on binomial tails', () => {
    for (const n of [12, 400, 3000, 100_000]) {
      for (const share of [0.001, 0.02, 0.4, 0.9]) {
        const k = Math.floor(n * share);
        for (const p of [share / 2, share, Math.min(0.99, 1.1 * share)]) {
          const theirs = cephes.incbet(n - k, k + 1, 1 - p);
          if (theirs > 0) expect(lowerTail(k, n, p) / theirs, `${k} of ${n} at ${p}`).toBeCloseTo(1, DIGITS);
        }
      }
    }
  });

  it.each([
    [0, 1],
    [1, 1],
    [1, 2],
    [7, 400],
    [200, 400],
    [399, 400],
    [3, 10_000],
  ])('on the interval of Clopper and Pearson for %d of %d', (k, n) => {
    const { lower, upper } = clopperPearson(k, n);
    if (k > 0) expect(lower / cephes.incbi(k, n - k + 1, 0.025)).toBeCloseTo(1, DIGITS);
    if (k < n) expect(upper / cephes.incbi(k + 1, n - k, 0.975)).toBeCloseTo(1, DIGITS);
  });
});
