// From experiment records to the rows of a report. Sorted, so that the order of execution leaves no trace.

import type { Endpoints } from './outcome.ts';
import type { ControlRow, ExperimentRecord, RateRow } from './records.ts';
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

interface Pair {
  readonly record: ExperimentRecord;
  readonly bystander: string;
  readonly endpoints: Endpoints;
}

/** Every (experiment, bystander), without those in which the harness contradicted itself: they say nothing. */
function pairsOf(records: readonly ExperimentRecord[]): Pair[] {
  return records
    .filter((record) => record.outcome.harnessError === '')
    .flatMap((record) =>
      record.outcome.bystanders.map(({ guest, endpoints }) => ({ record, bystander: guest, endpoints })),
    );
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
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

function rateOf(pairs: readonly Pair[], first: Pair, trajectories: number): RateRow {
  // A point that a mode never reaches stays in the pair as such: it counts as injected and not activated.
  const injected = pairs.length;
  const activated = countOf(pairs, ({ record }) => record.activated);
  const failed = countOf(pairs, ({ endpoints }) => endpoints.failed);
  const failedActivated = countOf(pairs, ({ record, endpoints }) => record.activated && endpoints.failed);
  const { lower, upper } = reportedInterval(failed, injected);
  return {
    class: first.record.class,
    mode: first.record.mode,
    faulty: first.record.from,
    bystander: first.bystander,
    injected,
    activated,
    reached: countOf(pairs, ({ endpoints }) => endpoints.reached),
    failed,
    late: countOf(pairs, ({ endpoints }) => endpoints.late),
    latent: countOf(pairs, ({ endpoints }) => endpoints.reached && !endpoints.failed),
    lower95: lower,
    upper95: upper,
    activated95: reportedInterval(failedActivated, activated),
    trajectories: Math.min(trajectories, injected),
  };
}

/** One row per (class, mode, ordered pair), never pooled. */
export function ratesOf(records: readonly ExperimentRecord[], trajectories: number): RateRow[] {
  const key = ({ record, bystander }: Pair) => [record.class, record.mode, record.from, bystander].join(' ');
  const rows = groupBy(pairsOf(records), key).flatMap((pairs) =>
    pairs[0] === undefined ? [] : [rateOf(pairs, pairs[0], trajectories)],
  );
  return sortBy(rows, (row) => [row.class, row.mode, row.faulty, row.bystander]);
}

function anyFailed(record: ExperimentRecord): boolean {
  return record.outcome.bystanders.some(({ endpoints }) => endpoints.failed);
}

/** Nothing was done, or only the value already there written: the run must end in the golden state. */
function disturbed(record: ExperimentRecord): boolean {
  const { faulty, harnessError } = record.outcome;
  const golden = faulty === 'masked' || faulty === 'not reached';
  return !golden || anyFailed(record) || harnessError !== '';
}

export const CONTROLS = { NO_FAULT: 'no-fault', SHAM: 'sham', DELAY: 'delay' } as const;

/** The class that must fail a neighbour where nothing protects it, else the detector is blind. */
export const POSITIVE_CONTROL = 'MEM-14';

/** `mustFail` says of which experiments of that class failure was predicted. */
export function controlsOf(
  records: readonly ExperimentRecord[],
  mustFail: (record: ExperimentRecord) => boolean,
): ControlRow[] {
  const of = (name: string) => records.filter((record) => record.class === name);
  const row = (name: string, own: readonly ExperimentRecord[], failed: (record: ExperimentRecord) => boolean) => ({
    name,
    n: own.length,
    failed: countOf(own, failed),
    expected: 0,
  });
  const positive = of(POSITIVE_CONTROL).filter(mustFail);
  const rows: ControlRow[] = [
    row('no fault', of(CONTROLS.NO_FAULT), disturbed),
    row('sham', of(CONTROLS.SHAM), disturbed),
    row('delay only', of(CONTROLS.DELAY), (record) => anyFailed(record) || record.outcome.harnessError !== ''),
    { ...row('positive', positive, anyFailed), expected: positive.length },
    row(
      'harness errors',
      records.filter((record) => !isControl(record.class)),
      (record) => record.outcome.harnessError !== '',
    ),
  ];
  return sortBy(rows, ({ name }) => [name]);
}

export function isControl(name: string): boolean {
  return Object.values<string>(CONTROLS).includes(name);
}

/** A control that ran nothing proves nothing. */
export function controlHolds({ n, failed, expected }: ControlRow): boolean {
  return n > 0 && failed === expected;
}
