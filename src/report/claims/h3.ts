// H3: nothing reached in any setting, DMA included; any reach by the processor in the defaults contradicts.

import { grouped } from '../paper.ts';
import { BLOG, type Claim, type Evidence, inMode, isDma, sumOf, UNTESTED, VIRTUALIZED } from './claim.ts';

function look(evidence: Evidence) {
  const swept = inMode(evidence.reach, VIRTUALIZED);
  const acts = inMode(evidence.capability, VIRTUALIZED);
  const transfers = acts.filter((row) => isDma(row.fault));
  return {
    tested: sumOf(swept, 'tried') > 0 && transfers.length > 0,
    tried: sumOf(swept, 'tried'),
    processor: sumOf(swept, 'reached'),
    acts: acts.filter((row) => !isDma(row.fault) && row.reached),
    transfers: transfers.filter((row) => row.reached),
    random: inMode(evidence.rates, VIRTUALIZED).reduce((total, row) => total + row.reached, 0),
  };
}

export const H3: Claim = {
  id: 'H3',
  quote: 'Isolation in a virtual machine environment is not optional, it is inherent',
  source: BLOG,
  hypothesis: 'no setting of virtualized opens a foreign resource',
  rule(evidence) {
    const { tested, tried, processor, acts, transfers, random } = look(evidence);
    if (!tested) return UNTESTED;
    if (processor > 0 || acts.length > 0) return { verdict: 'contradicted', for: [] };
    // "In all settings" is more than the one that was swept: without it the sentence cannot be supported.
    return {
      verdict: transfers.length > 0 || random > 0 ? 'mixed' : 'inconclusive',
      for: [`virtualized: ${grouped(tried)} accesses to foreign pages and registers, 0 reached`],
    };
  },
  against(evidence) {
    const { tested, processor, acts, transfers, random } = look(evidence);
    if (!tested) return ['no sweep or no DMA act in virtualized'];
    return [
      ...(processor > 0 ? [`virtualized: ${grouped(processor)} accesses by the processor reached`] : []),
      ...acts.map((row) => `virtualized: ${row.fault} of ${row.from} reached ${row.to}`),
      ...transfers.map((row) => `virtualized: ${row.from}'s DMA channel, no IOMMU, reached ${row.to}`),
      ...(random > 0 ? [`virtualized: ${grouped(random)} random faults reached something foreign`] : []),
      'one setting was swept, not every scenario option',
      'open is the same hypervisor with other table data: isolation is inherent in the tables, not in the word',
    ];
  },
};
