// What a claim is, and what its rules are written with.

import type { ArgueDocument, Verdict } from '../documents.ts';

/** All that a rule may look at. */
export type Evidence = Omit<ArgueDocument, 'claims'>;

export interface Judgement {
  readonly verdict: Verdict;
  readonly for: readonly string[];
  readonly against: readonly string[];
}

/** A quotation, the hypothesis it was turned into, and the rule that judges it by thresholds fixed before any run. */
export interface Claim {
  readonly id: string;
  readonly quote: string;
  readonly source: string;
  readonly hypothesis: string;
  /** What the records say, and what speaks for it. */
  readonly rule: (evidence: Evidence) => Omit<Judgement, 'against'>;
  /** What was looked for to refute it, and found; printed whatever the verdict. For an untested claim, what is missing. */
  readonly against: (evidence: Evidence) => readonly string[];
}

export const BLOG = 'G. Heiser, "OS Co-Location is NOT Virtualization!"';
export const VLX = 'VirtualLogix VLX';
export const SLIDES = 'slides';
export const WHITE_PAPER = 'OK Labs white paper';

export const COLOCATED = 'colocated';
export const PARTITIONED = 'partitioned';
export const VIRTUALIZED = 'virtualized';
export const NATIVE = 'native';

/** The precondition is missing: `against` says of what. */
export const UNTESTED = { verdict: 'untested', for: [] } as const satisfies Omit<Judgement, 'against'>;

/** Device DMA: no processor's act, and no processor's tables stand in its way. */
export const isDma = (fault: string): boolean => fault.startsWith('DMA-');

export type ReachRow = Evidence['reach'][number];
export type RateRow = Evidence['rates'][number];
export type CapabilityRow = Evidence['capability'][number];

export const isRam = (row: ReachRow): boolean => row.resource.endsWith('ram');

export function sumOf(rows: readonly ReachRow[], field: 'tried' | 'reached'): number {
  return rows.reduce((total, row) => total + row[field], 0);
}

export const inMode = <T extends { readonly mode: string }>(rows: readonly T[], mode: string): T[] =>
  rows.filter((row) => row.mode === mode);

export const pairOf = (row: Pick<RateRow, 'class' | 'faulty' | 'bystander'>): string =>
  `${row.class} ${row.faulty} → ${row.bystander}`;

/** "12 of 24 directed acts failed the neighbour". */
export function actsText(acts: readonly CapabilityRow[], mode: string): string {
  return `${mode}: ${acts.filter((row) => row.failed).length} of ${acts.length} directed acts fail the neighbour`;
}

export function rateTotals(rows: readonly RateRow[], field: 'injected' | 'activated' | 'failed' | 'late' | 'reached') {
  return rows.reduce((total, row) => total + row[field], 0);
}
