import { beforeAll, describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import type { Accounting } from '../machine/index.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { costBetween } from './account.ts';
import { benchScenario, bootBench, type CostSample, measure } from './measure.ts';
import { costRows, layerEffort } from './tally.ts';
import { findWorkload, workloads } from './workloads.ts';

const none = { cycles: 0, instret: 0 };

function accounting(guestCycles: number, layerCycles: number, idle = 0): Accounting {
  return {
    idle,
    firmware: none,
    layer: none,
    guests: [{ cycles: guestCycles, instret: guestCycles, layerCycles, layerInstret: layerCycles, entries: 1 }],
  };
}

describe('accounts', () => {
  it('give what a guest and the layer on its behalf used between two moments', () => {
    const before = { cycles: 110, accounting: accounting(100, 10) };
    const after = { cycles: 500, accounting: accounting(400, 60, 40) };
    expect(costBetween(before, after, 0)).toMatchObject({ cycles: 300, layerCycles: 50, idleCycles: 40 });
  });

  it('are refused when the parts do not sum to the whole', () => {
    const good = { cycles: 110, accounting: accounting(100, 10) };
    const bad = { cycles: 111, accounting: accounting(100, 10) };
    expect(() => costBetween(good, bad, 0)).toThrow('sum to 110 cycles, the machine ran 111');
  });
});

const sample = (workload: string, mode: string, cycles: number, layerCycles: number): CostSample => ({
  workload,
  mode,
  cost: { cycles, layerCycles, instret: 10, layerInstret: 470_000, entries: 1000, idleCycles: 0 },
});

describe('rows', () => {
  const samples = [
    sample('ticks', 'virtualized', 900, 600),
    sample('ticks', 'native', 900, 100),
    sample('ticks', 'colocated', 900, 300),
    sample('paging', 'virtualized', 5, 5),
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

  it('give the layer’s instructions per tick', () => {
    expect(layerEffort(samples, ['colocated'])).toEqual([
      { mode: 'colocated', event: 'timer tick', instructions: 470, cycles: 0.3, entries: 1, causes: [] },
    ]);
  });
});

describe('bench on the machine', () => {
  const loaded = loadScenario(
    'cost.yaml',
    'machine: { ram: 32M }\nguests: { rtos: { image: rtos, memory: 0x81000000+16M } }',
  );
  const scenario = benchScenario(loaded.scenario);
  const images = openImages({ ...loaded, scenario }, readBuiltImage);
  const modes = ['native', 'colocated', 'open', 'virtualized'];
  let samples: CostSample[];
  beforeAll(() => {
    samples = modes.flatMap((mode) => {
      const bench = bootBench(findMode(mode), scenario, images);
      return workloads.map((workload) => measure(bench, workload));
    });
  });
  const of = (workload: string, mode: string) =>
    costRows(samples, modes).find((row) => row.workload === workload && row.mode === mode);

  it('measures every workload in every mode', () => {
    expect(costRows(samples, modes)).toHaveLength(16);
    for (const row of costRows(samples, modes)) expect(row.cycles).toBeGreaterThan(row.layerCycles);
  });

  it('does the same work in every mode: own instructions differ by traps alone', () => {
    for (const { name } of workloads) {
      const native = of(name, 'native')?.instret ?? 0;
      for (const mode of modes) expect((of(name, mode)?.instret ?? 0) / native, `${name} ${mode}`).toBeCloseTo(1, 1);
    }
  });

  it('finds computing cheap and two-stage page walks dear', () => {
    expect(of('computing', 'virtualized')?.ratio).toBeLessThan(1.05);
    expect(of('paging', 'virtualized')?.ratio).toBeGreaterThan(of('paging', 'colocated')?.ratio ?? Number.NaN);
  });

  it('repeats itself to the last cycle', () => {
    const again = measure(bootBench(findMode('virtualized'), scenario, images), findWorkload('ticks'));
    expect(again).toEqual(samples.find(({ workload, mode }) => workload === 'ticks' && mode === 'virtualized'));
  });
});
