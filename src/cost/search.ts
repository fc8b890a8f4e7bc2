// A search for counter-examples, over every workload and setting that was measured: to H5, "negligible overhead", a ratio to
// native beyond its threshold; to H6, "never any real benefit", a workload that co-location does cheaper by more than its
// threshold. Thresholds were fixed with the claims.

import type { CostRow, LayerEffortRow, SearchRow, SensitivityRow } from './records.ts';
import { DEFAULT_SETTING, settingName } from './settings.ts';

const NEGLIGIBLE = 1.01;
const MATERIAL = 1.05;
const VIRTUALIZED = 'virtualized';
const COLOCATED = 'colocated';

type Example = SearchRow['examples'][number];

/** The strongest of each class, the strongest class first. */
function strongest(found: readonly Example[]): Example[] {
  const best = new Map<string, Example>();
  for (const example of found) {
    const known = best.get(example.class);
    if (known === undefined || example.value > known.value) best.set(example.class, example);
  }
  return [...best.values()].sort((a, b) => b.value - a.value || (a.class < b.class ? -1 : 1));
}

function searchRow(
  claim: SearchRow['claim'],
  hypothesis: string,
  threshold: number,
  candidates: readonly Example[],
): SearchRow {
  const found = candidates.filter(({ value }) => value > threshold);
  return { claim, hypothesis, threshold, tried: candidates.length, found: found.length, examples: strongest(found) };
}

/** A switch between guests has no native counterpart, so it speaks to H6 alone. */
function switches(effort: readonly LayerEffortRow[]): Example[] {
  return [...new Set(effort.map(({ event }) => event))].flatMap((event) => {
    const of = (mode: string) => effort.find((row) => row.mode === mode && row.event === event)?.cycles ?? 0;
    if (of(COLOCATED) === 0 || of(VIRTUALIZED) === 0) return [];
    const value = of(VIRTUALIZED) / of(COLOCATED);
    return [{ workload: event, class: 'the layer alone', setting: DEFAULT_SETTING.setting, value }];
  });
}

export function searchRows(
  cost: readonly CostRow[],
  sensitivity: readonly SensitivityRow[],
  effort: readonly LayerEffortRow[],
): SearchRow[] {
  const rows = [
    ...cost.map((row) => ({ ...row, setting: DEFAULT_SETTING.setting })),
    ...sensitivity.map((row) => ({ ...row, setting: `${row.parameter} ${row.setting}` })),
  ].filter(({ mode }) => mode === VIRTUALIZED);
  const examples = (value: (row: (typeof rows)[number]) => number): Example[] =>
    rows.map((row) => ({ workload: row.workload, class: row.class, setting: row.setting, value: value(row) }));
  return [
    searchRow(
      'H5',
      'virtualized costs at most 1 % more than native',
      NEGLIGIBLE,
      examples((row) => row.ratio),
    ),
    searchRow('H6', 'colocated is nowhere cheaper than virtualized by more than 5 %', MATERIAL, [
      ...examples((row) => row.ratioToColocated),
      ...switches(effort),
    ]),
  ];
}

/** Of each parameter the setting under which `value` came out greatest on average, if greater than as things are: what to
 * try together next. */
export function mostAdverse(
  cost: readonly CostRow[],
  sensitivity: readonly SensitivityRow[],
  value: (row: CostRow | SensitivityRow) => number,
): string[] {
  const mean = (rows: readonly SensitivityRow[]): number => {
    const gains = rows.flatMap((row) => {
      const usual = cost.find(({ mode, workload }) => mode === row.mode && workload === row.workload);
      return usual === undefined ? [] : [value(row) / value(usual)];
    });
    return gains.length === 0 ? 0 : gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  };
  const rows = sensitivity.filter(({ mode }) => mode === VIRTUALIZED);
  return [...new Set(rows.map(({ parameter }) => parameter))].flatMap((parameter) => {
    const own = rows.filter((row) => row.parameter === parameter);
    const means = [...new Set(own.map(({ setting }) => setting))].map((setting) => ({
      name: settingName({ parameter, setting }),
      gain: mean(own.filter((row) => row.setting === setting)),
    }));
    const [best] = means.sort((a, b) => b.gain - a.gain);
    return best !== undefined && best.gain > 1 ? [best.name] : [];
  });
}
