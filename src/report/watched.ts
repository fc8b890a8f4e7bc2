// Section 1: one bug in every mode, what it did and what became of the neighbour.

import type { ExperimentRecord } from '../faults/records.ts';
import { counted, onPaper, type Paper, paint, wrapped } from './paper.ts';

type Bystander = ExperimentRecord['outcome']['bystanders'][number];

const MODE_WIDTH = 13;
/** What a fate needs beside a mechanism; where there is less, it stands below. */
const FATE_LEAST = 40;

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

/** One line per mode: what the machine did, then what became of the neighbours. */
function describe(paper: Paper, record: ExperimentRecord, width: number): string[] {
  const fates = record.outcome.bystanders.map(describeFate).join(' · ');
  const failed = record.outcome.bystanders.some(({ endpoints }) => endpoints.failed);
  const mode = `   ${record.mode.padEnd(MODE_WIDTH)}`;
  const beside = `${mode}${onPaper(paper, record.mechanism).padEnd(width)}  `;
  const fits = beside.length + FATE_LEAST <= paper.columns;
  const lines = fits
    ? wrapped(paper, onPaper(paper, fates), beside.length, beside)
    : [record.mechanism, fates].flatMap((text, index) =>
        wrapped(paper, onPaper(paper, text), mode.length, index === 0 ? mode : undefined),
      );
  return lines.map((line) => (failed ? paint(paper, 'red', line) : line));
}

export function watchedSection(paper: Paper, title: string, records: readonly ExperimentRecord[]): string[] {
  const width = Math.max(...records.map(({ mechanism }) => mechanism.length));
  const head = wrapped(paper, onPaper(paper, `1 ONE BUG, WATCHED   ${title}`), 21, '');
  return [
    ...head.map((line) => paint(paper, 'bold', line)),
    ...records.flatMap((record) => describe(paper, record, width)),
  ];
}
