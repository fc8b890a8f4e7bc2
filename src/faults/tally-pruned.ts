// From pilots to rates: a pilot stands for a class of equivalent faults, so what is estimated of the faults that were drawn
// from holds of the whole fault space once those known to do nothing are counted in.

import type { ExperimentRecord, PrunedRow, UsesRow } from './records.ts';
import { stratified } from './statistics/weighted.ts';
import { findingsOf, groupBy, sortBy } from './tally.ts';

/** One row per (class, mode, ordered pair). Each trajectory is a stratum of its own; the interval takes them together, since
 * each got the same number of draws, and a sum of unlike chances scatters less than one of like ones does. */
export function prunedOf(records: readonly ExperimentRecord[], spaces: readonly UsesRow[]): PrunedRow[] {
  const cells = groupBy(findingsOf(records), ({ record, bystander }) =>
    [record.class, record.mode, record.from, bystander].join(' '),
  );
  const rows = cells.flatMap((findings): PrunedRow[] => {
    const [first] = findings;
    if (first === undefined) return [];
    const { class: name, mode, from } = first.record;
    const drawn = spaces
      .filter((space) => space.class === name && space.from === from)
      .map((space) => {
        const own = findings.filter(({ record }) => record.trajectory === space.trajectory);
        return { ...space, n: own.length, k: own.filter(({ endpoints }) => endpoints.failed).length };
      })
      .filter(({ n }) => n > 0);
    const sum = (field: 'live' | 'known' | 'n' | 'k') => drawn.reduce((total, space) => total + space[field], 0);
    const strata = drawn.map(({ live, n, k }) => ({ weight: live, n, k }));
    if (strata.length === 0) return [];
    const { share } = stratified(strata, sum('known'));
    const { lower, upper } = stratified([{ weight: sum('live'), n: sum('n'), k: sum('k') }], sum('known'));
    return [
      {
        class: name,
        mode,
        faulty: from,
        bystander: first.bystander,
        pilots: sum('n'),
        failed: sum('k'),
        live: sum('live') / drawn.length,
        known: sum('known') / drawn.length,
        share,
        lower95: Math.min(lower, share),
        upper95: Math.max(upper, share),
      },
    ];
  });
  return sortBy(rows, (row) => [row.class, row.mode, row.faulty, row.bystander]);
}
