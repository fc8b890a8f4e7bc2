// H4: whatever a guest reads is refused, mediated, or declared to be the real thing beforehand. One undeclared resource
// whose host value a guest can tell contradicts.

import { BLOG, type Claim, COLOCATED, type Evidence, inMode, UNTESTED, VIRTUALIZED } from './claim.ts';

type VisibilityRow = Evidence['visibility'][number];

const named = (rows: readonly VisibilityRow[]): string => [...new Set(rows.map((row) => row.resource))].join(' · ');
const counted = (rows: readonly VisibilityRow[]): number => new Set(rows.map((row) => row.resource)).size;

export const H4: Claim = {
  id: 'H4',
  quote: 'The virtual machines only get to see virtual resources',
  source: BLOG,
  hypothesis: 'of no register, counter or address can a guest tell the host’s value, save what is declared to be real',
  rule(evidence) {
    const rows = inMode(evidence.visibility, VIRTUALIZED);
    if (!rows.some((row) => row.perturbed !== '')) return UNTESTED;
    const leaks = rows.some((row) => row.seen && !row.declared);
    const hidden = rows.filter((row) => !rows.some((other) => other.resource === row.resource && other.seen));
    return {
      verdict: leaks ? 'contradicted' : 'supported',
      for: [`virtualized: ${counted(hidden)} of ${counted(rows)} resources read show nothing of the host’s value`],
    };
  },
  against(evidence) {
    const rows = inMode(evidence.visibility, VIRTUALIZED);
    if (!rows.some((row) => row.perturbed !== '')) return ['needs runs with changed host values'];
    const leaks = rows.filter((row) => row.seen && !row.declared);
    const real = rows.filter((row) => row.seen && row.declared);
    const untried = rows.filter((row) => row.perturbed === '' && row.answer === 'value');
    const colocated = inMode(evidence.visibility, COLOCATED);
    return [
      ...(leaks.length === 0 ? [] : [`virtualized, real and undeclared: ${named(leaks)}`]),
      ...(real.length === 0 ? [] : [`virtualized, real and declared so: ${named(real)}`]),
      ...(untried.length === 0 ? [] : [`answered, and the host’s value could not be changed: ${named(untried)}`]),
      ...(colocated.length === 0
        ? []
        : [`colocated: the host’s value shows in ${named(colocated.filter((row) => row.seen))}`]),
    ];
  },
};
