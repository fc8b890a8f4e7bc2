// Section 2: what one act can touch. Swept or directed, so exact: no figure here has an error bar.

import type { ArgueDocument } from './documents.ts';
import { grouped, onPaper, type Paper, paint, wrapped } from './paper.ts';
import { type Column, drawTable } from './table.ts';

type ReachRow = ArgueDocument['reach'][number];
type CapabilityRow = ArgueDocument['capability'][number];

const TITLE = '2 REACH   what one act can touch (swept or directed: exact, no error bar; adversarial TLB)';
export const LEGEND = 'R reached · C corrupted · F failed · L late · K leaked · . none of them · ! not as predicted';
const NATIVE = 'native';
/** The control of the two-stage tables: beside it a difference is theirs alone. Figures of chance and cost leave it to the
 * report. */
export const CONTROL_MODE = 'open';
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
    { text: 'pages rwx', ram: true, accesses: ['r', 'w', 'x'] as const },
    { text: 'registers r', ram: false, accesses: ['r'] as const },
    { text: 'registers w', ram: false, accesses: ['w'] as const },
  ];
  return distinct(reach.map((row) => row.from)).flatMap((from) =>
    kinds.map(({ text, ram, accesses }) => [
      `${from}: ${text}`,
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

/** What the directed acts of a group are about, in the order of the catalogue. */
const GROUPS: Readonly<Record<string, string>> = {
  MEM: 'memory bugs',
  TIM: 'processor, timer',
  XCH: 'messages',
  PRV: 'PLIC, reset, firmware',
  DMA: 'DMA',
  IRQ: 'interrupts',
  HCL: 'calls to the layer',
};

/** A row per group: how many acts reached the neighbour and how many failed it, over all ordered pairs. */
function groupRows(capability: readonly CapabilityRow[], modes: readonly string[], hasIommu: boolean): string[][] {
  const groupOf = (row: CapabilityRow) => row.fault.split('-')[0] ?? '';
  const known = Object.keys(GROUPS);
  const titleOf = (group: string) => (group === 'DMA' && !hasIommu ? 'DMA, no IOMMU' : (GROUPS[group] ?? group));
  const groups = distinct(capability.map(groupOf)).sort((a, b) => known.indexOf(a) - known.indexOf(b));
  return groups.map((group) => {
    const own = capability.filter((row) => groupOf(row) === group);
    const acts = distinct(own.map((row) => `${row.fault} ${pairOf(row)}`)).length;
    return [
      `${titleOf(group)} (${acts})`,
      ...modes.map((mode) => {
        const rows = own.filter((row) => row.mode === mode);
        const reached = rows.filter((row) => row.reached).length;
        const failed = rows.filter((row) => row.failed).length;
        const late = rows.filter((row) => row.late).length;
        if (rows.length === 0) return '-';
        const counts = [
          ['F', failed],
          ['R', reached],
          ['L', late],
        ].flatMap(([letter, count]) => (count === 0 ? [] : [`${letter} ${count}`]));
        return counts.length === 0 ? '0' : counts.join(', ');
      }),
    ];
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
  document: Pick<ArgueDocument, 'modes' | 'factors' | 'reach' | 'capability'>,
): string[] {
  const modes = sharedModes(document.modes);
  const columns: Column[] = [{ title: 'by' }, ...modes.map((title) => ({ title }))];
  const rows = [
    ...sweepRows(document.reach, modes),
    ...groupRows(document.capability, modes, 'iommu' in document.factors),
  ];
  const note = `Swept: accesses that had a foreign effect, of those tried. Acts: each from every guest that has a place for it at every neighbour, in brackets how many, and how many of them F failed · R reached · L made late their neighbour. Each by itself is in the report.`;
  return [
    ...wrapped(paper, TITLE, 10, '').map((line) => paint(paper, 'bold', line)),
    ...drawTable(paper, columns, rows),
    ...wrapped(paper, onPaper(paper, note), 3),
    ...missLines(paper, document.capability),
  ];
}
