// Section 2: what one act can touch. Swept or directed, so exact: no figure here has an error bar.

import type { ArgueDocument } from './documents.ts';
import { grouped, onPaper, type Paper, paint, wrapped } from './paper.ts';
import { type Column, drawTable } from './table.ts';

type ReachRow = ArgueDocument['reach'][number];
type CapabilityRow = ArgueDocument['capability'][number];

const TITLE = '2 REACH   what one act can touch (swept or directed: exact, no error bar; adversarial TLB)';
export const LEGEND = 'R reached · C corrupted · F failed · L late · K leaked · . none of them · ! not as predicted';
const NATIVE = 'native';
const NOTHING = '.';
const LETTERS = [
  ['reached', 'R'],
  ['corrupted', 'C'],
  ['failed', 'F'],
  ['late', 'L'],
  ['leaked', 'K'],
] as const;

/** Modes in which a guest has neighbours, in the order of the scenario. */
export function sharedModes(modes: readonly string[]): string[] {
  return modes.filter((mode) => mode !== NATIVE);
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** "reached/tried", or a dash where nothing was tried. */
function tally(rows: readonly ReachRow[]): string {
  const sum = (field: 'tried' | 'reached') => rows.reduce((total, row) => total + row[field], 0);
  return rows.length === 0 ? '-' : `${grouped(sum('reached'))}/${grouped(sum('tried'))}`;
}

/** One cell for several accesses: written once where they agree. */
function cellOf(rows: readonly ReachRow[], accesses: readonly ReachRow['access'][]): string {
  const texts = accesses.map((access) => tally(rows.filter((row) => row.access === access)));
  return distinct(texts).length === 1
    ? (texts[0] ?? '-')
    : accesses.map((a, index) => `${a} ${texts[index]}`).join(' ');
}

/** Pages of all foreign owners together; registers apart, because no kernel executes them. */
function sweepRows(reach: readonly ReachRow[], modes: readonly string[]): string[][] {
  const kinds = [
    { text: 'pages: read, write, execute', ram: true, accesses: ['r', 'w', 'x'] as const },
    { text: 'device registers: read, write', ram: false, accesses: ['r', 'w'] as const },
  ];
  return distinct(reach.map((row) => row.from)).flatMap((from) =>
    kinds.map(({ text, ram, accesses }) => [
      `${from}, ${text}`,
      ...modes.map((mode) => {
        const own = reach.filter(
          (row) => row.from === from && row.mode === mode && row.resource.endsWith('ram') === ram,
        );
        return cellOf(own, accesses);
      }),
    ]),
  );
}

/** The five endpoints as letters, in their fixed order. */
export function lettersOf(row: Pick<CapabilityRow, (typeof LETTERS)[number][0]>): string {
  const letters = LETTERS.filter(([field]) => row[field]).map(([, letter]) => letter);
  return letters.length === 0 ? NOTHING : letters.join('');
}

/** Any endpoint other than predicted, in either direction. */
export function isMiss(row: CapabilityRow): boolean {
  return lettersOf(row) !== lettersOf(row.predicted);
}

const pairOf = (row: CapabilityRow): string => `${row.from} → ${row.to}`;

/** Entries that fit into a cell: the two pairs of two guests. */
const PAIRS_IN_A_CELL = 2;

/** A row per fault, whose cells hold one entry per ordered pair; of more than two guests, a row per pair below it. */
function actRows(
  capability: readonly CapabilityRow[],
  modes: readonly string[],
  nameOf: (fault: string) => string,
): string[][] {
  const pairs = distinct(capability.map(pairOf));
  const entriesOf = (fault: string, some: readonly string[]): string[] =>
    modes.map((mode) => {
      const entries = some.map((pair) => {
        const row = capability.find((each) => each.fault === fault && each.mode === mode && pairOf(each) === pair);
        return row === undefined ? '-' : lettersOf(row) + (isMiss(row) ? '!' : '');
      });
      return entries.join(' / ');
    });
  return distinct(capability.map((row) => row.fault)).flatMap((fault) => {
    const title = `${fault} ${nameOf(fault)}`;
    if (pairs.length <= PAIRS_IN_A_CELL) return [[title, ...entriesOf(fault, pairs)]];
    return [[title, ...modes.map(() => '')], ...pairs.map((pair) => [`  ${pair}`, ...entriesOf(fault, [pair])])];
  });
}

/** Every miss is printed with what was seen instead; none is tuned away. */
function missLines(paper: Paper, capability: readonly CapabilityRow[]): string[] {
  const misses = capability.filter(isMiss);
  const count = `   ${capability.length - misses.length} of ${capability.length} predictions met`;
  return [
    `${count}${misses.length === 0 ? '.' : '; the others:'}`,
    ...misses.flatMap((row) => {
      const text = `${row.fault} ${row.mode} ${pairOf(row)}: predicted ${lettersOf(row.predicted)}, seen ${lettersOf(row)}: ${row.mechanism}`;
      return wrapped(paper, onPaper(paper, text), 6, '   ! ');
    }),
  ];
}

export function reachSection(
  paper: Paper,
  document: Pick<ArgueDocument, 'modes' | 'reach' | 'capability'>,
  nameOf: (fault: string) => string,
): string[] {
  const pairs = distinct(document.capability.map(pairOf));
  const acts = pairs.length <= PAIRS_IN_A_CELL ? `one act: ${pairs.join(' / ')}` : 'one act';
  const modes = sharedModes(document.modes);
  const columns = (first: string): Column[] => [{ title: first }, ...modes.map((title) => ({ title }))];
  return [
    ...wrapped(paper, TITLE, 10, '').map((line) => paint(paper, 'bold', line)),
    ...drawTable(paper, columns('foreign, and swept by'), sweepRows(document.reach, modes)),
    ...drawTable(paper, columns(acts), actRows(document.capability, modes, nameOf)),
    ...wrapped(paper, onPaper(paper, LEGEND), 3),
    ...missLines(paper, document.capability),
  ];
}
