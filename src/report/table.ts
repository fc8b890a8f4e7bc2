// The one place that knows cli-table3, which colours pipes and ignores NO_COLOR unless told not to.

import Table from 'cli-table3';
import { onPaper, type Paper } from './paper.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const ASCII_BORDERS = {
  top: '-',
  'top-mid': '+',
  'top-left': '+',
  'top-right': '+',
  bottom: '-',
  'bottom-mid': '+',
  'bottom-left': '+',
  'bottom-right': '+',
  left: '|',
  'left-mid': '+',
  mid: '-',
  'mid-mid': '+',
  right: '|',
  'right-mid': '+',
  middle: '|',
};

/** Borders and one blank on each side of a cell. */
const CELL_MARGIN = 3;
/** The longest id of a fault class. */
const FIRST_COLUMN_LEAST = 11;

/** One column wide, of the private use area: in place of the blank before a sign that is no word of its own. */
const GLUE = '\ue000';
const glued = (text: string): string => text.replaceAll(' %', `${GLUE}%`);

/** No cell can be narrower than its longest word. */
const longestWord = (texts: readonly string[]): number =>
  Math.max(0, ...texts.flatMap((text) => text.split(' ')).map((word) => word.length));

/** Figures keep their width and the first column takes what is left; where that is too little, the widest give way, too. */
function widths(
  paper: Paper,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  indent: number,
): number[] {
  const natural = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const least = columns.map(({ title }, index) => longestWord([title, ...rows.map((row) => row[index] ?? '')]));
  const others = natural.slice(1);
  const roomForFirst = (): number =>
    paper.columns - indent - others.reduce((sum, width) => sum + width + CELL_MARGIN, 0) - CELL_MARGIN - 1;
  const firstLeast = Math.min(FIRST_COLUMN_LEAST, natural[0] ?? 0);
  while (roomForFirst() < firstLeast) {
    const yielding = others.map((width, index) => (width > (least[index + 1] ?? 0) ? width : 0));
    const widest = Math.max(...yielding);
    if (widest <= 0) break;
    others[yielding.indexOf(widest)] = widest - 1;
  }
  const first = Math.max(firstLeast, Math.min(natural[0] ?? 0, roomForFirst()));
  return [first, ...others].map((width) => width + 2);
}

/** Lines of a table; the first column gives way where the paper is narrow, by wrapping. */
export function drawTable(
  paper: Paper,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  indent = 2,
): string[] {
  const shown = rows.map((row) => row.map((cell) => glued(onPaper(paper, cell))));
  const titled = columns.map((column) => ({ ...column, title: onPaper(paper, column.title) }));
  const head = titled.map(({ title }) => title);
  const table = new Table({
    head,
    colWidths: widths(paper, titled, shown, indent),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    wordWrap: true,
    style: { head: [], border: [] },
    ...(paper.unicode ? {} : { chars: ASCII_BORDERS }),
  });
  for (const row of shown) table.push([...row]);
  return withoutRowLines(table.toString().replaceAll(GLUE, ' ').split('\n')).map((line) =>
    (' '.repeat(indent) + line).trimEnd(),
  );
}

/** cli-table3 draws a rule between any two rows, or none at all; only the one below the head stays. */
function withoutRowLines(lines: readonly string[]): string[] {
  const isRule = (line: string) => /^[├+]/.test(line);
  const first = lines.findIndex((line, index) => index > 0 && isRule(line));
  return lines.filter((line, index) => index === 0 || index <= first || index === lines.length - 1 || !isRule(line));
}
