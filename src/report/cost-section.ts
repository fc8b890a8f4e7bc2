// Section 5: what an arrangement costs, by class of work: one mean would hide the answer.

import type { LayerEffortRow } from '../cost/records.ts';
import type { ArgueDocument } from './documents.ts';
import { grouped, type Paper, paint, wrapped } from './paper.ts';
import { CONTROL_MODE, sharedModes } from './reach-section.ts';
import { drawTable } from './table.ts';

type CostRow = ArgueDocument['cost'][number];

const TITLE = '5 COST   guest and layer cycles against native (no cache model; PLIC, no AIA; finite TLB)';

/** Whose ratio to colocated has a column. */
const OTHER_POLE = 'virtualized';

/** 1.003 as "+0.3 %". */
export function overhead(ratio: number): string {
  const points = 100 * (ratio - 1);
  const text = points.toFixed(Math.abs(points) < 10 ? 1 : 0);
  return `${points >= 0 ? '+' : ''}${text} %`;
}

/** Least and most of a class, once where they read alike. */
function rangeText(values: readonly number[], text: (value: number) => string): string {
  if (values.length === 0) return '-';
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? least : `${least.replace(/ %$/, '')} to ${most}`;
}

/** A row per class, in brackets its workloads, each of which stands in the report. Native is the baseline, hence no
 * column. */
function rowsOf(cost: readonly CostRow[], modes: readonly string[]): string[][] {
  return [...new Set(cost.map((row) => row.class))].map((kind) => {
    const own = cost.filter((row) => row.class === kind);
    const ofMode = (mode: string) => own.filter((row) => row.mode === mode);
    const against = ofMode(OTHER_POLE).map((row) => row.ratioToColocated);
    return [
      `${kind} (${new Set(own.map((row) => row.workload)).size})`,
      ...modes.map((mode) =>
        rangeText(
          ofMode(mode).map(({ ratio }) => ratio),
          overhead,
        ),
      ),
      rangeText(against, (value) => value.toFixed(3)),
    ];
  });
}

/** Beside each table, so that nobody need suspect one of the layers of laziness. */
function effortText(effort: readonly LayerEffortRow[], modes: readonly string[]): string {
  const events = [...new Set(effort.map((row) => row.event))];
  return events
    .map((event) => {
      const each = modes.flatMap((mode) => {
        const row = effort.find((candidate) => candidate.mode === mode && candidate.event === event);
        return row === undefined ? [] : [`${mode} ${grouped(Math.round(row.instructions))}`];
      });
      return `layer instructions per ${event}: ${each.join(', ')}`;
    })
    .join('; ');
}

export function costSection(
  paper: Paper,
  document: Pick<ArgueDocument, 'modes' | 'cost'>,
  effort: readonly LayerEffortRow[],
): string[] {
  const modes = sharedModes(document.modes).filter((mode) => mode !== CONTROL_MODE);
  const columns = [
    { title: '' },
    ...modes.map((title) => ({ title, align: 'right' as const })),
    { title: 'virt./coloc.', align: 'right' as const },
  ];
  return [
    ...wrapped(paper, TITLE, 9, '').map((line) => paint(paper, 'bold', line)),
    ...drawTable(paper, columns, rowsOf(document.cost, modes)),
    ...(effort.length === 0 ? [] : wrapped(paper, effortText(effort, modes), 3)),
  ];
}
