// Whom a guest was refused what of, after a fault: on the machine, in each mode.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labOf } from '../src/cli/tasks.ts';
import { openWorkspace } from '../src/cli/workspace.ts';
import { CONTROLS } from '../src/faults/controls.ts';
import { conduct } from '../src/faults/plan.ts';
import { ratesOf } from '../src/faults/tally.ts';

const lab = labOf(openWorkspace(join(import.meta.dirname, '..'), undefined));
const record = (name: string, mode: string, from: string) => conduct(lab, { class: name, mode, from, seed: 1, n: 0 });
const MODES = ['colocated', 'partitioned', 'open', 'virtualized'] as const;

describe('an access to the neighbour', () => {
  it.each([
    ['colocated', []],
    ['partitioned', [['layer', 7, 'unix', 'unix:trap_entry']]],
    ['open', []],
    ['virtualized', [['layer', 23, 'unix', 'unix:trap_entry']]],
  ])('of a kernel without paging is refused by the layer or by nobody: %s', (mode, expected) => {
    const { refusals, effects } = record('MEM-14', mode, 'rtos');
    expect(refusals.map(({ by, cause, owner, symbol }) => [by, cause, owner, symbol])).toEqual(expected);
    expect(effects.length > 0).toBe(expected.length === 0);
    for (const { pcSymbol } of refusals) expect(pcSymbol).toContain('rtos:');
  });

  it.each(MODES)('of a kernel that maps its own only is refused by its own tables: %s', (mode) => {
    const { refusals } = record('MEM-14', mode, 'unix');
    expect(refusals).toEqual([expect.objectContaining({ by: 'own tables', cause: 15, owner: 'rtos', count: 1 })]);
  });

  it.each(MODES)('is none in a healthy run: %s', (mode) => {
    for (const from of ['rtos', 'unix']) expect(record(CONTROLS.NO_FAULT, mode, from).refusals).toEqual([]);
  });

  it('counts among the runs that were refused, unless another access got through', () => {
    const refused = record('MEM-14', 'virtualized', 'rtos');
    const [row] = ratesOf([refused, { ...refused, refusals: [] }]);
    expect(row).toMatchObject({ injected: 2, refused: 1, reached: 0 });
    const bystanders = refused.outcome.bystanders.map((own) => {
      return { ...own, endpoints: { ...own.endpoints, reached: true } };
    });
    expect(ratesOf([{ ...refused, outcome: { ...refused.outcome, bystanders } }])[0]).toMatchObject({
      refused: 0,
      reached: 1,
    });
  });
});

describe('an access to what the layer keeps for itself', () => {
  it('is refused with the layer as its owner', () => {
    const { refusals } = record('MEM-15', 'virtualized', 'rtos');
    expect(refusals[0]).toMatchObject({ by: 'layer', owner: 'layer' });
    expect(record('TIM-8', 'partitioned', 'rtos').refusals[0]).toMatchObject({
      owner: 'layer',
      symbol: 'clint:mtimecmp',
    });
  });
});

describe('a stray transfer of a device', () => {
  const behind = labOf(openWorkspace(join(import.meta.dirname, '..'), 'scenarios/iommu.yaml'));
  const transfer = (name: string, mode: string) => conduct(behind, { class: name, mode, from: 'rtos', seed: 1, n: 0 });

  it.each(['DMA-1', 'DMA-2'])('is refused by an IOMMU that the layer uses: %s', (name) => {
    const { refusals, effects, mechanism, outcome } = transfer(name, 'virtualized');
    expect(effects).toEqual([]);
    expect(refusals.map(({ by, cause, owner }) => [by, cause, owner])).toEqual([['IOMMU', 23, 'unix']]);
    expect(mechanism).toBe('refused by the IOMMU: store guest page fault, cause 23');
    for (const { endpoints } of outcome.bystanders) expect(Object.values(endpoints)).not.toContain(true);
  });

  it.each(['colocated', 'partitioned', 'open'])('arrives where the layer uses none: %s', (mode) => {
    const { refusals, outcome } = transfer('DMA-1', mode);
    expect(refusals).toEqual([]);
    expect(outcome.bystanders[0]?.endpoints).toMatchObject({ reached: true, corrupted: true, failed: true });
  });
});
