import { addCounts, type Counts, noCounts } from './count.ts';
import type { Difference } from './compare.ts';

/** A difference that nothing explains, by the number of its program. */
export interface Finding {
  readonly index: number;
  readonly difference: Difference;
}

/** What comparing some programs gave. */
export interface Report {
  readonly counts: Counts;
  /** How often each known error showed. */
  readonly known: Map<string, number>;
  readonly findings: Finding[];
}

export const noReport = (): Report => ({ counts: noCounts(), known: new Map(), findings: [] });

export function addReport(to: Report, { counts, known, findings }: Report): void {
  addCounts(to.counts, counts);
  for (const [id, times] of known) to.known.set(id, (to.known.get(id) ?? 0) + times);
  to.findings.push(...findings);
}
