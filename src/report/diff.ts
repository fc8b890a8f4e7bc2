// Two documents set side by side: which verdicts and figures changed, and which changes are regressions.

import { z } from 'zod';
import type { ArgueDocument, Verdict } from './documents.ts';
import { onPaper, type Paper, paint, percent, wrapped } from './paper.ts';

const change = z.strictObject({
  table: z.string(),
  /** What the row is about: mode, pair, workload. */
  key: z.string(),
  field: z.string(),
  /** Null where the row is not there. */
  before: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  after: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  /** Why it is one; empty where it is none. */
  regression: z.string(),
});

export const diffSchema = z
  .strictObject({
    schema: z.literal('taco.diff/1'),
    /** Images and scenario of each. */
    before: z.string(),
    after: z.string(),
    changes: z.array(change),
    regressions: z.int().min(0),
  })
  .meta({ title: 'taco diff', description: 'What changed between two runs of the argument' });

export type DiffDocument = z.output<typeof diffSchema>;
type Change = DiffDocument['changes'][number];
type Value = Change['before'];

/** Tables by the fields that name a row, and the figures worth telling. Cycles and counts of attempts follow from these. */
const TABLES = {
  claims: { key: ['id'], fields: ['verdict'] },
  reach: { key: ['mode', 'from', 'resource', 'access'], fields: ['tried', 'reached'] },
  capability: { key: ['fault', 'mode', 'from', 'to'], fields: ['reached', 'corrupted', 'failed', 'late', 'leaked'] },
  visibility: { key: ['mode', 'resource'], fields: ['answer', 'seen'] },
  rates: {
    key: ['class', 'mode', 'faulty', 'bystander'],
    fields: ['injected', 'failed', 'late', 'writablePages', 'foreignPages', 'lower95', 'upper95'],
  },
  layer: {
    key: ['class', 'mode', 'component'],
    fields: ['injected', 'guestsLost', 'oneLost', 'oneParked', 'errorReturned', 'lower95', 'upper95'],
  },
  cost: { key: ['workload', 'mode'], fields: ['ratio', 'ratioToColocated'] },
  latency: { key: ['kind', 'guest', 'mode', 'neighbour'], fields: ['max', 'late'] },
  footprint: { key: ['component'], fields: ['text', 'data', 'sourceLines', 'reachable'] },
  controls: { key: ['name'], fields: ['n', 'failed'] },
} as const satisfies Partial<Record<keyof ArgueDocument, { key: readonly string[]; fields: readonly string[] }>>;

type Table = keyof typeof TABLES;

/** How much of its sentence a verdict leaves standing; what settles nothing has no place in the order. */
const STANDING: Partial<Readonly<Record<Verdict, number>>> = { supported: 2, mixed: 1, contradicted: 0 };

function verdictRegression(before: Value, after: Value): string {
  const was = STANDING[before as Verdict];
  const is = STANDING[after as Verdict];
  if (was === undefined) return '';
  if (is === undefined) return 'was settled and is not any more';
  return is < was ? 'leaves less of the sentence standing' : '';
}

/** A looser bound is one even where only fewer faults were run: what was known is not known any more. */
function regressionOf(table: Table, field: string, before: Value, after: Value): string {
  if (table === 'claims') return verdictRegression(before, after);
  const bound = table === 'rates' && field === 'upper95';
  if (bound && after === null) return 'is not measured any more';
  if (bound && Number(after) > Number(before)) return 'the bound of FAILED is looser';
  if (table === 'capability' && field === 'failed' && before === false && after === true)
    return 'fails the neighbour now';
  return '';
}

function cellOf(row: Readonly<Record<string, unknown>> | undefined, field: string): Value {
  const value = row?.[field];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function changesIn(table: Table, before: ArgueDocument, after: ArgueDocument): Change[] {
  const { key, fields } = TABLES[table];
  const index = (rows: readonly object[]) =>
    new Map(
      rows.map((row) => {
        const cells = row as Readonly<Record<string, unknown>>;
        return [key.map((name) => String(cells[name])).join(' '), cells];
      }),
    );
  const [old, fresh] = [index(before[table]), index(after[table])];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((name) =>
    fields.flatMap((field): Change[] => {
      const [was, is] = [cellOf(old.get(name), field), cellOf(fresh.get(name), field)];
      if (was === is) return [];
      const regression = old.has(name) ? regressionOf(table, field, was, is) : '';
      return [{ table, key: name, field, before: was, after: is, regression }];
    }),
  );
}

export function diffDocuments(before: ArgueDocument, after: ArgueDocument): DiffDocument {
  const changes = (Object.keys(TABLES) as Table[]).flatMap((table) => changesIn(table, before, after));
  return {
    schema: 'taco.diff/1',
    before: before.stamp,
    after: after.stamp,
    changes,
    regressions: changes.filter(({ regression }) => regression !== '').length,
  };
}

const SHARES: ReadonlySet<string> = new Set(['lower95', 'upper95']);

function shown(field: string, value: Value): string {
  if (value === null) return 'nothing';
  if (typeof value !== 'number') return String(value);
  return SHARES.has(field) ? percent(value, 2) : String(Number(value.toPrecision(6)));
}

/** Regressions first, then verdicts, then figures. */
export function diffLines(paper: Paper, diff: DiffDocument): string[] {
  const { changes, before, after, regressions } = diff;
  if (changes.length === 0) return [` no verdict and no figure differs between ${before} and ${after}`];
  const bad = changes.filter(({ regression }) => regression !== '');
  const rest = changes.filter(({ regression }) => regression === '');
  const line = ({ table, key, field, before: was, after: is, regression }: Change) =>
    `${table} ${key}: ${field} ${shown(field, was)} → ${shown(field, is)}${regression === '' ? '' : ` (${regression})`}`;
  const block = (sign: string, rows: readonly Change[]) =>
    rows.flatMap((row) => wrapped(paper, onPaper(paper, line(row)), 5, ` ${sign} `));
  return [
    paint(paper, 'bold', ` ${before} against ${after}: ${changes.length} changes, ${regressions} of them regressions`),
    ...block('!', bad).map((text) => paint(paper, 'red', text)),
    ...block(' ', rest),
  ];
}
