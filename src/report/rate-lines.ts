// The rates of section 3, a line per class and ordered pair where the paper is wide enough for all modes beside each other,
// else a line per mode. FAILED, REACHED and LATE are endpoints that are never merged.

import type { ArgueDocument } from './documents.ts';
import { aligned, grouped, onPaper, type Paper, percent, widest, wrapped } from './paper.ts';

type RateRow = ArgueDocument['rates'][number];
type PairedRow = ArgueDocument['paired'][number];

/** "7  1.8 % [0.7, 3.6]", or for no event "0  ≤0.75 %": never "0 %". */
export function rateCell(row: RateRow): string {
  if (row.injected === 0) return '-';
  const points = (share: number) => (100 * share).toFixed(1);
  if (row.failed === 0) return `0  ≤${percent(row.upper95, 2)}`;
  return `${row.failed}  ${percent(row.failed / row.injected)} [${points(row.lower95)}, ${points(row.upper95)}]`;
}

/** One number where all agree. */
export function rangeOf(values: readonly number[]): string {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return least === most ? grouped(least) : `${grouped(least)}-${grouped(most)}`;
}

export const pairName = (row: Pick<RateRow, 'class' | 'faulty' | 'bystander'>): string =>
  `${row.class} ${row.faulty} → ${row.bystander}`;

/** Of the comparison declared beforehand. */
function holmText(paired: readonly PairedRow[], name: string): string {
  const row = paired.find((candidate) => candidate.pHolm !== null && pairName(candidate) === name);
  if (row?.pHolm === null || row?.pHolm === undefined) return '-';
  return row.pHolm < 0.001 ? '<0.001' : row.pHolm === 1 ? '1' : row.pHolm.toFixed(3);
}

/** What the bystanders showed besides failing, where they showed anything. */
function otherEndpoints(rows: readonly RateRow[]): string[] {
  return rows
    .filter((row) => row.reached > 0 || row.refused > 0 || row.late > 0)
    .map((row) => {
      const seeds = rangeOf(row.trajectories.map(({ failed }) => failed));
      return `${pairName(row)}, ${row.mode}: reached ${row.reached}, latent ${row.latent}, refused ${row.refused}, late ${row.late}; failed per seed ${seeds}`;
    });
}

export function rateLines(
  paper: Paper,
  rates: readonly RateRow[],
  paired: readonly PairedRow[],
  modes: readonly string[],
): string[] {
  const names = [...new Set(rates.map(pairName))];
  const of = (name: string, mode: string) => rates.find((row) => row.mode === mode && pairName(row) === name);
  const activated = (name: string) =>
    rangeOf(rates.filter((row) => pairName(row) === name).map((row) => row.activated));
  const cell = (row: RateRow | undefined) => (row === undefined ? '-' : rateCell(row));
  const table = [
    ['faulty → bystander', 'activated', ...modes, 'Holm p'],
    ...names.map((name) => [
      name,
      activated(name),
      ...modes.map((mode) => cell(of(name, mode))),
      holmText(paired, name),
    ]),
  ].map((row) => row.map((text) => onPaper(paper, text)));
  const wide = aligned(table);
  const fits = widest(wide) <= paper.columns;
  const narrow = names.flatMap((name) => [
    ...wrapped(
      paper,
      onPaper(paper, `${name}: activated ${activated(name)}, Holm p ${holmText(paired, name)}`),
      7,
      '   ',
    ),
    ...aligned(modes.map((mode) => [`  ${mode}`, onPaper(paper, cell(of(name, mode)))])),
  ]);
  const others = otherEndpoints(rates.filter((row) => modes.includes(row.mode)));
  return [...(fits ? wide : narrow), ...others.flatMap((text) => wrapped(paper, onPaper(paper, text), 7, '     '))];
}
