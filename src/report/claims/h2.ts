// H2, strong form: in every pair and class at least half of the activated random faults fail the neighbour. Weak form: some
// directed act can. Both are printed; the weak one alone is MIXED.

import { grouped, percent } from '../paper.ts';
import {
  actsText,
  BLOG,
  type Claim,
  COLOCATED,
  type Evidence,
  inMode,
  pairOf,
  type RateRow,
  rateTotals,
  UNTESTED,
  VIRTUALIZED,
} from './claim.ts';

const STRONG = 0.5;
const HALF = percent(STRONG, 0);

/** Random bugs: software faults and faults of the hardware below the guest. */
const bugs = (evidence: Evidence, mode: string): RateRow[] =>
  inMode(evidence.rates, mode).filter((row) => /^(SWF|HWF)-/.test(row.class) && row.activated > 0);

function doesText(rows: readonly RateRow[], mode: string): string {
  const failed = grouped(rateTotals(rows, 'failed'));
  return `${mode}: ${failed} of ${grouped(rateTotals(rows, 'activated'))} activated random faults fail the neighbour`;
}

export const H2: Claim = {
  id: 'H2',
  quote: 'each bug in one OS would take down all the others',
  source: BLOG,
  hypothesis: `strong: of activated faults at least ${HALF} fail the neighbour, in every pair; weak: some directed act does`,
  rule(evidence) {
    const acts = inMode(evidence.capability, COLOCATED);
    if (acts.length === 0) return UNTESTED;
    const weak = acts.some((row) => row.failed);
    if (!weak) return { verdict: 'contradicted', for: [] };
    const rows = bugs(evidence, COLOCATED);
    const strong = rows.length > 0 && rows.every((row) => row.activated95.lower >= STRONG);
    const refuted = rows.some((row) => row.activated95.upper < STRONG);
    return {
      verdict: strong ? 'supported' : refuted ? 'mixed' : 'inconclusive',
      for: [
        `can: ${actsText(acts, COLOCATED)}`,
        ...(strong ? [`does: in each of ${rows.length} pairs and classes the lower bound is at least ${HALF}`] : []),
      ],
    };
  },
  against(evidence) {
    const acts = inMode(evidence.capability, COLOCATED);
    if (acts.length === 0) return ['needs the directed acts in colocated'];
    const rows = bugs(evidence, COLOCATED);
    const virtualized = inMode(evidence.capability, VIRTUALIZED);
    const below = rows.filter((row) => row.activated95.upper < STRONG);
    return [
      rows.length === 0
        ? 'does: no random fault of software or hardware was run in colocated'
        : `does: ${doesText(rows, COLOCATED)}`,
      ...below.map((row) => `${pairOf(row)}: at most ${percent(row.activated95.upper)} of the activated`),
      ...(virtualized.length === 0 ? [] : [`the same acts: ${actsText(virtualized, VIRTUALIZED)}`]),
    ];
  },
};
