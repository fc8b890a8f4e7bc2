// Section 1: one bug in every mode, what it did and what became of the neighbour.

import type { ExperimentRecord } from '../faults/records.ts';
import { counted, onPaper, type Paper, paint, wrapped } from './paper.ts';

type Bystander = ExperimentRecord['outcome']['bystanders'][number];

const MODE_WIDTH = 13;
/** Between what the machine did and what became of the neighbours. */
const GAP = 2;

/** What became of a bystander, with the numbers that show it. */
export function describeFate(bystander: Bystander): string {
  const { guest, failure, instretAfter } = bystander;
  const words = `${bystander.words}/${bystander.work} words`;
  switch (failure) {
    case 'none':
      return `${guest} ${bystander.endpoints.late ? 'LATE' : 'unharmed'}, ${words}`;
    case 'wrong words':
      return `${guest} WRONG, ${words} but not the right ones`;
    case 'crashed':
      return `${guest} CRASHED after ${counted(instretAfter, 'instruction')}, ${words}`;
    case 'words missing':
      return `${guest} DEAD after ${counted(instretAfter, 'instruction')}, ${words}`;
  }
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** What the machine did in each mode, then what became of the neighbours: beside it, or where it is too long, below. */
export function watchedSection(paper: Paper, title: string, records: readonly ExperimentRecord[]): string[] {
  const rows = records.map(({ mode, mechanism, outcome }) => ({
    start: `   ${mode.padEnd(MODE_WIDTH)}`,
    act: onPaper(paper, mechanism),
    fates: onPaper(paper, outcome.bystanders.map(describeFate).join(' · ')),
    failed: outcome.bystanders.some(({ endpoints }) => endpoints.failed),
  }));
  const width = longest(rows.map(({ start, act }) => start + act)) + GAP;
  const fits = width + longest(rows.map(({ fates }) => fates)) <= paper.columns;
  const head = wrapped(paper, onPaper(paper, `1 ONE BUG, WATCHED   ${title}`), 21, '');
  return [
    ...head.map((line) => paint(paper, 'bold', line)),
    ...rows.flatMap(({ start, act, fates, failed }) => {
      const lines = fits
        ? [(start + act).padEnd(width) + fates]
        : [...wrapped(paper, act, start.length, start), ...wrapped(paper, fates, start.length)];
      return lines.map((line) => (failed ? paint(paper, 'red', line) : line));
    }),
  ];
}
