// H1: 100 % of foreign RAM pages for read, write and execute; any page refused contradicts.

import { grouped } from '../paper.ts';
import { BLOG, type Claim, COLOCATED, type Evidence, inMode, isRam, type ReachRow, sumOf, UNTESTED } from './claim.ts';

const ACCESS = { r: 'reads', w: 'writes', x: 'executes' } as const;
const ACCESSES = ['r', 'w', 'x'] as const;

/** "rtos reads, writes, executes 17,408 of 17,408 foreign pages", accesses together where they agree. */
function pagesByAccess(rows: readonly ReachRow[]): string[] {
  const guests = [...new Set(rows.map((row) => row.from))].sort();
  return guests.flatMap((from) => {
    const verbs = new Map<string, string[]>();
    for (const access of ACCESSES) {
      const own = rows.filter((row) => row.from === from && row.access === access);
      const text = `${grouped(sumOf(own, 'reached'))} of ${grouped(sumOf(own, 'tried'))} foreign pages`;
      verbs.set(text, [...(verbs.get(text) ?? []), ACCESS[access]]);
    }
    return [...verbs].map(([text, words]) => `${COLOCATED}: ${from} ${words.join(', ')} ${text}`);
  });
}

/** Undefined unless all three accesses were swept. */
function sweptPages({ reach }: Evidence): ReachRow[] | undefined {
  const pages = inMode(reach, COLOCATED).filter(isRam);
  const complete = ACCESSES.every((access) => pages.some((row) => row.access === access));
  return complete && sumOf(pages, 'tried') > 0 ? pages : undefined;
}

export const H1: Claim = {
  id: 'H1',
  quote: 'each running in kernel mode with full access to all physical memory',
  source: BLOG,
  hypothesis: 'in colocated any kernel can read, write and execute all of memory',
  rule(evidence) {
    const pages = sweptPages(evidence);
    if (pages === undefined) return UNTESTED;
    const whole = sumOf(pages, 'tried') === sumOf(pages, 'reached');
    return { verdict: whole ? 'supported' : 'contradicted', for: pagesByAccess(pages) };
  },
  against(evidence) {
    const pages = sweptPages(evidence);
    if (pages === undefined) return ['no complete sweep of foreign pages in colocated'];
    const refused = sumOf(pages, 'tried') - sumOf(pages, 'reached');
    const registers = inMode(evidence.reach, COLOCATED).filter((row) => !isRam(row));
    const untouched = sumOf(registers, 'tried') - sumOf(registers, 'reached');
    const registersText = `${grouped(untouched)} of ${grouped(sumOf(registers, 'tried'))}`;
    return [
      ...(refused > 0 ? [`colocated: ${grouped(refused)} accesses to foreign pages refused`] : []),
      ...(untouched > 0 ? [`colocated: ${registersText} accesses to device registers had no foreign effect`] : []),
      'our nanokernel keeps M-mode, hence its own CSRs, to itself: kinder than the quotation',
    ];
  },
};
