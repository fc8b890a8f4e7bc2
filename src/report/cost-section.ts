// Section 4: what an arrangement costs, by class of work: one mean would hide the answer.

import type { LayerEffortRow } from '../cost/records.ts';
import type { ArgueDocument } from './documents.ts';
import { grouped, type Paper, paint, wrapped } from './paper.ts';
import { sharedModes } from './reach-section.ts';
import { drawTable } from './table.ts';

type CostRow = ArgueDocument['cost'][number];

const TITLE = '4 COST   guest and layer cycles against native (no cache model; PLIC, no AIA; finite TLB)';

/** 1.003 as "+0.3 %". */
export function overhead(ratio: number): string {
  const points = 100 * (ratio - 1);
  const text = points.toFixed(Math.abs(points) < 10 ? 1 : 0);
  return `${points >= 0 ? '+' : ''}${text} %`;
}

/** Native is the baseline, hence no column. */
function rowsOf(cost: readonly CostRow[], modes: readonly string[]): string[][] {
  return [...new Set(cost.map((row) => row.workload))].map((workload) => {
    const own = cost.filter((row) => row.workload === workload);
    const of = (mode: string) => own.find((row) => row.mode === mode);
    const kind = own[0]?.class ?? '';
    const against = of('virtualized')?.ratioToColocated;
    return [
      kind === workload ? workload : `${workload} (${kind})`,
      ...modes.map((mode) => {
        const row = of(mode);
        return row === undefined ? '-' : overhead(row.ratio);
      }),
      against === undefined ? '-' : against.toFixed(3),
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
  const modes = sharedModes(document.modes);
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
