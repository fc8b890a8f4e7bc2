import { describe, expect, it } from 'vitest';
import { nothing as evidence } from '../../../test/report/made-up-evidence.ts';
import type { Evidence } from './claim.ts';
import { claims, judge } from './index.ts';

type Reach = Evidence['reach'][number];
type Capability = Evidence['capability'][number];

const none = { reached: false, corrupted: false, failed: false, late: false, leaked: false };

function swept(
  mode: string,
  reached: number,
  resource = 'neighbour-ram',
  accesses: Reach['access'][] = ['r', 'w', 'x'],
): Reach[] {
  return ['rtos', 'unix'].flatMap((from) =>
    accesses.map((access) => ({ mode, from, resource, access, tried: 17_408, reached })),
  );
}

function act(fault: string, reached: boolean): Capability {
  return {
    fault,
    mode: 'virtualized',
    from: 'rtos',
    to: 'unix',
    predicted: none,
    ...none,
    reached,
    mechanism: '',
    replay: 't1.00000000.DMA-1.virtualized.rtos.1-0',
  };
}

const verdictOf = (id: string, change: Partial<Evidence>) =>
  judge({ ...evidence, ...change }).find((claim) => claim.id === id);

describe('H1, full access to all physical memory', () => {
  const verdict = (reach: Reach[]) => verdictOf('H1', { reach })?.verdict;

  it('is supported when every foreign page is read, written and executed', () => {
    const claim = verdictOf('H1', { reach: swept('colocated', 17_408) });
    expect(claim?.verdict).toBe('supported');
    expect(claim?.for).toContain('colocated: rtos reads, writes, executes 17,408 of 17,408 foreign pages');
  });

  it('is contradicted by a single page that refuses', () => {
    expect(verdict([...swept('colocated', 17_408), ...swept('colocated', 17_407, 'layer-ram', ['x'])])).toBe(
      'contradicted',
    );
  });

  it('is not touched by registers of devices, which stand as counter-evidence', () => {
    const claim = verdictOf('H1', {
      reach: [...swept('colocated', 17_408), ...swept('colocated', 0, 'plic', ['r'])],
    });
    expect(claim?.verdict).toBe('supported');
    expect(claim?.against[0]).toContain('34,816 of 34,816 accesses to device registers had no foreign effect');
  });

  it('is untested without a complete sweep of that mode', () => {
    expect(verdict([])).toBe('untested');
    expect(verdict(swept('virtualized', 17_408))).toBe('untested');
    expect(verdict(swept('colocated', 17_408, 'neighbour-ram', ['r', 'w']))).toBe('untested');
  });
});

describe('full translation caches', () => {
  it('make every verdict inconclusive, and say so', () => {
    const translation = { ...evidence.translation, capped: 3 };
    const claim = verdictOf('H1', { reach: swept('colocated', 17_408), translation });
    expect(claim?.verdict).toBe('inconclusive');
    expect(claim?.against).toContain('3 experiments ran with full translation caches');
    expect(verdictOf('H1', { translation })?.verdict).toBe('untested');
  });
});

describe('H3, isolation is inherent', () => {
  const verdict = (change: Partial<Evidence>) => verdictOf('H3', change)?.verdict;
  const sealed = swept('virtualized', 0);

  it('is contradicted by any reach of the processor, swept or directed', () => {
    expect(verdict({ reach: swept('virtualized', 1), capability: [act('DMA-1', false)] })).toBe('contradicted');
    expect(verdict({ reach: sealed, capability: [act('DMA-1', false), act('MEM-14', true)] })).toBe('contradicted');
  });

  it('is mixed when only a device reaches', () => {
    const claim = verdictOf('H3', { reach: sealed, capability: [act('DMA-1', true), act('MEM-14', false)] });
    expect(claim?.verdict).toBe('mixed');
    expect(claim?.against[0]).toContain('DMA channel');
  });

  it('is mixed when a random fault reached something', () => {
    const rate = {
      class: 'HWF-1',
      mode: 'virtualized',
      faulty: 'rtos',
      bystander: 'unix',
      injected: 100,
      activated: 40,
      reached: 1,
      failed: 0,
      late: 0,
      latent: 1,
      refused: 0,
      writablePages: null,
      foreignPages: null,
      lower95: 0,
      upper95: 0.03,
      activated95: { lower: 0, upper: 0.07 },
      trajectories: [],
    };
    expect(verdict({ reach: sealed, capability: [act('DMA-1', false)], rates: [rate] })).toBe('mixed');
  });

  it('stays inconclusive when nothing reached, because one setting is not all', () => {
    expect(verdict({ reach: sealed, capability: [act('DMA-1', false)] })).toBe('inconclusive');
  });

  it('is untested without the sweep or without the transfer', () => {
    expect(verdict({ capability: [act('DMA-1', true)] })).toBe('untested');
    expect(verdict({ reach: sealed })).toBe('untested');
    expect(verdict({ reach: swept('colocated', 0), capability: [act('DMA-1', true)] })).toBe('untested');
  });
});

describe('claims', () => {
  it('are thirteen, each once, and without records wait and say for what', () => {
    const rows = judge(evidence);
    expect(rows.map((row) => row.id)).toEqual([
      'H1',
      'H2',
      'H3',
      'H4',
      'H5',
      'H6',
      'H7',
      'S1',
      'S2',
      'S3',
      'S4',
      'S5',
      'S6',
    ]);
    for (const row of rows) {
      expect(row.verdict, row.id).toBe('untested');
      expect(row.against.join(), row.id).not.toBe('');
    }
  });

  it('keep the wording of the blog, lower case included', () => {
    expect(claims.find((claim) => claim.id === 'H2')?.quote).toBe('each bug in one OS would take down all the others');
  });
});
