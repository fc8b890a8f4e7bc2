import { describe, expect, it } from 'vitest';
import { rateRow } from '../../test/report/made-up-evidence.ts';
import { clopperPearson } from './statistics/intervals.ts';
import { bitsHitIn, pooledOf } from './tally-regions.ts';

const bits = bitsHitIn(new Map([['rtos', [{ name: 'stack', ranges: [{ base: 0, size: 100 }] }]]]), { 'HWF-1': 200 });
const registers = rateRow({ class: 'HWF-1', faulty: 'rtos', bystander: 'unix', injected: 10, failed: 5 });
const stack = { ...registers, class: 'HWF-4-stack', injected: 40, failed: 4 };

describe('pooled rates', () => {
  it('weigh regions by their bits, however often they were drawn from', () => {
    const [row, ...others] = pooledOf([registers, stack], bits);
    expect(others).toEqual([]);
    expect(row?.bits).toBe(1000);
    expect(row?.share).toBeCloseTo(0.2 * 0.5 + 0.8 * 0.1, 12);
    const [a, b] = [clopperPearson(5, 10, 0.975), clopperPearson(4, 40, 0.975)];
    expect(row?.lower95).toBeCloseTo(0.2 * a.lower + 0.8 * b.lower, 12);
    expect(row?.upper95).toBeCloseTo(0.2 * a.upper + 0.8 * b.upper, 12);
    expect(row).toMatchObject({ faulty: 'rtos', bystander: 'unix', classes: ['HWF-1', 'HWF-4-stack'] });
  });

  it('are none of one region, of a class without a region, or over modes and pairs', () => {
    expect(pooledOf([registers], bits)).toEqual([]);
    expect(pooledOf([registers, { ...stack, class: 'HWF-9' }], bits)).toEqual([]);
    expect(pooledOf([registers, { ...stack, mode: 'open' }], bits)).toEqual([]);
    expect(pooledOf([registers, { ...stack, faulty: 'unix', bystander: 'rtos' }], bits)).toEqual([]);
  });
});
