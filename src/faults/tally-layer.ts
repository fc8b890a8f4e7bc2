// Faults in the layer itself. Layers differ in size and in the time spent in them, so a share of injections compares
// nothing by itself: failures per gigacycle stand beside it.

import type { LayerRow } from './records.ts';
import { reportedInterval } from './statistics/intervals.ts';
import { type Exposure, failuresPerGcycle, faultSpace } from './statistics/weighted.ts';

/** What was seen of one component of a layer under one class of faults. */
export type LayerCounts = Pick<LayerRow, 'class' | 'mode' | 'component' | 'injected' | 'activated' | 'guestsLost'>;

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
