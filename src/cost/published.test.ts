import { describe, expect, it } from 'vitest';
import type { CostSample } from './measure.ts';
import { publishedRows } from './published.ts';
import { TIMER_BY_CALL } from './settings.ts';
import { findWorkload } from './workloads.ts';

function sample(workload: string, mode: string, cycles: number, more: Partial<CostSample['cost']> = {}): CostSample {
  const none = { instret: 0, layerCycles: 0, layerInstret: 0, entries: 0, idleCycles: 0, otherCycles: 0 };
  return { workload, mode, settings: [], cost: { ...none, cycles, ...more } };
}

const under = (setting: string, of: CostSample): CostSample => ({ ...of, settings: [setting] });
const verdictOf = (samples: readonly CostSample[], name: string) =>
  publishedRows(samples).find(({ row }) => row.includes(name));

describe('published figures', () => {
  it('say what was not measured, and what they wait for', () => {
    const rows = publishedRows([]);
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['not comparable']));
    expect(verdictOf([], 'lsp-2d-refs')?.cause).toBe('not measured in this run');
    expect(verdictOf([], 'aia-irq-reduction')?.cause).toBe('needs the advanced interrupt architecture');
  });

  it.each([
    [12, 'reproduced'],
    [11, 'not reproduced'],
  ])('count %i more references of a two-stage walk from cycles: %s', (references, verdict) => {
    const misses = findWorkload('pages').rounds * 1024;
    const samples = [
      sample('pages', 'native', 1000),
      under('G-stage leaf 4 KiB', sample('pages', 'virtualized', 1000 + misses * references * 4)),
    ];
    expect(verdictOf(samples, 'lsp-2d-refs')).toMatchObject({ ours: `${references}.00`, verdict });
  });

  it.each([
    [1001, 'reproduced'],
    [1021, 'not reproduced'],
  ])('take the greatest overhead of computing: %i to 1000 is %s', (cycles, verdict) => {
    const names = ['crc', 'sort', 'matrix', 'floats', 'interpreter', 'ticked'];
    const samples = names.flatMap((name) => [
      sample(name, 'native', 1000),
      sample(name, 'virtualized', name === 'sort' ? cycles : 1000),
    ]);
    expect(verdictOf(samples, 'sph-mib-bao,')?.verdict).toBe(verdict);
    expect(verdictOf(samples.slice(1), 'sph-mib-bao,')?.verdict).toBe('not comparable');
  });

  it('count entries of a hypervisor for each tick', () => {
    const ticks = (entries: number) =>
      under(TIMER_BY_CALL, sample('ticked', 'virtualized', 40_000_000, { entries, layerInstret: 200 * entries }));
    expect(verdictOf([ticks(12)], 'sph-exc-rate')).toMatchObject({ ours: '1.00', verdict: 'reproduced' });
    expect(verdictOf([ticks(22)], 'sph-exc-rate')).toMatchObject({ ours: '2.00', verdict: 'not reproduced' });
    expect(verdictOf([ticks(12)], 'sph-instr-per-exc')).toMatchObject({ ours: '200', verdict: 'reproduced' });
  });
});
