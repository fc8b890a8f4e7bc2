// The cells of a campaign at one of its declared looks: which have what they were asked for, and which never will.

import type { ExperimentRecord } from '../records.ts';
import { findingsOf, groupBy, sortBy } from '../tally.ts';
import { boundAt, type Decision, decide, type LookSchedule } from './looks.ts';

/** One class and ordered pair in one mode. */
export interface CellDecision {
  readonly class: string;
  readonly mode: string;
  readonly faulty: string;
  readonly bystander: string;
  /** Faults at which it was decided. */
  readonly n: number;
  readonly failed: number;
  /** One-sided, good at whichever look the cell stops. */
  readonly bound: number;
  readonly decision: Decision;
}

/** `records` of undecided cells, at the look of that index: only the faults that it declares are looked at. */
export function decideCells(
  schedule: LookSchedule,
  index: number,
  records: readonly ExperimentRecord[],
): CellDecision[] {
  const n = schedule.looks[index]?.n ?? 0;
  const declared = findingsOf(records.filter((record) => record.n < n));
  const cells = groupBy(declared, ({ record, bystander }) =>
    [record.class, record.mode, record.from, bystander].join(' '),
  ).flatMap((findings): CellDecision[] => {
    const [first] = findings;
    if (first === undefined) return [];
    const failed = findings.filter(({ endpoints }) => endpoints.failed).length;
    const { class: fault, mode, from: faulty } = first.record;
    const { bystander } = first;
    const bound = boundAt(schedule, index, failed);
    return [{ class: fault, mode, faulty, bystander, n, failed, bound, decision: decide(schedule, index, failed) }];
  });
  return sortBy(cells, (cell) => [cell.class, cell.faulty, cell.bystander, cell.mode]);
}
