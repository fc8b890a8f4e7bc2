// Faults in the layer itself. Layers differ in size and in the time spent in them, so a share of injections compares
// nothing by itself: failures per gigacycle stand beside it.

import type { LayerRecord } from './layer-fault.ts';
import type { LayerVerdict } from './layer-outcome.ts';
import type { LayerRow } from './records.ts';
import { reportedInterval } from './statistics/intervals.ts';
import { type Exposure, failuresPerGcycle, faultSpace } from './statistics/weighted.ts';
import { groupBy, sortBy } from './tally.ts';

/** What was seen of one component of a layer under one class of faults. */
export type LayerCounts = Omit<LayerRow, 'lower95' | 'upper95' | 'faultSpace' | 'failuresPerGcycle'>;

export function layerRow(counts: LayerCounts, exposure: Exposure): LayerRow {
  const { lower, upper } = reportedInterval(counts.guestsLost, counts.injected);
  return {
    ...counts,
    lower95: lower,
    upper95: upper,
    faultSpace: faultSpace(exposure),
    failuresPerGcycle: failuresPerGcycle(counts.guestsLost, counts.injected, exposure),
  };
}

/** One row per class, mode and component. Its moments are drawn by cycles. */
export function layerRowsOf(records: readonly LayerRecord[]): LayerRow[] {
  const rows = groupBy(records, (one) => [one.class, one.mode, one.component].join(' ')).flatMap((own) => {
    const [first] = own;
    const injected = own.filter((one) => one.injected);
    if (first === undefined || injected.length === 0) return [];
    const { class: fault, mode, component, bits, residence, cycles } = first;
    const activated = injected.filter((one) => one.activated).length;
    const called = (...verdicts: readonly LayerVerdict[]) => injected.filter((one) => verdicts.includes(one.verdict));
    const counts = {
      class: fault,
      mode,
      component,
      injected: injected.length,
      activated,
      errorReturned: called('error returned').length,
      oneParked: called('one guest parked').length,
      oneLost: called('one guest lost').length,
      guestsLost: called('machine lost').length,
      parkedAmongLost: called('one guest lost', 'machine lost').filter(({ fates }) => fates.includes('parked')).length,
    };
    return [layerRow(counts, { bits, residency: residence, cycles })];
  });
  return sortBy(rows, (row) => [row.class, row.mode, row.component]);
}
