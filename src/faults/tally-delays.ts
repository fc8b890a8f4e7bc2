// How long faults took to show, per class, mode and struck guest: a sample of what was seen, not of all that were injected.

import type { DelayRow, ExperimentRecord } from './records.ts';
import { groupBy, sortBy } from './tally.ts';

const UNITS = { use: 'instructions', effect: 'instructions', panic: 'cycles' } as const satisfies Record<
  keyof ExperimentRecord['delays'],
  string
>;
const STEPS = ['use', 'effect', 'panic'] as const satisfies readonly (keyof typeof UNITS)[];

/** The smallest value that so much of the sample does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}

export function delaysOf(records: readonly ExperimentRecord[]): DelayRow[] {
  const sound = records.filter(({ outcome }) => outcome.harnessError === '');
  const cells = groupBy(sound, (record) => [record.class, record.mode, record.from].join(' '));
  const rows = cells.flatMap((cell) =>
    STEPS.flatMap((step): DelayRow[] => {
      const seen = cell.flatMap(({ delays }) => delays[step] ?? []).sort((a, b) => a - b);
      const [first] = cell;
      const [least, most] = [seen[0], seen.at(-1)];
      if (first === undefined || least === undefined || most === undefined) return [];
      return [
        {
          class: first.class,
          mode: first.mode,
          faulty: first.from,
          to: step,
          unit: UNITS[step],
          n: seen.length,
          least,
          median: quantile(seen, 0.5),
          p90: quantile(seen, 0.9),
          most,
        },
      ];
    }),
  );
  return sortBy(rows, (row) => [row.class, row.mode, row.faulty, String(STEPS.indexOf(row.to))]);
}
