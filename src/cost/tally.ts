// From samples to the rows of a report: ratios to native and to colocated, and where the cycles went.

import { elapsedOf } from './account.ts';
import type { CostSample } from './measure.ts';
import type { AccountRow, CostRow, SensitivityRow } from './records.ts';
import { DEFAULT_SETTING, type Setting, settingName, settingOf } from './settings.ts';
import { findWorkload, workloads } from './workloads.ts';

export const BASELINE = 'native';
export const OTHER_POLE = 'colocated';

const total = ({ cost }: CostSample): number => cost.cycles + cost.layerCycles;

function ratioOf(sample: CostSample, reference: CostSample | undefined): number {
  return reference === undefined ? Number.NaN : total(sample) / total(reference);
}

/** Those of one setting. */
const under = (samples: readonly CostSample[], setting: Setting): CostSample[] =>
  samples.filter(({ settings }) => settingName(settingOf(settings)) === settingName(setting));

/** Rows in the order of the workloads and of `modes`. A workload that was not measured in native has no ratio, no row. */
export function costRows(
  samples: readonly CostSample[],
  modes: readonly string[],
  setting = DEFAULT_SETTING,
): CostRow[] {
  const measured = under(samples, setting);
  const of = (workload: string, mode: string) =>
    measured.find((sample) => sample.workload === workload && sample.mode === mode);
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

export function accountRows(samples: readonly CostSample[]): AccountRow[] {
  return under(samples, DEFAULT_SETTING).map(({ workload, mode, cost }) => ({
    workload,
    mode,
    elapsed: elapsedOf(cost),
    guest: cost.cycles,
    layer: cost.layerCycles,
    other: cost.otherCycles,
    idle: cost.idleCycles,
    layerInstret: cost.layerInstret,
    entries: cost.entries,
  }));
}

/** Against native and colocated under the same setting; those baselines are no rows. */
export function sensitivityRows(
  samples: readonly CostSample[],
  modes: readonly string[],
  settings: readonly Setting[],
): SensitivityRow[] {
  return settings.flatMap((setting) =>
    costRows(samples, modes, setting)
      .filter(({ mode }) => mode !== BASELINE)
      .map(({ workload, class: kind, mode, ratio, ratioToColocated }) => {
        const { parameter, setting: value } = setting;
        return { parameter, setting: value, workload, class: kind, mode, ratio, ratioToColocated };
      }),
  );
}
