// What `taco cost` prints: every workload, what layers do and why, what the chosen parameters decide, how long guests wait,
// how large the layers are, and the figures of others.

import type { FootprintRow, LatencyRow, PublishedRow, SearchRow } from '../cost/records.ts';
import { bootLines } from './boot-lines.ts';
import type { CostDocument } from './cost-schema.ts';
import { costRows, DEDICATED, modeColumns, overhead, span } from './cost-section.ts';
import { grouped, type Paper, paint, wrapped } from './paper.ts';
import { sharedModes } from './reach-section.ts';
import { type Column, drawTable } from './table.ts';

type Rows = readonly (readonly string[])[];

const right = (title: string): Column => ({ title, align: 'right' });

const modeTitles = (first: string, modes: readonly string[]): Column[] => [{ title: first }, ...modes.map(right)];

function section(paper: Paper, title: string, columns: readonly Column[], rows: Rows): string[] {
  if (rows.length === 0) return [];
  return [
    '',
    ...wrapped(paper, title, 2, '').map((line) => paint(paper, 'bold', line)),
    ...drawTable(paper, columns, rows),
  ];
}

/** An event a row, a mode a column; why layers were entered stands below. */
function effortSection(paper: Paper, { effort, modes }: CostDocument): string[] {
  const events = [...new Set(effort.map(({ event }) => event))];
  const rows = events.map((event) => [
    event,
    ...modes.map((mode) => {
      const row = effort.find((candidate) => candidate.event === event && candidate.mode === mode);
      return row === undefined ? '-' : [row.instructions, row.cycles].map(Math.round).map(grouped).join(' in ');
    }),
  ]);
  const causes = events.map((event) => {
    const own = effort.filter((row) => row.event === event && row.causes.length > 0);
    const texts = own.map(({ causes }) => causes.map(({ cause, count }) => `${count.toFixed(1)} ${cause}`).join(', '));
    const told = [...new Set(texts)].map((text) => {
      const alike = own.filter((_, index) => texts[index] === text).map(({ mode }) => mode);
      return `${alike.join(', ')} by ${text}`;
    });
    return `${event}: ${told.join('; ')}`;
  });
  return [
    ...section(paper, 'WHAT A LAYER DOES for one event: instructions in cycles', modeTitles('', modes), rows),
    ...(rows.length === 0 ? [] : causes.flatMap((text) => wrapped(paper, text, 5, '   '))),
  ];
}

/** Classes where six of them must stand side by side. */
const SHORT: Readonly<Record<string, string>> = {
  'page-table stress': 'paging',
  'system calls': 'calls',
  'timer ticks': 'timer',
  'device interrupts': 'interrupts',
  'input and output': 'I/O',
};

/** A setting a row, a class a column: the cheapest and the dearest of those of its workloads that are swept. */
function sensitivitySection(
  paper: Paper,
  { cost, sensitivity }: CostDocument,
  title: string,
  value: (row: CostDocument['sensitivity'][number] | CostDocument['cost'][number]) => string | number,
): string[] {
  const swept = new Set(sensitivity.map(({ workload }) => workload));
  const usual = cost.filter(({ workload }) => swept.has(workload)).map((row) => ({ ...row, name: 'as chosen' }));
  const changed = sensitivity.map((row) => ({ ...row, name: `${row.parameter} ${row.setting}` }));
  const rows = [...usual, ...changed].filter(({ mode }) => mode === 'virtualized');
  const classes = [...new Set(rows.map((row) => row.class))];
  const cell = (name: string, kind: string): string => {
    const values = rows.filter((row) => row.name === name && row.class === kind).map((row) => Number(value(row)));
    return span(values, (ratio) => ratio.toFixed(2));
  };
  const names = [...new Set(rows.map(({ name }) => name))];
  return section(
    paper,
    title,
    [{ title: '' }, ...classes.map((kind) => right(SHORT[kind] ?? kind))],
    sensitivity.length === 0 ? [] : names.map((name) => [name, ...classes.map((kind) => cell(name, kind))]),
  );
}

function searchLines(paper: Paper, search: readonly SearchRow[]): string[] {
  return search.flatMap(({ claim, hypothesis, tried, found, examples }) => [
    '',
    ...wrapped(paper, `${claim}, "${hypothesis}": ${found} counter-examples in ${tried} tries`, 2, ''),
    ...examples.flatMap(({ class: kind, workload, setting, value }) =>
      wrapped(paper, `${overhead(value)} ${workload} (${kind}), ${setting}`, 5, '   '),
    ),
  ]);
}

