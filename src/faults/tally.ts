// From experiment records to the rows of a report. Sorted, so that the order of execution leaves no trace.

import type { Endpoints } from './outcome.ts';
import type { CaughtRow, ExperimentRecord, ExposureRow, RateRow } from './records.ts';
import { reportedInterval } from './statistics/intervals.ts';

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorts by the texts that `key` gives, the first one first. */
export function sortBy<T>(rows: readonly T[], key: (row: T) => readonly string[]): T[] {
  return [...rows].sort((a, b) => {
    const other = key(b);
    for (const [index, text] of key(a).entries()) {
      const order = compare(text, other[index] ?? '');
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** What one experiment says of one bystander. */
export interface Finding {
  readonly record: ExperimentRecord;
  readonly bystander: string;
  readonly endpoints: Endpoints;
}

/** Every (experiment, bystander), without those in which the harness contradicted itself: they say nothing. */
export function findingsOf(records: readonly ExperimentRecord[]): Finding[] {
  return records
    .filter((record) => record.outcome.harnessError === '')
    .flatMap((record) =>
      record.outcome.bystanders.map(({ guest, endpoints }) => ({ record, bystander: guest, endpoints })),
    );
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function countOf<T>(items: readonly T[], is: (item: T) => boolean): number {
  return items.filter(is).length;
}

/** Layer and firmware serve every guest, so what is aimed at them is aimed at each. */
function isRefused({ refusals }: ExperimentRecord, bystander: string): boolean {
  return refusals.some(({ owner }) => [bystander, 'layer', 'firmware'].includes(owner));
}

/** One deterministic run is one trajectory, so their spread stands beside the rate. */
function trajectoriesOf(findings: readonly Finding[]): RateRow['trajectories'] {
  const byTrajectory = groupBy(findings, ({ record }) => String(record.trajectory)).map((own) => ({
    trajectory: own[0]?.record.trajectory ?? 0,
    injected: own.length,
    failed: countOf(own, ({ endpoints }) => endpoints.failed),
  }));
  return byTrajectory.sort((a, b) => a.trajectory - b.trajectory).map(({ injected, failed }) => ({ injected, failed }));
}

function rateOf(findings: readonly Finding[], first: Finding, exposure: ExposureRow | undefined): RateRow {
  // A point that a mode never reaches stays in the pair as such: it counts as injected and not activated.
  const injected = findings.length;
  const activated = countOf(findings, ({ record }) => record.activated);
  const failed = countOf(findings, ({ endpoints }) => endpoints.failed);
  const failedActivated = countOf(findings, ({ record, endpoints }) => record.activated && endpoints.failed);
  const { lower, upper } = reportedInterval(failed, injected);
  return {
    class: first.record.class,
    mode: first.record.mode,
    faulty: first.record.from,
    bystander: first.bystander,
    injected,
    activated,
    reached: countOf(findings, ({ endpoints }) => endpoints.reached),
    failed,
    late: countOf(findings, ({ endpoints }) => endpoints.late),
    latent: countOf(findings, ({ endpoints }) => endpoints.reached && !endpoints.failed),
    refused: countOf(
      findings,
      ({ record, bystander, endpoints }) => !endpoints.reached && isRefused(record, bystander),
    ),
    writablePages: exposure?.writable ?? null,
    foreignPages: exposure?.foreign ?? null,
    lower95: lower,
    upper95: upper,
    activated95: reportedInterval(failedActivated, activated),
    trajectories: trajectoriesOf(findings),
  };
}

/** One row per (class, mode, ordered pair), never pooled. */
export function ratesOf(records: readonly ExperimentRecord[], exposures: readonly ExposureRow[] = []): RateRow[] {
  const key = ({ record, bystander }: Finding) => [record.class, record.mode, record.from, bystander].join(' ');
  const rows = groupBy(findingsOf(records), key).flatMap((findings) => {
    const [first] = findings;
    if (first === undefined) return [];
    const { mode, from } = first.record;
    return [
      rateOf(
        findings,
        first,
        exposures.find((row) => row.mode === mode && row.faulty === from),
      ),
    ];
  });
  return sortBy(rows, (row) => [row.class, row.mode, row.faulty, row.bystander]);
}

/** A row per mode in which any fault aimed at what is another's. */
export function caughtOf(rates: readonly RateRow[]): CaughtRow[] {
  return groupBy(rates, ({ mode }) => mode).flatMap((rows): CaughtRow[] => {
    const refused = rows.reduce((sum, row) => sum + row.refused, 0);
    const aimed = rows.reduce((sum, row) => sum + row.reached, refused);
    const { lower, upper } = reportedInterval(refused, aimed);
    return aimed === 0 ? [] : [{ mode: rows[0]?.mode ?? '', aimed, refused, lower95: lower, upper95: upper }];
  });
}

/** Mutants that the guest's own test would have let through, as a class of their own: faults that a release could hold. */
export function residualOf(records: readonly ExperimentRecord[]): ExperimentRecord[] {
  return records
    .filter(({ passesSelfTest }) => passesSelfTest === true)
    .map((record) => ({ ...record, class: `${record.class} (passes self-test)` }));
}
