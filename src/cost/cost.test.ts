import { beforeAll, describe, expect, it } from 'vitest';
import type { Accounting } from '../machine/index.ts';
import { findMode } from '../scenario/modes.ts';
import { costBetween, elapsedOf } from './account.ts';
import { benchScenario, bootBench, type CostSample, measure, runWorkload } from './measure.ts';
import { accountRows, costRows } from './tally.ts';
import { imagesOf, testScenario } from '../../test/cost-scenario.ts';
import { findWorkload, type Workload, workloads } from './workloads.ts';

const none = { cycles: 0, instret: 0 };

function accounting(guestCycles: number, layerCycles: number, idle = 0): Accounting {
  return {
    idle,
    firmware: none,
    layer: none,
    guests: [
      {
        cycles: guestCycles,
        instret: guestCycles,
        layerCycles,
        layerInstret: layerCycles,
        entries: 1,
        refills: 0,
        references: 0,
      },
    ],
  };
}

describe('accounts', () => {
  it('give what guests and the layer on their behalf used between two moments', () => {
    const before = { cycles: 110, accounting: accounting(100, 10) };
    const after = { cycles: 500, accounting: accounting(400, 60, 40) };
    const cost = costBetween(before, after);
    expect(cost).toMatchObject({ cycles: 300, layerCycles: 50, idleCycles: 40, otherCycles: 0 });
    expect(elapsedOf(cost)).toBe(390);
  });

  it('are refused when the parts do not sum to the whole', () => {
    const good = { cycles: 110, accounting: accounting(100, 10) };
    const bad = { cycles: 111, accounting: accounting(100, 10) };
    expect(() => costBetween(good, bad)).toThrow('sum to 110 cycles, the machine ran 111');
    expect(() => costBetween(bad, good)).toThrow('sum to 110 cycles, the machine ran 111');
  });
});

const sample = (workload: string, mode: string, cycles: number, layerCycles: number): CostSample => ({
  workload,
  mode,
  settings: [],
  cost: { cycles, layerCycles, instret: 10, layerInstret: 470_000, entries: 1000, idleCycles: 7, otherCycles: 2 },
});

describe('rows', () => {
  const samples = [
    sample('ticks', 'virtualized', 900, 600),
    sample('ticks', 'native', 900, 100),
    sample('ticks', 'colocated', 900, 300),
    sample('pages', 'virtualized', 5, 5),
  ];

  it('compare guest and layer together with native and with colocated', () => {
    const rows = costRows(samples, ['native', 'colocated', 'virtualized']);
    expect(rows.map(({ mode, ratio, ratioToColocated }) => [mode, ratio, ratioToColocated])).toEqual([
      ['native', 1, 1000 / 1200],
      ['colocated', 1.2, 1],
      ['virtualized', 1.5, 1.25],
    ]);
  });

  it('leave out what has no baseline', () => {
    expect(costRows(samples, ['virtualized']).map((row) => row.workload)).toEqual(['ticks']);
  });

  it('say where the time went that a clock on the wall has seen', () => {
    const [row] = accountRows(samples);
    expect(row).toMatchObject({ elapsed: 1509, guest: 900, layer: 600, other: 2, idle: 7 });
  });
});

describe('bench on the machine', () => {
  const scenario = benchScenario(testScenario);
  const images = imagesOf(scenario);
  const modes = ['native', 'colocated', 'partitioned', 'open', 'virtualized'];
  const boot = (mode: string) => bootBench(findMode(mode), scenario, images);
  let samples: CostSample[];
  beforeAll(() => {
    samples = modes.flatMap((mode) => {
      const bench = boot(mode);
      return workloads.map((workload) => measure(bench, workload));
    });
  }, 120_000);
  const of = (workload: string, mode: string) =>
    costRows(samples, modes).find((row) => row.workload === workload && row.mode === mode);

  it('measures at least ten workloads of at least five classes in every mode', () => {
    expect(workloads.length).toBeGreaterThanOrEqual(10);
    expect(new Set(workloads.map((workload) => workload.class)).size).toBeGreaterThanOrEqual(5);
    expect(costRows(samples, modes)).toHaveLength(workloads.length * modes.length);
    for (const row of costRows(samples, modes)) expect(row.cycles).toBeGreaterThan(row.layerCycles);
  });

  it('does the same work in every mode: own instructions differ by those that the layer does instead', () => {
    for (const { workload, mode, cost } of samples) {
      const native = of(workload, 'native')?.instret ?? Number.NaN;
      const most = Math.max(cost.entries, native / 20);
      expect(Math.abs(cost.instret - native), `${workload} ${mode}`).toBeLessThanOrEqual(most);
    }
  });

  it('finds computing cheap, two-stage page walks and an emulated interrupt controller dear', () => {
    for (const { name, class: kind } of workloads) {
      if (kind === 'computing') expect(of(name, 'virtualized')?.ratio, name).toBeLessThan(1.01);
    }
    for (const name of ['pages', 'chase-16m', 'plic']) {
      expect(of(name, 'virtualized')?.ratio, name).toBeGreaterThan(1.2 * (of(name, 'colocated')?.ratio ?? Number.NaN));
    }
  });

  it('repeats itself to the last cycle', () => {
    const again = measure(boot('virtualized'), findWorkload('ticks'));
    expect(again).toEqual(samples.find(({ workload, mode }) => workload === 'ticks' && mode === 'virtualized'));
  });

  it('believes no result that was not computed here as well', () => {
    const liar: Workload = { ...findWorkload('sort'), name: 'matrix' };
    expect(() => runWorkload(boot('native'), liar)).toThrow('workload matrix in mode native gave');
  });

  it('says which workload does not come to its end', () => {
    expect(() => runWorkload(boot('native'), { ...findWorkload('sort'), id: 99 })).toThrow(
      'workload sort did not end in mode native',
    );
  });
});
