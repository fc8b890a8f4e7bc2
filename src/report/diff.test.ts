import { describe, expect, it } from 'vitest';
import { madeUp } from '../../test/report/made-up-document.ts';
import { diffDocuments, diffLines, diffSchema } from './diff.ts';
import type { ArgueDocument, Verdict } from './documents.ts';
import { PLAIN } from './paper.ts';

const withVerdict = (verdict: Verdict): ArgueDocument => ({
  ...madeUp,
  claims: madeUp.claims.map((claim) => (claim.id === 'H3' ? { ...claim, verdict } : claim)),
});

const withBound = (upper95: number): ArgueDocument => ({
  ...madeUp,
  rates: madeUp.rates.map((row, index) => (index === 0 ? { ...row, upper95 } : row)),
});

const regressions = (before: ArgueDocument, after: ArgueDocument) =>
  diffDocuments(before, after)
    .changes.filter(({ regression }) => regression !== '')
    .map(({ table, field }) => `${table} ${field}`);

describe('diff', () => {
  it('of a document and itself is empty', () => {
    const diff = diffDocuments(madeUp, structuredClone(madeUp));
    expect(diff.changes).toEqual([]);
    expect(diffLines(PLAIN, diff).join()).toContain('no verdict and no figure differs');
  });

  it.each<[Verdict, Verdict, boolean]>([
    ['supported', 'mixed', true],
    ['mixed', 'contradicted', true],
    ['mixed', 'untested', true],
    ['supported', 'inconclusive', true],
    ['contradicted', 'mixed', false],
    ['untested', 'contradicted', false],
    ['inconclusive', 'untested', false],
  ])('from %s to %s: regression %s', (before, after, is) => {
    expect(diffDocuments(withVerdict(before), withVerdict(after)).changes).toHaveLength(1);
    expect(regressions(withVerdict(before), withVerdict(after))).toEqual(is ? ['claims verdict'] : []);
  });

  it('calls a looser bound of FAILED a regression, a tighter one a change', () => {
    expect(regressions(withBound(0.02), withBound(0.03))).toEqual(['rates upper95']);
    expect(regressions(withBound(0.03), withBound(0.02))).toEqual([]);
    expect(diffDocuments(withBound(0.03), withBound(0.02)).changes).toHaveLength(1);
  });

  it('misses a cell that is not measured any more, and welcomes a new one', () => {
    const fewer = { ...madeUp, rates: madeUp.rates.slice(1) };
    expect(regressions(madeUp, fewer)).toEqual(['rates upper95']);
    expect(regressions(fewer, madeUp)).toEqual([]);
  });

  it('sees an act that fails the neighbour now', () => {
    const quiet = { ...madeUp, capability: madeUp.capability.map((row) => ({ ...row, failed: false })) };
    expect(regressions(quiet, madeUp)).toContain('capability failed');
    expect(regressions(madeUp, quiet)).toEqual([]);
  });

  it('prints regressions first, in plain ASCII, and keeps its schema', () => {
    const diff = diffDocuments(withVerdict('supported'), { ...withVerdict('mixed'), footprint: [] });
    const lines = diffLines(PLAIN, diff);
    expect(lines[1]).toBe(' ! claims H3: verdict supported -> mixed (leaves less of the sentence standing)');
    expect(lines.join('\n')).not.toMatch(/[^\n\x20-\x7e]/);
    expect(diffSchema.parse(diff)).toEqual(diff);
  });
});
