import { describe, expect, it } from 'vitest';
import { madeUpRecord } from '../../test/report/made-up-record.ts';
import { controlHolds, controlsOf } from './controls.ts';
import { NO_ENDPOINT, type Outcome } from './outcome.ts';
import type { ExperimentRecord } from './records.ts';
import { clopperPearson, zeroEventUpper } from './statistics/intervals.ts';
import { caughtOf, ratesOf, residualOf, sortBy } from './tally.ts';

interface Change {
  trajectory?: number;
  class?: string;
  mode?: string;
  from?: string;
  activated?: boolean;
  failed?: boolean;
  reached?: boolean;
  late?: boolean;
  faulty?: Outcome['faulty'];
  harnessError?: string;
}

function record(change: Change = {}): ExperimentRecord {
  const { failed = false, reached = false, late = false, faulty = 'masked', harnessError = '', ...rest } = change;
  return madeUpRecord({
    ...rest,
    bystander: { endpoints: { ...NO_ENDPOINT, failed, reached, late }, failure: failed ? 'crashed' : 'none' },
    outcome: { faulty, harnessError },
  });
}

const times = (count: number, change: Change = {}) => Array.from({ length: count }, () => record(change));

describe('rates', () => {
  it('count endpoints per ordered pair and never pool them', () => {
    const rows = ratesOf([
      ...times(97),
      ...times(2, { failed: true, reached: true }),
      ...times(1, { reached: true, activated: false }),
      ...times(50, { from: 'unix' }),
      ...times(50, { mode: 'virtualized', late: true }),
    ]);
    expect(rows.map((row) => [row.mode, row.faulty, row.bystander])).toEqual([
      ['colocated', 'rtos', 'unix'],
      ['colocated', 'unix', 'rtos'],
      ['virtualized', 'rtos', 'unix'],
    ]);
    const exact = clopperPearson(2, 100);
    expect(rows[0]).toMatchObject({
      injected: 100,
      activated: 99,
      reached: 3,
      failed: 2,
      latent: 1,
      late: 0,
      lower95: exact.lower,
      upper95: exact.upper,
      trajectories: [{ injected: 100, failed: 2 }],
    });
    expect(rows[0]?.activated95).toEqual(clopperPearson(2, 99));
    expect(rows[2]).toMatchObject({ failed: 0, late: 50, lower95: 0, upper95: zeroEventUpper(50) });
  });

  it('show the spread between trajectories, in their order', () => {
    const records = [
      ...times(3, { trajectory: 2 }),
      ...times(2, { trajectory: 0, failed: true }),
      ...times(1, { trajectory: 2, failed: true }),
    ];
    expect(ratesOf(records)[0]?.trajectories).toEqual([
      { injected: 2, failed: 2 },
      { injected: 4, failed: 1 },
    ]);
  });

  it('leave out experiments in which the harness contradicts itself', () => {
    expect(ratesOf([...times(3), ...times(2, { harnessError: 'unix differs' })])[0]?.injected).toBe(3);
  });

  it('do not depend on the order of execution', () => {
    const records = [...times(3, { mode: 'open' }), ...times(4, { failed: true }), ...times(2, { from: 'unix' })];
    expect(ratesOf([...records].reverse())).toEqual(ratesOf(records));
  });

  it('stand beside what lay open to the faulty guest in that mode', () => {
    const exposures = [
      { mode: 'colocated', faulty: 'unix', writable: 1, foreign: 2 },
      { mode: 'colocated', faulty: 'rtos', writable: 3, foreign: 4 },
    ];
    const rows = ratesOf([...times(2), ...times(2, { mode: 'native' })], exposures);
    expect(rows.map(({ writablePages, foreignPages }) => [writablePages, foreignPages])).toEqual([
      [3, 4],
      [null, null],
    ]);
  });
});

