// Section 3: random faults, per ordered pair and never pooled, each rate with its n and its interval; then the controls.

import type { ArgueDocument } from './documents.ts';
import { pairedLines } from './paired-section.ts';
import { grouped, onPaper, type Paper, paint, percent, wrapped } from './paper.ts';
import { PASSES, PASSES_NOTE, placelessTexts, rangeOf, rateLines, SEPARATE } from './rate-lines.ts';
import { CONTROL_MODE, sharedModes } from './reach-section.ts';

type RateRow = ArgueDocument['rates'][number];
type ControlRow = ArgueDocument['controls'][number];

/** Counts, never ticks: a control that ran nothing must be seen to have run nothing. */
function controlText({ name, n, failed, expected }: ControlRow): string {
  if (expected === null) return `${name} ${failed}/${n}${n === 0 ? '' : ` (recall ${percent(failed / n)})`}`;
  return expected === 0 ? `${name} ${failed}/${n}` : `${name} ${failed}/${n} (expected ${expected})`;
}

export function controlLines(paper: Paper, controls: readonly ControlRow[]): string[] {
  return wrapped(paper, onPaper(paper, `controls: ${controls.map(controlText).join(' · ')}`), 3);
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
  const modes = sharedModes(document.modes).filter((mode) => mode !== CONTROL_MODE);
  const { rates } = document;
  const together = rates.filter((row) => row.mode !== SEPARATE);
  const apart = rates.some((row) => row.mode === SEPARATE) ? [SEPARATE] : [];
  if (rates.length === 0) return [paint(paper, 'bold', '3 CHANCE   no random fault was run')];
  const n = rangeOf(together.map((row) => row.injected));
  const title = `3 CHANCE   one random fault: does the NEIGHBOUR fail?  n = ${n} per cell, 95 % interval, ${panic}, adversarial TLB`;
  const seeds = rangeOf(together.map((row) => row.trajectories.length));
  const legend = [
    `A cell: runs in which the bystander FAILED, of those injected. Each is spread over ${seeds} input seeds. An interval holds for its cell, not for all cells together.`,
    "Writable pages: those of others that the faulty guest's own address space lets its kernel write.",
    ...(apart.length > 0 ? ['separate: each guest on a machine of its own, a control.'] : []),
    ...(rates.some((row) => row.class.endsWith(PASSES)) ? [PASSES_NOTE] : []),
    ...placelessTexts(rates),
    `The mode ${CONTROL_MODE}, a control, is in the report.`,
  ].join(' ');
  return [
    ...wrapped(paper, title, 11, '').map((line) => paint(paper, 'bold', line)),
    ...rateLines(paper, rates, document.paired, [...modes, ...apart]),
    ...wrapped(paper, onPaper(paper, legend), 3),
    ...pairedLines(paper, document.paired),
    ...wrapped(paper, onPaper(paper, ledgerText(together)), 3),
    ...controlLines(paper, document.controls),
  ];
}
