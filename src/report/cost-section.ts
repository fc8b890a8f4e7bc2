// Section 5: what an arrangement costs, by class of work: one mean would hide the answer.

import type { LatencyRow, LayerEffortRow } from '../cost/records.ts';
import { bootLines } from './boot-lines.ts';
import type { ArgueDocument } from './documents.ts';
import { counted, grouped, type Paper, paint, wrapped } from './paper.ts';
import { CONTROL_MODE, sharedModes } from './reach-section.ts';
import { drawTable } from './table.ts';

type CostRow = ArgueDocument['cost'][number];

const TITLE = '5 COST   guest and layer cycles against native (no cache model; PLIC, no AIA; finite TLB)';

/** Whose ratio to colocated has a column. */
const OTHER_POLE = 'virtualized';

/** Of the events that are measured, those that a reader of the whole argument is told. */
const IN_SHORT = ['timer tick', 'world switch'];

/** 1.003 as "+0.3 %". */
export function overhead(ratio: number): string {
  const points = 100 * (ratio - 1);
  const text = points.toFixed(Math.abs(points) < 10 ? 1 : 0);
  return `${points >= 0 ? '+' : ''}${text} %`;
}

/** The least and the greatest of several, written once where they look alike. */
export function span(values: readonly number[], write: (value: number) => string): string {
  if (values.length === 0) return '-';
  const ends = [Math.min(...values), Math.max(...values)].map(write);
  return [...new Set(ends)].join(' to ').replace(/ % to /, ' to ');
}

/** Columns of a table whose first one is no mode; native is the baseline, hence no column. */
export function modeColumns(first: string, modes: readonly string[]): { title: string; align?: 'right' }[] {
  const right = (title: string) => ({ title, align: 'right' as const });
  return [{ title: first }, ...modes.map(right), right('virt./coloc.')];
}

/** One row for each group: from the cheapest of its workloads to the dearest. */
export function costRows(
  cost: readonly CostRow[],
  modes: readonly string[],
  groupOf: (row: CostRow) => string,
): string[][] {
  return [...new Set(cost.map(groupOf))].map((group) => {
    const own = cost.filter((row) => groupOf(row) === group);
    const of = (mode: string) => own.filter((row) => row.mode === mode);
    const count = new Set(own.map((row) => row.workload)).size;
    return [
      count > 1 ? `${group} (${count})` : group,
      ...modes.map((mode) =>
        span(
          of(mode).map(({ ratio }) => ratio),
          overhead,
        ),
      ),
      span(
        of(OTHER_POLE).map(({ ratioToColocated }) => ratioToColocated),
        (ratio) => ratio.toFixed(3),
      ),
    ];
  });
}

/** Beside each table, so that nobody need suspect one of the layers of laziness. */
function effortText(effort: readonly LayerEffortRow[], modes: readonly string[]): string {
  return [...new Set(effort.map((row) => row.event))]
    .filter((event) => IN_SHORT.includes(event))
    .map((event) => {
      const each = modes.flatMap((mode) => {
        const row = effort.find((candidate) => candidate.mode === mode && candidate.event === event);
        return row === undefined ? [] : [`${mode} ${grouped(Math.round(row.instructions))}`];
      });
      return `layer instructions per ${event}: ${each.join(', ')}`;
    })
    .join('; ');
}

/** The real-time guest beside a healthy neighbour, and its deadlines missed in any case. */
function latencyText(latency: readonly LatencyRow[]): string[] {
  const responses = latency.filter(({ kind }) => kind === 'response');
  const [first] = responses;
  if (first === undefined) return [];
  const beside = (wanted: string, words: string): string[] => {
    const own = responses.filter(({ neighbour }) => neighbour === wanted);
    const each = own.map(
      ({ mode, ...row }) => `${mode} ${[row.p50, row.p99, row.max].map((time) => (time / 1000).toFixed(1)).join(' ')}`,
    );
    return own.length === 0 ? [] : [`${words} ${each.join(', ')}`];
  };
  const late = responses.reduce((sum, row) => sum + row.late, 0);
  const kinds = new Set(responses.map(({ neighbour }) => neighbour).filter((neighbour) => neighbour !== 'absent')).size;
  const bound = first.bound === null ? '' : ` of ${first.bound / 1000}`;
  const each = [...beside('absent', 'alone in'), ...beside('busy', 'its neighbour busy in')];
  return [
    `response of ${first.guest} in us${bound}, median, 99 %, greatest: ${each.join('; ')}; ${late} late answers in ${counted(responses.length, 'run')} beside ${counted(kinds, 'kind')} of neighbour`,
  ];
}

/** What of the figures has one hart, and what has several, where guests have harts of their own. */
export const DEDICATED =
  'cpus: dedicated: workloads run alone on one hart, under layers built for several, their locks included; messages, interrupts and responses with a hart for each guest, in turns of at most 64 cycles';

/** By class of work; `taco cost` has each workload. */
export function costSection(
  paper: Paper,
  document: Pick<ArgueDocument, 'modes' | 'cost'> & Partial<Pick<ArgueDocument, 'boots' | 'factors'>>,
  effort: readonly LayerEffortRow[],
  latency: readonly LatencyRow[] = [],
): string[] {
  const modes = sharedModes(document.modes).filter((mode) => mode !== CONTROL_MODE);
  const said = [
    ...(document.factors?.cpus === 'dedicated' ? [DEDICATED] : []),
    ...(effort.length === 0 ? [] : [effortText(effort, modes)]),
    ...latencyText(latency),
  ];
  return [
    ...wrapped(paper, TITLE, 9, '').map((line) => paint(paper, 'bold', line)),
    ...drawTable(
      paper,
      modeColumns('', modes),
      costRows(document.cost, modes, (row) => row.class),
    ),
    ...said.flatMap((text) => wrapped(paper, text, 3)),
    ...bootLines(paper, document.boots ?? [], modes),
  ];
}
