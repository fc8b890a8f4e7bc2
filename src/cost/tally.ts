// From samples to the rows of a report: ratios to native and to colocated, and how much the layers do per event.

import type { CostSample } from './measure.ts';
import type { CostRow, LayerEffortRow } from './records.ts';
import { findWorkload, TICKS_PER_ROUND, workloads } from './workloads.ts';

const BASELINE = 'native';
const OTHER_POLE = 'colocated';
/** Rounds of the workload `ticks` in bench's own table. */
const TICK_ROUNDS = 10;

const total = ({ cost }: CostSample): number => cost.cycles + cost.layerCycles;

function ratioOf(sample: CostSample, reference: CostSample | undefined): number {
  return reference === undefined ? Number.NaN : total(sample) / total(reference);
}

/** Rows in the order of the workloads and of `modes`. A workload that was not measured in native has no ratio, no row. */
export function costRows(samples: readonly CostSample[], modes: readonly string[]): CostRow[] {
  const of = (workload: string, mode: string) =>
    samples.find((sample) => sample.workload === workload && sample.mode === mode);
  return workloads.flatMap(({ name }) =>
    modes.flatMap((mode) => {
      const sample = of(name, mode);
      const native = of(name, BASELINE);
      const colocated = of(name, OTHER_POLE);
      if (sample === undefined || native === undefined || colocated === undefined) return [];
      return [
        {
          workload: name,
          class: findWorkload(name).class,
          mode,
          cycles: total(sample),
          instret: sample.cost.instret,
          layerCycles: sample.cost.layerCycles,
          ratio: ratioOf(sample, native),
          ratioToColocated: ratioOf(sample, colocated),
        },
      ];
    }),
  );
}

/** Instructions of the layer per timer tick, so that nobody need suspect a lazy one. */
export function layerEffort(samples: readonly CostSample[], modes: readonly string[]): LayerEffortRow[] {
  const ticks = TICK_ROUNDS * TICKS_PER_ROUND;
  return modes.flatMap((mode) => {
    const sample = samples.find((candidate) => candidate.workload === 'ticks' && candidate.mode === mode);
    if (sample === undefined) return [];
    const { layerInstret, layerCycles, entries } = sample.cost;
    const each = { instructions: layerInstret / ticks, cycles: layerCycles / ticks, entries: entries / ticks };
    return [{ mode, event: 'timer tick', ...each, causes: [] }];
  });
}
