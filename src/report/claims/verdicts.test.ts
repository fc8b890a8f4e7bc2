// Each rule on made-up records, one case per verdict it can yield, and one step on either side of its thresholds.

import { describe, expect, it } from 'vitest';
import {
  actRow,
  caughtRow,
  costRow,
  footprintRow,
  latencyRow,
  layerRow,
  nothing,
  rateRow,
  reachRow,
  visibilityRow,
} from '../../../test/report/made-up-evidence.ts';
import type { Verdict } from '../documents.ts';
import type { Evidence } from './claim.ts';
import { judge } from './index.ts';

const claimOf = (id: string, change: Partial<Evidence>) => {
  const claim = judge({ ...nothing, ...change }).find((row) => row.id === id);
  if (claim === undefined) throw new RangeError(id);
  return claim;
};

const activated95 = (lower: number, upper: number) => ({ activated95: { lower, upper } });
const fails = actRow({ reached: true, failed: true });
const virtualized = { mode: 'virtualized' };
const partitioned = { mode: 'partitioned' };
const native = costRow({ mode: 'native' });
const slow = (ratio: number, of = 'computing') => costRow({ class: of, workload: of, ratio });
const against = (ratioToColocated: number, of = 'computing') => costRow({ class: of, workload: of, ratioToColocated });

type Case = readonly [id: string, verdict: Verdict, change: Partial<Evidence>];

const cases: readonly Case[] = [
  ['H2', 'untested', { rates: [rateRow({})] }],
  ['H2', 'contradicted', { capability: [actRow({ reached: true })], rates: [rateRow({})] }],
  ['H2', 'supported', { capability: [fails], rates: [rateRow(activated95(0.5, 0.7))] }],
  ['H2', 'mixed', { capability: [fails], rates: [rateRow(activated95(0.5, 0.7)), rateRow(activated95(0.1, 0.49))] }],
  ['H2', 'inconclusive', { capability: [fails], rates: [rateRow(activated95(0.49, 0.7))] }],
  ['H2', 'inconclusive', { capability: [fails] }],
  ['H2', 'inconclusive', { capability: [fails], rates: [rateRow({ class: 'MEM-3', ...activated95(0.9, 1) })] }],

  ['H4', 'untested', { visibility: [visibilityRow({ perturbed: '' })] }],
  ['H4', 'untested', { visibility: [visibilityRow({ mode: 'colocated', seen: true })] }],
  ['H4', 'supported', { visibility: [visibilityRow({}), visibilityRow({ seen: true, declared: true })] }],
  ['H4', 'contradicted', { visibility: [visibilityRow({}), visibilityRow({ seen: true })] }],

  ['H5', 'untested', { cost: [costRow({})] }],
  ['H5', 'supported', { cost: [native, slow(1.01), slow(1.002, 'system calls')] }],
  ['H5', 'mixed', { cost: [native, slow(1.011), slow(1.002, 'system calls')] }],
  ['H5', 'mixed', { cost: [native, slow(1.05), slow(1.6, 'timer ticks')] }],
  ['H5', 'contradicted', { cost: [native, slow(1.051), slow(1.6, 'timer ticks')] }],

  ['H6', 'untested', { cost: [against(2, 'timer ticks')] }],
  ['H6', 'supported', { cost: [against(1.049), against(1.049, 'timer ticks')] }],
  ['H6', 'mixed', { cost: [against(1.049), against(1.05, 'timer ticks')] }],
  ['H6', 'contradicted', { cost: [against(1.05)] }],
  [
    'H6',
    'contradicted',
    { cost: [against(1)], latency: [latencyRow({ late: 0 }), latencyRow({ ...virtualized, late: 1 })] },
  ],
  [
    'H6',
    'supported',
    { cost: [against(1)], latency: [latencyRow({ late: 1 }), latencyRow({ ...virtualized, late: 1 })] },
  ],

  ['H7', 'untested', { rates: [rateRow({})] }],
  ['H7', 'supported', { rates: [rateRow({ ...virtualized, upper95: 0.001 })] }],
  ['H7', 'inconclusive', { rates: [rateRow({ ...virtualized, upper95: 0.0011 })] }],
  ['H7', 'mixed', { rates: [rateRow({ ...virtualized, upper95: 0.001, late: 1 })] }],
  ['H7', 'mixed', { rates: [rateRow({ ...virtualized, failed: 5, lower95: 0.002, upper95: 0.02 })] }],
  ['H7', 'contradicted', { rates: [rateRow({ ...virtualized, failed: 30, lower95: 0.011, upper95: 0.05 })] }],

  ['S1', 'untested', { capability: [actRow({ ...virtualized })] }],
  ['S1', 'supported', { capability: [actRow({}), actRow({ ...partitioned })] }],
  ['S1', 'mixed', { capability: [fails, actRow({ ...partitioned })] }],
  ['S1', 'mixed', { capability: [actRow({})] }],
  ['S1', 'contradicted', { capability: [fails, { ...fails, ...partitioned }] }],

  // By chance the interval decides, whatever the acts say.
  ['S1', 'supported', { caught: [caughtRow('colocated', 0.8, 0.9), caughtRow('partitioned', 0.6, 1)] }],
  [
    'S1',
    'contradicted',
    {
      caught: [caughtRow('colocated', 0, 0.1)],
      capability: [actRow({ ...partitioned, ...fails, mode: 'partitioned' })],
    },
  ],
  ['S1', 'inconclusive', { caught: [caughtRow('colocated', 0.2, 0.9)] }],
  ['S1', 'mixed', { caught: [caughtRow('colocated', 0, 0.1), caughtRow('partitioned', 0.9, 1)] }],

  ['S2', 'untested', { reach: [reachRow({ ...partitioned })] }],
  ['S2', 'supported', { reach: [reachRow({ ...partitioned })], capability: [actRow({ ...partitioned })] }],
  [
    'S2',
    'contradicted',
    { reach: [reachRow({ ...partitioned, reached: 1 })], capability: [actRow({ ...partitioned })] },
  ],
  [
    'S2',
    'contradicted',
    { reach: [reachRow({ ...partitioned })], capability: [actRow({ ...partitioned, late: true })] },
  ],
  [
    'S2',
    'contradicted',
    {
      reach: [reachRow({ ...partitioned })],
      capability: [actRow({ ...partitioned })],
      rates: [rateRow({ ...partitioned, reached: 1 })],
    },
  ],

  ['S3', 'untested', { latency: [latencyRow({ guest: 'unix' }), latencyRow({ bound: null })] }],
  ['S3', 'untested', { latency: [latencyRow({ mode: 'native' })] }],
  ['S3', 'supported', { latency: [latencyRow({})] }],
  ['S3', 'mixed', { latency: [latencyRow({})], rates: [rateRow({ faulty: 'unix', bystander: 'rtos', late: 1 })] }],
  ['S3', 'contradicted', { latency: [latencyRow({}), latencyRow({ late: 1 })] }],

  ['S4', 'untested', { footprint: [footprintRow('hypervisor', 1, 1, 1)] }],
  ['S4', 'supported', { footprint: [footprintRow('hypervisor', 1, 1, 1), footprintRow('rtos', 2, 2, 2)] }],
  ['S4', 'contradicted', { footprint: [footprintRow('hypervisor', 2, 2, 2), footprintRow('rtos', 2, 2, 2)] }],
  ['S4', 'mixed', { footprint: [footprintRow('hypervisor', 1, 3, 1), footprintRow('rtos', 2, 2, 2)] }],
  ['S4', 'inconclusive', { footprint: [footprintRow('hypervisor', 1, 1, 1), footprintRow('rtos', 2, 2, null)] }],

  ['S5', 'untested', { capability: [actRow({ ...virtualized })] }],
  ['S5', 'supported', { capability: [actRow({ ...virtualized, fault: 'DMA-1', reached: true })] }],
  ['S5', 'supported', { capability: [actRow({ ...virtualized })], latency: [latencyRow({ ...virtualized, late: 1 })] }],
  ['S5', 'supported', { capability: [actRow({ ...virtualized })], rates: [rateRow({ ...virtualized, late: 1 })] }],

  ['S6', 'untested', { capability: [fails], cost: [native, slow(1)] }],
];