const microseconds = (nanoseconds: number): string => (nanoseconds / 1000).toFixed(2);

/** What the neighbour does a row, a mode a column. */
function latencySections(paper: Paper, { latency, modes }: CostDocument): string[] {
  const nameOf = (row: LatencyRow): string => `${row.kind} of ${row.guest}`;
  return [...new Set(latency.map(nameOf))].flatMap((name) => {
    const own = latency.filter((row) => nameOf(row) === name);
    const bound = own[0]?.bound ?? null;
    const late = own.reduce((sum, row) => sum + row.late, 0);
    const answers = own.reduce((sum, row) => sum + row.n, 0);
    const bounded = bound === null ? '' : `; later than ${bound / 1000}: ${late} of ${grouped(answers)}`;
    const rows = [...new Set(own.map(({ neighbour }) => neighbour))].map((neighbour) => [
      neighbour,
      ...modes.map((mode) => {
        const row = own.find((candidate) => candidate.mode === mode && candidate.neighbour === neighbour);
        return row === undefined ? '-' : [row.p50, row.p99, row.max].map(microseconds).join(' ');
      }),
    ]);
    return section(
      paper,
      `LATENCY ${name}, in us: median, 99 %, greatest${bounded}`,
      modeTitles('neighbour', modes),
      rows,
    );
  });
}

/** A file that stands in place of what was built is named. */
export function footprintName({ component, image }: Pick<FootprintRow, 'component' | 'image'>): string {
  return component === image ? component : `${component}: ${image}`;
}

function footprintRows(footprint: readonly FootprintRow[]): Rows {
  return footprint.map((row) => [
    footprintName(row),
    ...[row.text, row.data, row.sourceLines, row.reachable].map((value) => (value === null ? '-' : grouped(value))),
  ]);
}

function publishedLines(paper: Paper, published: readonly PublishedRow[]): string[] {
  if (published.length === 0) return [];
  return [
    '',
    paint(paper, 'bold', 'PUBLISHED FIGURES BESIDE OURS'),
    ...published.flatMap(({ row, published: theirs, ours, verdict, cause }) => [
      ...wrapped(paper, `${verdict}: ${row}`, 5, '   '),
      ...wrapped(paper, `published ${theirs}; ours ${ours}; ${cause}`, 7),
    ]),
  ];
}

const NO_CACHE = 'no cache model; PLIC, no AIA; finite TLB';

export function costReport(paper: Paper, document: CostDocument): string[] {
  const modes = sharedModes(document.modes);
  const accounts = document.accounts.map((row) => [
    row.workload,
    row.mode,
    ...[row.elapsed, row.guest, row.layer, row.other, row.idle, row.entries].map(grouped),
  ]);
  return [
    ...wrapped(paper, `COST guest and layer cycles against native (${NO_CACHE})`, 2, '').map((line) =>
      paint(paper, 'bold', line),
    ),
    ...drawTable(
      paper,
      modeColumns('workload', modes),
      costRows(document.cost, modes, (row) => row.workload),
    ),
    ...(document.cpus === 'dedicated' ? wrapped(paper, DEDICATED, 3) : []),
    ...section(
      paper,
      'WHERE THE CYCLES WENT the parts sum to what has elapsed',
      [
        { title: 'workload' },
        { title: 'mode' },
        ...['elapsed', 'guest', 'layer', 'other', 'idle', 'entries'].map(right),
      ],
      accounts,
    ),
    ...effortSection(paper, document),
    ...sensitivitySection(paper, document, 'SENSITIVITY virtualized against native', (row) => row.ratio),
    ...sensitivitySection(paper, document, 'SENSITIVITY virtualized against colocated', (row) => row.ratioToColocated),
    ...searchLines(paper, document.search),
    ...latencySections(paper, document),
    ...bootLines(paper, document.boots, document.modes),
    ...section(
      paper,
      'FOOTPRINT bytes, lines, instructions that can be reached from above',
      [{ title: '' }, ...['text', 'data', 'lines', 'reachable'].map(right)],
      footprintRows(document.footprint),
    ),
    ...publishedLines(paper, document.published),
  ];
}
