// Random faults of which those that cannot matter were left out: rates over all faults there are, from pilots weighed by
// what they stand for.

import type { UsesRow } from '../faults/records.ts';
import { controlLines } from './chance-section.ts';
import type { ArgueDocument, InjectDocument } from './documents.ts';
import { grouped, onPaper, type Paper, paint, percent, wrapped } from './paper.ts';
import { pairName, rangeOf } from './rate-lines.ts';

type PrunedRow = InjectDocument['pruned'][number];

/** "3 of 100 pilots, 1.9 % [0.4, 5.0] of all faults"; for no event a bound: never "0 %". */
export function prunedCell(row: PrunedRow): string {
  const pilots = `${grouped(row.failed)} of ${grouped(row.pilots)} pilots`;
  const points = (share: number) => (100 * share).toFixed(1);
  if (row.failed === 0) return `${pilots}, ≤${percent(row.upper95, 2)} of all faults`;
  return `${pilots}, ${percent(row.share)} [${points(row.lower95)}, ${points(row.upper95)}] of all faults`;
}

function spaceText(name: string, own: readonly UsesRow[], row: PrunedRow): string {
  const all = row.live + row.known;
  const classes = own.length === 0 ? '' : `, ${rangeOf(own.map((space) => space.classes))} classes`;
  return `${name}: of ${all.toExponential(2)} faults of a run ${percent(row.live / all)} may matter${classes}`;
}

export function prunedSection(
  paper: Paper,
  document: Pick<InjectDocument, 'pruned'> & Pick<ArgueDocument, 'modes' | 'controls'>,
  spaces: readonly UsesRow[],
  panic: string,
): string[] {
  const { pruned, modes, controls } = document;
  const title = `3 CHANCE, PRUNED   one random fault: does the NEIGHBOUR fail?  95 % interval, ${panic}, adversarial TLB`;
  const names = [...new Set(pruned.map(pairName))];
  const width = Math.max(...modes.map((mode) => mode.length));
  const legend =
    'A bit that flips between two uses does the same whenever it flips: one experiment stands for them all, and counts by their number. What is overwritten unread needs none. Uses are those of the guest alone, in native.';
  return [
    ...wrapped(paper, title, 11, '').map((line) => paint(paper, 'bold', line)),
    ...names.flatMap((name) => {
      const rows = pruned.filter((row) => pairName(row) === name);
      const [first] = rows;
      if (first === undefined) return [];
      const own = spaces.filter((space) => space.class === first.class && space.from === first.faulty);
      return [
        ...wrapped(paper, onPaper(paper, spaceText(name, own, first)), 7, '   '),
        ...rows.map((row) => onPaper(paper, `     ${row.mode.padEnd(width)}  ${prunedCell(row)}`)),
      ];
    }),
    ...wrapped(paper, legend, 3),
    ...controlLines(paper, controls),
  ];
}
