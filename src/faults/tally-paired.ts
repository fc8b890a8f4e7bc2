// The same list of faults in two modes, fault by fault.

import type { ExperimentRecord, PairedRow } from './records.ts';
import { holm } from './statistics/holm.ts';
import { differenceInterval, mcNemar, type PairedCounts, riskDifference } from './statistics/paired.ts';
import { type Finding, findingsOf, groupBy, sortBy } from './tally.ts';

/** The one comparison declared beforehand: FAILED, per class and ordered pair. Its p-values are Holm's inside this family;
 * every other pair of modes is exploratory and has none. */
export const PRIMARY = { a: 'colocated', b: 'virtualized' } as const;

interface Couple {
  readonly a: Finding;
  readonly b: Finding;
}

/** Both arms of each fault. One in which the harness contradicted itself in either mode says nothing of their difference;
 * one whose point a mode never reaches stays, as a fault that did nothing there. */
function couplesOf(findings: readonly Finding[], a: string, b: string): Couple[] {
  const inB = new Map(findings.filter(({ record }) => record.mode === b).map((own) => [own.record.n, own]));
  return findings.flatMap((own) => {
    const other = own.record.mode === a ? inB.get(own.record.n) : undefined;
    return other === undefined ? [] : [{ a: own, b: other }];
  });
}

function countsOf(couples: readonly Couple[]): PairedCounts {
  const count = (inA: boolean, inB: boolean) =>
    couples.filter(({ a, b }) => a.endpoints.failed === inA && b.endpoints.failed === inB).length;
  return {
    both: count(true, true),
    onlyA: count(true, false),
    onlyB: count(false, true),
    neither: count(false, false),
  };
}

/** pc and privilege are checked before every injection, so the digest decides. */
function isExact({ a, b }: Couple): boolean {
  return a.record.context !== '' && a.record.context === b.record.context;
}

function rowOf(first: Finding, a: string, b: string, couples: readonly Couple[]): PairedRow {
  const counts = countsOf(couples);
  const { lower, upper } = differenceInterval(counts);
  const isPrimary = a === PRIMARY.a && b === PRIMARY.b;
  return {
    class: first.record.class,
    faulty: first.record.from,
    bystander: first.bystander,
    a,
    b,
    ...counts,
    exactShare: couples.filter(isExact).length / couples.length,
    difference: riskDifference(counts),
    lower95: lower,
    upper95: upper,
    p: isPrimary ? mcNemar(counts) : null,
    pHolm: null,
  };
}

/** Every two of the modes, in their order, but the primary comparison the way it was declared. */
function contrasts(modes: readonly string[]): [string, string][] {
  const twos = modes.flatMap((a, index) => modes.slice(index + 1).map((b): [string, string] => [a, b]));
  return twos.map(([a, b]) => (a === PRIMARY.b && b === PRIMARY.a ? [b, a] : [a, b]));
}

/** One row per (class, ordered pair of guests, two modes). `records` are of random faults: an act has no chance in it. */
export function pairedOf(records: readonly ExperimentRecord[], modes: readonly string[]): PairedRow[] {
  const key = ({ record, bystander }: Finding) => [record.class, record.from, bystander].join(' ');
  const rows = groupBy(findingsOf(records), key).flatMap((findings) =>
    contrasts(modes).flatMap(([a, b]) => {
      const couples = couplesOf(findings, a, b);
      const [first] = findings;
      return first === undefined || couples.length === 0 ? [] : [rowOf(first, a, b, couples)];
    }),
  );
  const family = rows.filter(({ p }) => p !== null);
  const adjusted = holm(family.map(({ p }) => p ?? 1));
  const pHolm = new Map(family.map((row, index) => [row, adjusted[index] ?? 1]));
  return sortBy(
    rows.map((row) => ({ ...row, pHolm: pHolm.get(row) ?? null })),
    (row) => [row.class, row.faulty, row.bystander, row.a, row.b],
  );
}
