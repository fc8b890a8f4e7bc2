// Below the rates of section 3: the same faults in two modes, fault by fault. Only the comparison declared beforehand is
// printed and has a p; the other contrasts stand in the document, without one.

import type { ArgueDocument } from './documents.ts';
import { counted, onPaper, type Paper, percent, wrapped } from './paper.ts';

type PairedRow = ArgueDocument['paired'][number];

function pText(p: number): string {
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

const points = (share: number): string => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}`;

function rowText(row: PairedRow): string {
  const { a, b, both, onlyA, onlyB, neither, difference, lower95, upper95 } = row;
  return [
    `${row.class} ${row.faulty} → ${row.bystander}:`,
    `failed in both ${both}, only ${a} ${onlyA}, only ${b} ${onlyB}, neither ${neither}`,
    `· ${points(difference)} points [${points(lower95)}, ${points(upper95)}]`,
    `· Holm p ${row.pHolm === null ? '-' : pText(row.pHolm)}`,
    `· ${percent(row.exactShare, 0)} exact`,
  ].join(' ');
}

/** Pairs of guests in which no fault told the modes apart are only named: their rates say the rest. */
export function pairedLines(paper: Paper, paired: readonly PairedRow[]): string[] {
  const family = paired.filter(({ p }) => p !== null);
  const [first] = family;
  if (first === undefined) return [];
  const differs = ({ onlyA, onlyB }: PairedRow) => onlyA + onlyB > 0;
  const alike = family.filter((row) => !differs(row));
  const head = `The same faults, ${first.a} against ${first.b}: exact McNemar, Holm over ${counted(family.length, 'comparison')}; the difference with Tango's interval.`;
  return [
    ...wrapped(paper, head, 3),
    ...family.filter(differs).flatMap((row) => wrapped(paper, onPaper(paper, rowText(row)), 7, '     ')),
    ...(alike.length === 0
      ? []
      : wrapped(
          paper,
          onPaper(
            paper,
            `no fault told them apart (Holm p 1) in ${alike.map((row) => `${row.class} ${row.faulty} → ${row.bystander}`).join(', ')}`,
          ),
          7,
          '     ',
        )),
  ];
}
