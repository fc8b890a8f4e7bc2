// Section 3: random faults, per ordered pair and never pooled, each rate with its n and its interval; then the controls.

import type { ArgueDocument } from './documents.ts';
import { grouped, onPaper, type Paper, paint, percent, wrapped } from './paper.ts';
import { pairedLines } from './paired-section.ts';
import { sharedModes } from './reach-section.ts';
import { drawTable } from './table.ts';

type RateRow = ArgueDocument['rates'][number];
type ControlRow = ArgueDocument['controls'][number];

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Below this many columns blanks inside a cell are given up. */
const WIDE = 96;

/** "7  1.8 % [0.7, 3.6]", or for no event "0  ≤0.75 %": never "0 %". */
export function rateCell(row: RateRow): string {
  if (row.injected === 0) return '-';
  const points = (share: number) => (100 * share).toFixed(1);
  if (row.failed === 0) return `0  ≤${percent(row.upper95, 2)}`;
  return `${row.failed}  ${percent(row.failed / row.injected)} [${points(row.lower95)}, ${points(row.upper95)}]`;
}

/** One number where all cells agree, as they do unless the harness discarded experiments. */
function rangeOf(values: readonly number[]): string {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return least === most ? String(least) : `${least}-${most}`;
}

/** A pair takes several lines, because FAILED, REACHED and LATE are endpoints that are never merged. */
function rowsOf(paper: Paper, rates: readonly RateRow[], modes: readonly string[]): string[][] {
  const key = (row: RateRow) => `${row.class} ${row.faulty} → ${row.bystander}`;
  const cell = (row: RateRow) =>
    paper.columns < WIDE ? rateCell(row).replace('  ', ' ').replace(' %', '%').replace(', ', ',') : rateCell(row);
  return distinct(rates.map(key)).flatMap((name) => {
    const perMode = (text: (row: RateRow) => string) =>
      modes.map((mode) => {
        const row = rates.find((candidate) => key(candidate) === name && candidate.mode === mode);
        return row === undefined ? '-' : text(row);
      });
    return [
      [name, ...perMode(cell)],
      ['  activated', ...perMode((row) => grouped(row.activated))],
      ['  reached, latent', ...perMode((row) => `${row.reached}, ${row.latent}`)],
      ['  late', ...perMode((row) => grouped(row.late))],
      ['  per seed', ...perMode((row) => rangeOf(row.trajectories.map(({ failed }) => failed)))],
    ];
  });
}

/** Counts, never ticks: a control that ran nothing must be seen to have run nothing. */
function controlText({ name, n, failed, expected }: ControlRow): string {
  if (expected === null) return `${name} ${failed}/${n}${n === 0 ? '' : ` (recall ${percent(failed / n)})`}`;
  return expected === 0 ? `${name} ${failed}/${n}` : `${name} ${failed}/${n} (expected ${expected})`;
}

/** The ledger against the outcome, over all cells: what failed without having been reached has another cause, such as
 * starvation or a reset, or else is a harness error and counted among the controls. */
function ledgerText(rates: readonly RateRow[]): string {
  const sum = (of: (row: RateRow) => number) => rates.reduce((total, row) => total + of(row), 0);
  const reached = sum((row) => row.reached);
  const failed = sum((row) => row.failed);
  const onlyReached = sum((row) => row.latent);
  const both = reached - onlyReached;
  const neither = sum((row) => row.injected) - reached - failed + both;
  const cells = [
    `reached and failed ${grouped(both)}`,
    `only reached ${grouped(onlyReached)}`,
    `only failed ${grouped(failed - both)}`,
    `neither ${grouped(neither)}`,
  ];
  return `ledger against outcome: ${cells.join(' · ')}`;
}

export function chanceSection(
  paper: Paper,
  document: Pick<ArgueDocument, 'modes' | 'rates' | 'paired' | 'controls'>,
  panic: string,
): string[] {
  const modes = sharedModes(document.modes);
  const { rates } = document;
  if (rates.length === 0) return [paint(paper, 'bold', '3 CHANCE   no random fault was run')];
  const n = rangeOf(rates.map((row) => row.injected));
  const title = `3 CHANCE   one random fault: does the NEIGHBOUR fail?  n = ${n} per cell, 95 % interval, ${panic}, adversarial TLB`;
  const columns = [{ title: 'faulty → bystander' }, ...modes.map((mode) => ({ title: mode }))];
  const controls = `controls: ${document.controls.map(controlText).join(' · ')}`;
  const seeds = rangeOf(rates.map((row) => row.trajectories.length));
  const legend = `First line of a pair: runs in which the bystander FAILED. Each cell is spread over ${seeds} input seeds; per seed: least and most that FAILED.`;
  return [
    ...wrapped(paper, title, 11, '').map((line) => paint(paper, 'bold', line)),
    ...drawTable(paper, columns, rowsOf(paper, rates, modes)),
    ...wrapped(paper, legend, 3),
    ...pairedLines(paper, document.paired),
    ...wrapped(paper, onPaper(paper, ledgerText(rates)), 3),
    ...wrapped(paper, onPaper(paper, controls), 3),
  ];
}
