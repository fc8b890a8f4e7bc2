// What `taco apps` prints: each figure a row, a mode a column; then how long the other guests took to answer meanwhile.

import type { AppRow } from '../cost/apps/records.ts';
import type { LatencyRow } from '../cost/records.ts';
import type { AppsDocument } from './apps-schema.ts';
import { grouped, type Paper, paint, wrapped } from './paper.ts';
import { type Column, drawTable } from './table.ts';

const TITLE = "APPLICATION WORK in Linux, by its own clock; time taken by the machine's (no cache model; PLIC, no AIA)";
const TAKEN = 'taken, ms';
const CYCLES_PER_MS = 1_000_000;
const NO_VALUE = '-';

const columns = (first: string, modes: readonly string[]): Column[] => [
  { title: first },
  ...modes.map((title): Column => ({ title, align: 'right' })),
];

const keyOf = ({ guest, app }: AppRow): string => `${guest}: ${app}`;

interface Line {
  readonly name: string;
  readonly value: (row: AppRow) => string;
}

const milliseconds = (cycles: number | null): string =>
  cycles === null ? NO_VALUE : (cycles / CYCLES_PER_MS).toFixed(2);

function linesOf(rows: readonly AppRow[]): Line[] {
  const names = new Map(rows.flatMap(({ figures }) => figures.map(({ name, unit }) => [name, unit] as const)));
  const figureOf = (row: AppRow, name: string) => row.figures.find((figure) => figure.name === name);
  return [
    { name: TAKEN, value: ({ cycles }) => milliseconds(cycles) },
    ...[...names].map(
      ([name, unit]): Line => ({
        name: `${name}, ${unit}`,
        value: (row) => {
          const value = figureOf(row, name)?.value;
          if (value !== undefined) return Number.isInteger(value) ? grouped(value) : String(value);
          return NO_VALUE;
        },
      }),
    ),
  ];
}

function figureRows(document: AppsDocument): string[][] {
  const keys = [...new Set(document.apps.map(keyOf))];
  return keys.flatMap((key) => {
    const own = document.apps.filter((row) => keyOf(row) === key);
    if (own.every(({ outcome }) => outcome === 'absent')) return [];
    return linesOf(own).map(({ name, value }) => [
      `${key}, ${name}`,
      ...document.modes.map((mode) => {
        const row = own.find((candidate) => candidate.mode === mode);
        return row === undefined ? NO_VALUE : value(row);
      }),
    ]);
  });
}

const microseconds = (nanoseconds: number): string => (nanoseconds / 1000).toFixed(1);

function responseRows({ apps, modes }: AppsDocument): string[][] {
  const rows = apps.flatMap(({ responses }) => responses);
  const nameOf = ({ guest, neighbour }: LatencyRow): string => `${guest} beside ${neighbour}`;
  return [...new Set(rows.map(nameOf))].map((name) => [
    name,
    ...modes.map((mode) => {
      const row = rows.find((candidate) => candidate.mode === mode && nameOf(candidate) === name);
      return row === undefined ? NO_VALUE : [row.p50, row.p99, row.max].map(microseconds).join(' ');
    }),
  ]);
}

function boundLine({ apps }: AppsDocument): string {
  const rows = apps.flatMap(({ responses }) => responses);
  const late = rows.reduce((sum, row) => sum + row.late, 0);
  const answers = rows.reduce((sum, row) => sum + row.n, 0);
  const bounds = [...new Set(rows.flatMap(({ bound }) => (bound === null ? [] : [bound / 1000])))];
  return `RESPONSES meanwhile, in us: median, 99 %, greatest; later than ${bounds.join(' or ')}: ${late} of ${grouped(answers)}`;
}

/** What has no figures, and why; modes that say the same stand together. */
function gapLines(paper: Paper, { apps }: AppsDocument): string[] {
  const gaps = apps.filter(({ outcome }) => outcome !== 'measured');
  const textOf = (row: AppRow): string => `${row.outcome}: ${keyOf(row)}, ${row.why}`;
  return [...new Set(gaps.map(textOf))].flatMap((text) => {
    const modes = gaps.filter((row) => textOf(row) === text).map(({ mode }) => mode);
    return wrapped(paper, `${text} (${modes.join(', ')})`, 5, '   ');
  });
}

export function appsReport(paper: Paper, document: AppsDocument): string[] {
  const title = (text: string): string[] => wrapped(paper, text, 2, '').map((line) => paint(paper, 'bold', line));
  const responses = responseRows(document);
  return [
    ...title(TITLE),
    ...drawTable(paper, columns('', document.modes), figureRows(document)),
    ...gapLines(paper, document),
    ...(responses.length === 0
      ? []
      : ['', ...title(boundLine(document)), ...drawTable(paper, columns('', document.modes), responses)]),
  ];
}
