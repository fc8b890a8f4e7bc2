import { describe, expect, it } from 'vitest';
import { madeUpRecord } from '../../test/report/made-up-record.ts';
import { NO_ENDPOINT } from './outcome.ts';
import type { ExperimentRecord, UsesRow } from './records.ts';
import { clopperPearson } from './statistics/intervals.ts';
import { prunedOf } from './tally-pruned.ts';

const NAME = 'HWF-1-pruned';
const pilots = (trajectory: number, n: number, failed: number): ExperimentRecord[] =>
  Array.from({ length: n }, (_, index) =>
    madeUpRecord({
      class: NAME,
      n: index,
      trajectory,
      bystander: { endpoints: { ...NO_ENDPOINT, failed: index < failed } },
    }),
  );
const space = (trajectory: number, live: number, known: number): UsesRow => ({
  class: NAME,
  from: 'rtos',
  trajectory,
  classes: 7,
  live,
  known,
});

describe('pruned rates', () => {
  it('are of all faults, those known to do nothing among them', () => {
    const [row] = prunedOf(pilots(0, 10, 4), [space(0, 25, 75)]);
    expect(row?.share).toBeCloseTo(0.1, 12);
    const { lower, upper } = clopperPearson(4, 10, 0.95);
    expect(row?.lower95).toBeCloseTo(lower / 4, 12);
    expect(row?.upper95).toBeCloseTo(upper / 4, 12);
    expect(row).toMatchObject({ pilots: 10, failed: 4, live: 25, known: 75, faulty: 'rtos', bystander: 'unix' });
  });

  it('weigh trajectories by what is in them, and leave out those nobody drew from', () => {
    const records = [...pilots(0, 10, 10), ...pilots(1, 10, 0)];
    const [row] = prunedOf(records, [space(0, 30, 0), space(1, 10, 60), space(2, 1000, 0)]);
    expect(row?.share).toBeCloseTo(0.3, 12);
    expect(row?.live).toBe(20);
  });

  it('have a bound where nothing failed, and say nothing without a space', () => {
    const [row] = prunedOf(pilots(0, 100, 0), [space(0, 50, 50)]);
    expect(row?.share).toBe(0);
    expect(row?.upper95).toBeCloseTo(clopperPearson(0, 100, 0.95).upper / 2, 12);
    expect(prunedOf(pilots(0, 5, 1), [])).toEqual([]);
  });
});
