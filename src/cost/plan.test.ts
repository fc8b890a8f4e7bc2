import { describe, expect, it } from 'vitest';
import { findMode } from '../scenario/modes.ts';
import { observeEffort } from './effort.ts';
import { latencyRow, percentile } from './latency.ts';
import { benchScenario, bootBench, type Company, measure } from './measure.ts';
import { type CostResult, type CostTask, costEvidence, costTasks, createCostPerformer, sweepTasks } from './plan.ts';
import type { CostRow, SensitivityRow } from './records.ts';
import { mostAdverse, searchRows } from './search.ts';
import { settingName, settingOf, settings, TIMER_BY_CALL } from './settings.ts';
import { imagesOf, testScenario } from '../../test/cost-scenario.ts';
import { findWorkload, PING_PONG, SWEPT } from './workloads.ts';

const modes = ['native', 'colocated', 'partitioned', 'open', 'virtualized'];
const perform = createCostPerformer(testScenario, imagesOf);

function boot(mode: string, company: Company = 'alone') {
  const scenario = benchScenario(testScenario, company);
  return bootBench(findMode(mode), scenario, imagesOf(scenario));
}

describe('effort', () => {
  it.each(['colocated', 'virtualized'])('of all stays in the layer is what the accounts say of it, in %s', (mode) => {
    const bench = boot(mode);
    const { all } = observeEffort(bench, findWorkload('ticks'));
    const { cost } = measure(bench, findWorkload('ticks'));
    // The last stay may end beyond the mark.
    expect(cost.entries - all.count).toBeLessThanOrEqual(1);
    expect(all.instructions / cost.layerInstret).toBeCloseTo(1, 2);
    expect(all.cycles / cost.layerCycles).toBeCloseTo(1, 2);
  });

  it.each(['colocated', 'virtualized'])('sees a switch for each message, in %s', (mode) => {
    const { switches } = observeEffort(boot(mode, 'with another bench'), PING_PONG);
    expect(Math.abs(switches.count - 100 * PING_PONG.rounds)).toBeLessThanOrEqual(2);
  });

  it('charges partitioned for its window', () => {
    const cycles = ['colocated', 'partitioned'].map(
      (mode) => observeEffort(boot(mode, 'with another bench'), PING_PONG).switches.cycles,
    );
    expect(cycles[1]).toBeGreaterThan(cycles[0] ?? Number.NaN);
  });
});

describe('with a hart for each guest', () => {
  const { guests, factors } = testScenario;
  const apart: typeof testScenario = {
    ...testScenario,
    factors: { ...factors, cpus: 'dedicated' },
    guests: guests.map((guest) => ({ ...guest, hart: guest.index })),
  };
  const performApart = createCostPerformer(apart, imagesOf);

  it.each(['colocated', 'virtualized'])('a layer is followed hart by hart, and switches no guests, in %s', (mode) => {
    const result = performApart({ kind: 'effort', mode, event: 'message to another guest' });
    if (result.kind !== 'effort') throw new Error('no effort');
    const [row, ...others] = result.rows;
    expect(others).toEqual([]);
    // Both harts together have about as much to do for a message as one has: a call that sends, one that receives.
    expect(row?.causes.map(({ cause }) => cause)).not.toContain('none');
    expect(row?.entries).toBeGreaterThan(1);
    expect(row?.instructions).toBeGreaterThan(100);
    expect(row?.instructions).toBeLessThan(10_000);
  });

  it('a guest answers no later for the turns that harts take', () => {
    const of = (performer: typeof perform) => {
      const result = performer({ kind: 'response', mode: 'native', guest: 'rtos', neighbour: 'busy' });
      return result.kind === 'latency' ? (result.rows[0]?.max ?? Number.NaN) : Number.NaN;
    };
    // The same guest on the same firmware, alone.
    expect(Math.abs(of(performApart) - of(perform))).toBeLessThanOrEqual(200);
  });
});

describe('latency', () => {
  it('has the percentiles of the nearest rank', () => {
    const values = [15, 20, 35, 40, 50];
    expect([0.05, 0.3, 0.4, 0.5, 1].map((share) => percentile(values, share))).toEqual([15, 20, 20, 35, 50]);
    expect(percentile([], 0.5)).toBe(0);
  });

  it('counts as late what is beyond the bound and what never came', () => {
    const head = { kind: 'response', guest: 'rtos', mode: 'open', neighbour: 'busy' } as const;
    expect(latencyRow(head, [30, 10, 20], 20, 4)).toMatchObject({ n: 3, p50: 20, max: 30, bound: 20, late: 5 });
    expect(latencyRow(head, [30, 10, 20], null, 4)).toMatchObject({ bound: null, late: 0 });
  });

  it('is that of the real-time guest beside a neighbour in a loop, and of the only guest in native', () => {
    const of = (mode: string) => perform({ kind: 'response', mode, guest: 'rtos', neighbour: 'in a loop' });
    expect(of('virtualized')).toMatchObject({ kind: 'latency', rows: [{ neighbour: 'in a loop', n: 64, late: 0 }] });
    expect(of('native')).toMatchObject({ kind: 'latency', rows: [{ neighbour: 'absent', n: 64, bound: 200_000 }] });
  });

  it('of a device interrupt grows by the emulated controller, of a timer interrupt not at all', () => {
    const of = (mode: string) => {
      const result = perform({ kind: 'interrupts', mode, neighbour: 'absent' });
      return result.kind === 'latency' ? result.rows.map(({ p50 }) => p50) : [];
    };
    const [native, virtualized] = [of('native'), of('virtualized')];
    expect(virtualized[0]).toBe(native[0]);
    expect(virtualized[1]).toBeGreaterThan(2 * (native[1] ?? Number.NaN));
  });
});

