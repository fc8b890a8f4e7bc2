// How long guests wait, mode by mode, as tables have it: the responses of real-time work first.

import type { LatencyRow } from '../cost/records.ts';
import { grouped } from './paper.ts';

export const LATENCY_TITLES = [
  'what',
  'guest',
  'neighbour',
  'mode',
  'n',
  'median, ns',
  '95 %',
  '99 %',
  'most',
  'bound',
  'late',
];
/** Of them, words. */
export const LATENCY_WORDS = 4;

const KINDS: readonly LatencyRow['kind'][] = ['response', 'timer interrupt', 'device interrupt'];

export function latencyCells(rows: readonly LatencyRow[], modes: readonly string[]): string[][] {
  const neighbours = [...new Set(rows.map(({ neighbour }) => neighbour))];
  const rank = ({ kind, neighbour, mode }: LatencyRow): number[] => [
    KINDS.indexOf(kind),
    neighbours.indexOf(neighbour),
    modes.indexOf(mode),
  ];
  const sorted = [...rows].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((value, index) => value !== right[index]);
    return (left[at] ?? 0) - (right[at] ?? 0);
  });
  return sorted.map((row) => [
    row.kind,
    row.guest,
    row.neighbour,
    row.mode,
    ...[row.n, row.p50, row.p95, row.p99, row.max].map(grouped),
    row.bound === null ? '–' : grouped(row.bound),
    grouped(row.late),
  ]);
}
