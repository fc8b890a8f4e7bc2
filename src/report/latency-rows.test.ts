import { expect, it } from 'vitest';
import type { LatencyRow } from '../cost/records.ts';
import { LATENCY_TITLES, LATENCY_WORDS, latencyCells } from './latency-rows.ts';

const row = { guest: 'rtos', n: 64, p50: 1, p95: 2, p99: 3, max: 4, bound: null, late: 0 };
const rows: LatencyRow[] = [
  { ...row, kind: 'timer interrupt', mode: 'open', neighbour: 'absent' },
  { ...row, kind: 'response', mode: 'virtualized', neighbour: 'busy', bound: 200_000, late: 5 },
  { ...row, kind: 'response', mode: 'colocated', neighbour: 'busy' },
  { ...row, kind: 'response', mode: 'native', neighbour: 'absent' },
];

it('responses come first, modes beside each other, with every percentile that was measured', () => {
  const cells = latencyCells(rows, ['native', 'colocated', 'open', 'virtualized']);
  expect(cells.map(([what, , neighbour, mode]) => [what, neighbour, mode])).toEqual([
    ['response', 'absent', 'native'],
    ['response', 'busy', 'colocated'],
    ['response', 'busy', 'virtualized'],
    ['timer interrupt', 'absent', 'open'],
  ]);
  expect(cells[2]?.slice(LATENCY_WORDS)).toEqual(['64', '1', '2', '3', '4', '200,000', '5']);
  for (const line of cells) expect(line).toHaveLength(LATENCY_TITLES.length);
});
