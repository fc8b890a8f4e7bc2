// H7: of random faults at most 0.1 % fail the neighbour of a virtual machine, in every pair, none makes it late; more than
// 1 % in any pair contradicts.

import { percent } from '../paper.ts';
import {
  BLOG,
  type Claim,
  type Evidence,
  inMode,
  isDma,
  pairOf,
  type RateRow,
  UNTESTED,
  VIRTUALIZED,
} from './claim.ts';

const CONTAINED = 0.001;
const LEAKING = 0.01;

const cells = (evidence: Evidence): RateRow[] => inMode(evidence.rates, VIRTUALIZED).filter((row) => row.injected > 0);

export const H7: Claim = {
  id: 'H7',
  quote: 'it strongly isolates virtual machines from each other',
  source: BLOG,
  hypothesis: 'in virtualized at most 0.1 % of random faults fail the neighbour, in every pair, and none makes it late',
  rule(evidence) {
    const rows = cells(evidence);
    if (rows.length === 0) return UNTESTED;
    const bound = Math.max(...rows.map((row) => row.upper95));
    const text = `virtualized: per pair and class at most ${percent(bound, 2)} (upper bound, n = ${Math.min(...rows.map((row) => row.injected))})`;
    if (rows.some((row) => row.lower95 > LEAKING)) return { verdict: 'contradicted', for: [] };
    if (rows.some((row) => row.late > 0 || row.lower95 > CONTAINED)) return { verdict: 'mixed', for: [text] };
    return { verdict: bound <= CONTAINED ? 'supported' : 'inconclusive', for: [text] };
  },
  against(evidence) {
    const rows = cells(evidence);
    if (rows.length === 0) return ['needs random faults in virtualized'];
    const acts = inMode(evidence.capability, VIRTUALIZED);
    const wide = rows.filter((row) => row.upper95 > CONTAINED);
    const layers = inMode(evidence.layer, VIRTUALIZED);
    const transfers = acts.filter((row) => row.failed && isDma(row.fault));
    const others = acts.filter((row) => row.failed && !isDma(row.fault));
    return [
      ...rows.flatMap((row) =>
        row.failed > 0 || row.late > 0
          ? [`${pairOf(row)}: ${row.failed} of ${row.injected} failed, ${row.late} late`]
          : [],
      ),
      ...(wide.length === 0 ? [] : [`${wide.length} of ${rows.length} cells are too few faults for a bound of 0.1 %`]),
      ...transfers.map((row) => `${row.fault}: ${row.from}'s device fails ${row.to}, there is no IOMMU`),
      ...others.map((row) => `${row.fault} of ${row.from} fails ${row.to}`),
      ...layers.map(
        (row) =>
          `faults in the ${row.component}, ${row.class}: every guest lost in ${row.guestsLost} of ${row.injected}, ${row.failuresPerGcycle.toPrecision(2)} expected per Gcycle if each bit flips once in it`,
      ),
      ...(layers.length === 0 ? ['no fault in the layer was run'] : []),
    ];
  },
};