describe('controls', () => {
  const controls = (records: ExperimentRecord[]) => controlsOf(records, (record) => record.mode !== 'virtualized');
  const named = (records: ExperimentRecord[], name: string) => controls(records).find((row) => row.name === name);
  const good = [
    ...times(4, { class: 'no-fault' }),
    ...times(4, { class: 'sham' }),
    ...times(4, { class: 'delay', faulty: 'late' }),
    ...times(5, { class: 'own-fault', faulty: 'wrong words' }),
    ...times(2, { class: 'own-fault', faulty: 'latent' }),
    ...times(3, { class: 'own-fault', faulty: 'masked' }),
    ...times(2, { class: 'MEM-14', failed: true, reached: true }),
    ...times(2, { class: 'MEM-14', mode: 'virtualized' }),
    ...times(3),
    ...times(2, { mode: 'native' }),
  ];

  it('hold in a sound campaign', () => {
    expect(controls(good)).toHaveLength(7);
    for (const row of controls(good)) expect(controlHolds(row), row.name).toBe(true);
    expect(named(good, 'positive')).toEqual({ name: 'positive', n: 2, failed: 2, expected: 2 });
  });

  it.each([
    ['no fault', { class: 'no-fault', faulty: 'latent' as const }],
    ['no fault', { class: 'no-fault', failed: true }],
    ['sham', { class: 'sham', faulty: 'latent' as const }],
    ['sham', { class: 'sham', harnessError: 'text changed' }],
    ['delay only', { class: 'delay', failed: true }],
    ['positive', { class: 'MEM-14', mode: 'open', failed: false }],
    ['harness errors', { class: 'HWF-1', harnessError: 'unix differs' }],
    ['separate machines', { class: 'HWF-1', mode: 'native', failed: true }],
    ['separate machines', { class: 'HWF-1', mode: 'native', harnessError: 'stopped elsewhere' }],
  ])('%s fails on %j', (name, change) => {
    const row = named([...good, record(change)], name);
    expect(row === undefined || controlHolds(row)).toBe(false);
  });

  it('measure the recall of the detector on faults that left a trace', () => {
    expect(named(good, 'own fault noticed')).toEqual({ name: 'own fault noticed', n: 7, failed: 5, expected: null });
    const blind = [record({ class: 'own-fault', faulty: 'latent' })];
    expect(
      controls(blind)
        .filter(controlHolds)
        .map(({ name }) => name),
    ).not.toContain('own fault noticed');
  });

  it('are held on separate machines wherever guests are struck, and asked for nowhere else', () => {
    const layersAlone = good.filter((row) => row.class !== 'HWF-1');
    expect(named(layersAlone, 'separate machines')).toBeUndefined();
    expect(named([...layersAlone, record()], 'separate machines')).toMatchObject({ n: 0, expected: 0 });
  });

  it('that ran nothing do not hold', () => {
    expect(controlHolds({ name: 'sham', n: 0, failed: 0, expected: 0 })).toBe(false);
  });
});

it('sorts by several texts', () => {
  const rows = [
    ['b', '1'],
    ['a', '2'],
    ['a', '1'],
  ];
  expect(sortBy(rows, (row) => row)).toEqual([
    ['a', '1'],
    ['a', '2'],
    ['b', '1'],
  ]);
});

describe('mutants that a guest’s own test lets through', () => {
  const mutant = (passesSelfTest: boolean | null) => ({ ...record({ class: 'SWF' }), passesSelfTest });

  it('are a class apart, of which nothing else is part', () => {
    const rows = ratesOf(residualOf([mutant(true), mutant(true), mutant(false), mutant(null)]));
    expect(rows).toMatchObject([{ class: 'SWF (passes self-test)', injected: 2 }]);
  });
});

describe('refused accesses', () => {
  it('are counted with those that got through, mode by mode', () => {
    const [row] = ratesOf([record()]);
    if (row === undefined) throw new Error('no row');
    const rates = [
      { ...row, refused: 6, reached: 1 },
      { ...row, class: 'HWF-2', refused: 2, reached: 1 },
      { ...row, mode: 'virtualized', refused: 0, reached: 0 },
    ];
    const { lower, upper } = clopperPearson(8, 10, 0.95);
    expect(caughtOf(rates)).toEqual([{ mode: 'colocated', aimed: 10, refused: 8, lower95: lower, upper95: upper }]);
  });
});
