// What text is written on: how wide, which characters, whether in colour. Handed in by the command line, so that every
// section is a pure function of records and paper.

export interface Paper {
  readonly columns: number;
  /** Box drawing, arrows and typographic signs; else plain ASCII. */
  readonly unicode: boolean;
  readonly colour: boolean;
}

/** What pipes and files get: the same bytes on every machine. */
export const PLAIN: Paper = { columns: 100, unicode: false, colour: false };

const ASCII: readonly (readonly [RegExp, string])[] = [
  [/→/g, '->'],
  [/≤/g, '<='],
  [/·/g, '|'],
  [/…/g, '...'],
  [/[“”]/g, '"'],
  [/’/g, "'"],
  [/–/g, '-'],
];

/** Text as this paper can carry it. */
export function onPaper(paper: Paper, text: string): string {
  if (paper.unicode) return text;
  return ASCII.reduce((result, [sign, plain]) => result.replace(sign, plain), text);
}

const ESCAPE = '\u001b[';
const CODES = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' } as const;

/** Colour only ever repeats what the text says: it may be lost without loss. */
export function paint(paper: Paper, colour: keyof typeof CODES, text: string): string {
  return paper.colour ? `${ESCAPE}${CODES[colour]}m${text}${ESCAPE}0m` : text;
}

/** 17408 as 17,408. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "1 instruction", "1,204 instructions". */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A share as a percentage with its unit. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Words, those cut in pieces that no line could hold. */
function words(text: string, room: number): string[] {
  const pieces = new RegExp(`.{1,${Math.max(1, room)}}`, 'g');
  return text.split(' ').flatMap((word) => (word.length <= room ? [word] : (word.match(pieces) ?? [])));
}

/** Breaks text at blanks; each line starts with `indent` blanks, the first one with `first` instead. */
export function wrapped(paper: Paper, text: string, indent: number, first = ' '.repeat(indent)): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of words(text, paper.columns - Math.max(indent, first.length))) {
    if (!empty && line.length + 1 + word.length > paper.columns) {
      lines.push(line);
      line = ' '.repeat(indent);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].map((text) => text.trimEnd());
}

const GAP = '  ';

/** Rows of cells as lines, each column as wide as its widest cell. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)));
  return rows.map((row) => `   ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(GAP)}`.trimEnd());
}

export const widest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));

/** Cuts or fills to a width, counted in characters. */
export function fitted(paper: Paper, text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const mark = paper.unicode ? '…' : '..';
  return text.slice(0, Math.max(0, width - mark.length)) + mark;
}
