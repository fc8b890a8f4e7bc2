// Several regions together: cells are never pooled by heads, since a region counts by its size and not by how often it was
// drawn from.

import { type Region, bitsOf } from './fault-space.ts';
import type { PooledRow, RateRow } from './records.ts';
import { stratified } from './statistics/weighted.ts';
import { groupBy, sortBy } from './tally.ts';

/** Bits of a guest that a class may hit; undefined of a class that flips no one bit of a region. */
export type BitsHit = (fault: string, guest: string) => number | undefined;

/** The memory of a class, region by region. */
const MEMORY: Readonly<Record<string, Region['name']>> = {
  'HWF-4-text': 'text',
  'HWF-4-data': 'data',
  'HWF-4-stack': 'stack',
  'HWF-4-tables': 'page tables',
};

/** @param registers bits of the classes that hit registers and CSRs, of which every guest has as many */
export function bitsHitIn(
  regions: ReadonlyMap<string, readonly Region[]>,
  registers: Readonly<Record<string, number>>,
): BitsHit {
  return (fault, guest) => {
    const region = regions.get(guest)?.find(({ name }) => name === MEMORY[fault]);
    return registers[fault] ?? (region && bitsOf(region));
  };
}

/** One row per mode and ordered pair for which several regions were sampled. */
export function pooledOf(rates: readonly RateRow[], bitsHit: BitsHit): PooledRow[] {
  const pairs = groupBy(rates, ({ mode, faulty, bystander }) => [mode, faulty, bystander].join(' '));
  const rows = pairs.flatMap((cells): PooledRow[] => {
    const strata = cells.flatMap((cell) => {
      const weight = bitsHit(cell.class, cell.faulty);
      return weight === undefined || cell.injected === 0 ? [] : [{ weight, k: cell.failed, n: cell.injected, cell }];
    });
    const [first] = strata;
    if (first === undefined || strata.length < 2) return [];
    const { share, lower, upper } = stratified(strata);
    const { mode, faulty, bystander } = first.cell;
    return [
      {
        mode,
        faulty,
        bystander,
        classes: strata.map(({ cell }) => cell.class),
        bits: strata.reduce((sum, { weight }) => sum + weight, 0),
        share,
        lower95: lower,
        upper95: upper,
      },
    ];
  });
  return sortBy(rows, (row) => [row.faulty, row.bystander, row.mode]);
}