function evidenceOf(tasks: readonly CostTask[]) {
  const results: CostResult[] = tasks.map(perform);
  return costEvidence(results, modes);
}

describe('settings', () => {
  const under = (names: readonly string[], workload: string) =>
    evidenceOf(
      ['native', 'colocated', 'virtualized'].map((mode) => ({ kind: 'workload', mode, workload, settings: names })),
    );

  it('have names of their own, by which they are found', () => {
    expect(new Set(settings.map(settingName)).size).toBe(settings.length);
    for (const setting of settings) expect(settingOf([settingName(setting)])).toBe(setting);
    expect(() => settingOf(['colder weather'])).toThrow('there is no setting colder weather');
  });

  it('change what they say: leaves, page-table references, the guest’s timer', () => {
    const ratio = (names: readonly string[], workload: string): number => {
      const { cost, sensitivity } = under(names, workload);
      return [...cost, ...sensitivity].find(({ mode }) => mode === 'virtualized')?.ratio ?? Number.NaN;
    };
    const usual = ratio([], 'pages');
    expect(ratio(['G-stage leaf 4 KiB'], 'pages')).toBeGreaterThan(usual);
    expect(ratio(['walk reference x2'], 'pages')).toBeGreaterThan(usual);
    expect(ratio(['G-stage leaf 4 KiB', 'walk reference x2'], 'pages')).toBeGreaterThan(
      ratio(['G-stage leaf 4 KiB'], 'pages'),
    );
    expect(ratio([TIMER_BY_CALL], 'ticks')).not.toBe(ratio([], 'ticks'));
  });

  it('are each swept', () => {
    const tasks = sweepTasks(modes);
    expect(new Set(tasks.flatMap((task) => (task.kind === 'workload' ? task.settings : []))).size).toBe(
      settings.length,
    );
    for (const name of SWEPT) expect(findWorkload(name).name).toBe(name);
  });
});

const cost = (workload: string, ratio: number, ratioToColocated = 1): CostRow => ({
  workload,
  class: 'computing',
  mode: 'virtualized',
  cycles: 1,
  instret: 1,
  layerCycles: 0,
  ratio,
  ratioToColocated,
});
const swept = (parameter: string, setting: string, ratio: number): SensitivityRow => ({
  parameter,
  setting,
  workload: 'crc',
  class: 'computing',
  mode: 'virtualized',
  ratio,
  ratioToColocated: ratio,
});

describe('the search', () => {
  it('finds what is beyond the threshold, and gives the strongest of a class', () => {
    const [h5, h6] = searchRows([cost('crc', 1.01, 1.05), cost('sort', 1.02)], [swept('mmio', 'x2', 1.3)], []);
    expect(h5).toMatchObject({ claim: 'H5', tried: 3, found: 2, examples: [{ workload: 'crc', setting: 'mmio x2' }] });
    expect(h6).toMatchObject({ claim: 'H6', tried: 3, found: 1, examples: [{ value: 1.3 }] });
  });

  it('says that it found nothing', () => {
    const [h5, h6] = searchRows([cost('crc', 1)], [], []);
    expect(h5).toMatchObject({ tried: 1, found: 0, examples: [] });
    expect(h6).toMatchObject({ tried: 1, found: 0, examples: [] });
  });

  it('asks H6 also for what layers do where there is no native', () => {
    const each = { event: 'world switch', instructions: 1, entries: 1, causes: [] };
    const effort = [
      { ...each, mode: 'colocated', cycles: 100 },
      { ...each, mode: 'virtualized', cycles: 150 },
    ];
    expect(searchRows([], [], effort)[1]).toMatchObject({ tried: 1, found: 1, examples: [{ value: 1.5 }] });
  });

  it('goes on with the worst setting of each parameter that is worse than the usual', () => {
    const rows = [swept('a', 'x0.5', 1.2), swept('a', 'x2', 1.4), swept('b', 'x2', 0.9)];
    expect(mostAdverse([cost('crc', 1.1)], rows, (row) => row.ratio)).toEqual(['a x2']);
  });
});

describe('tasks', () => {
  it('need no neighbour where the scenario has none', () => {
    const alone = { ...testScenario, guests: testScenario.guests.slice(0, 1) };
    const tasks = costTasks(alone, modes);
    expect(tasks.some((task) => task.kind === 'effort' && task.event.includes('another guest'))).toBe(false);
    expect(tasks.some((task) => task.kind === 'interrupts' && task.neighbour === 'busy')).toBe(false);
  });
});
