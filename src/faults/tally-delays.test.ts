import { describe, expect, it } from 'vitest';
import { madeUpRecord } from '../../test/report/made-up-record.ts';
import { delaysFrom, NO_DELAYS } from './delays.ts';
import { delaysOf } from './tally-delays.ts';

const injection = { cycle: 1000, instret: 400 };
const guests = (...cycles: (number | undefined)[]) => ({
  guests: cycles.map((crashedCycle, index) => ({
    index,
    words: 0,
    digest: '',
    ended: false,
    crash: crashedCycle === undefined ? undefined : 2n,
    crashedCycle,
    backtrace: [],
    responseMax: 0,
    outputs: [],
    reports: [],
    instret: 0,
    constants: '',
  })),
});

describe('delays of one fault', () => {
  it('count instructions to use and first effect, and cycles to the first panic of all', () => {
    expect(delaysFrom(injection, 407, [{ instret: 900 }, { instret: 500 }], guests(undefined, 9000, 4000))).toEqual({
      use: 7,
      effect: 100,
      panic: 3000,
    });
  });

  it('are null for what was not seen, and zero for what was used at once', () => {
    expect(delaysFrom(injection, undefined, [], guests(undefined))).toEqual(NO_DELAYS);
    expect(delaysFrom(injection, 400, [], guests())).toEqual({ ...NO_DELAYS, use: 0 });
  });
});

describe('delays of a cell', () => {
  const used = (use: number | null, n: number) => madeUpRecord({ n, delays: { ...NO_DELAYS, use } });

  it('are quantiles of those that showed, never of those that did not', () => {
    const records = [100, 1, 2, 3, 4, 5, 6, 7, 8, 9, null, null].map(used);
    expect(delaysOf(records)).toEqual([
      {
        class: 'HWF-1',
        mode: 'colocated',
        faulty: 'rtos',
        to: 'use',
        unit: 'instructions',
        n: 10,
        least: 1,
        median: 5,
        p90: 9,
        most: 100,
      },
    ]);
  });

  it('are kept apart by class, mode, guest and step, and leave out what contradicts itself', () => {
    const other = (change: Parameters<typeof madeUpRecord>[0]) =>
      madeUpRecord({ delays: { use: 1, effect: null, panic: 20 }, ...change });
    const rows = delaysOf([
      other({ mode: 'open' }),
      other({ class: 'HWF-2' }),
      other({ from: 'unix' }),
      other({}),
      other({ outcome: { harnessError: 'lost' } }),
    ]);
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 8 }, () => 1));
    expect(rows.slice(0, 2)).toMatchObject([
      { class: 'HWF-1', mode: 'colocated', faulty: 'rtos', to: 'use', unit: 'instructions' },
      { class: 'HWF-1', mode: 'colocated', faulty: 'rtos', to: 'panic', unit: 'cycles' },
    ]);
  });
});
