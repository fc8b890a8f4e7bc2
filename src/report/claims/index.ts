// The sentences under test, in the order in which they are printed. Verdicts are computed from records, never written.

import type { ClaimRow } from '../documents.ts';
import type { Claim, Evidence, Judgement } from './claim.ts';
import { S4, S5, S6 } from './doubters.ts';
import { H1 } from './h1.ts';
import { H2 } from './h2.ts';
import { H3 } from './h3.ts';
import { H4 } from './h4.ts';
import { H5 } from './h5.ts';
import { H6 } from './h6.ts';
import { H7 } from './h7.ts';
import { S1, S2, S3 } from './vlx.ts';

export const claims: readonly Claim[] = [H1, H2, H3, H4, H5, H6, H7, S1, S2, S3, S4, S5, S6];

/** What was seen stands; that nothing more was seen proves nothing where translation caches were full. */
function withinCaches(judgement: Judgement, capped: number): Judgement {
  if (capped === 0 || judgement.verdict === 'untested') return judgement;
  const against = [...judgement.against, `${capped} experiments ran with full translation caches`];
  return { ...judgement, verdict: 'inconclusive', against };
}

export function judge(evidence: Evidence): ClaimRow[] {
  return claims.map(({ id, quote, source, rule, against }) => {
    const judgement = withinCaches({ ...rule(evidence), against: against(evidence) }, evidence.translation.capped);
    return { id, quote, source, verdict: judgement.verdict, for: [...judgement.for], against: [...judgement.against] };
  });
}