describe('verdicts', () => {
  it.each(cases.map(([id, verdict, change], index) => ({ id, verdict, change, index })))(
    '$id is $verdict (case $index)',
    ({ id, verdict, change }) => {
      expect(claimOf(id, change).verdict).toBe(verdict);
    },
  );

  it('are reached in every way that a rule has, but for H1 and H3, whose cases stand apart', () => {
    const yielded = new Map<string, Set<string>>();
    for (const [id, verdict] of cases) yielded.set(id, (yielded.get(id) ?? new Set()).add(verdict));
    for (const id of ['H2', 'H5', 'H6', 'H7', 'S1', 'S2', 'S3', 'S4']) {
      expect(yielded.get(id), id).toContain('supported');
      expect(yielded.get(id), id).toContain('contradicted');
    }
  });
});

describe('counter-evidence', () => {
  it('stands beside a verdict that it does not change', () => {
    const layer = [layerRow({})];
    const claim = claimOf('H7', { rates: [rateRow({ ...virtualized, upper95: 0.001 })], layer });
    expect(claim.verdict).toBe('supported');
    expect(claim.against.join()).toContain('hypervisor, HWF-1: every guest lost in 40 of 400, 13 expected per Gcycle');
  });

  it('of H2 gives both forms, and the same acts in virtualized', () => {
    const claim = claimOf('H2', {
      capability: [fails, { ...fails, fault: 'MEM-1', failed: false }, actRow({ ...virtualized })],
      rates: [rateRow({ failed: 3, ...activated95(0.001, 0.02) })],
    });
    expect(claim.for).toContain('can: colocated: 1 of 2 directed acts fail the neighbour');
    expect(claim.against[0]).toBe('does: colocated: 3 of 400 activated random faults fail the neighbour');
    expect(claim.against.at(-1)).toBe('the same acts: virtualized: 0 of 1 directed acts fail the neighbour');
  });

  it('of H4 names what is real and declared, and what could not be changed', () => {
    const rows = [
      visibilityRow({ seen: true, declared: true }),
      visibilityRow({ resource: 'mvendorid by SBI call', perturbed: '' }),
      visibilityRow({ mode: 'colocated', resource: 'mtime', seen: true }),
      visibilityRow({ resource: 'mtime', answer: 'refused' }),
    ];
    const claim = claimOf('H4', { visibility: rows });
    expect(claim.for).toEqual(['virtualized: 2 of 3 resources read show nothing of the host’s value']);
    expect(claim.against).toEqual([
      'virtualized, real and declared so: cycle',
      'answered, and the host’s value could not be changed: mvendorid by SBI call',
      'colocated: the host’s value shows in mtime',
    ]);
  });

  it('of H5 prints what the search found', () => {
    const search: Evidence['search'] = [
      { claim: 'H5', hypothesis: 'at most 1 %', threshold: 1.01, tried: 80, found: 12, examples: [] },
    ];
    expect(claimOf('H5', { cost: [native, slow(1.6)], search }).against).toContain(
      'search over workloads and settings: 12 of 80 tries against "at most 1 %"',
    );
  });
});
