import { describe, expect, it } from 'vitest';
import { linkedOf, readChapters, rulesOf } from '../../tools/conform/rules-list.ts';
import { casesOf } from './engine.ts';
import { interpreters } from './machine-engine.ts';

/** Issue 3: at least nine of ten rules of the hypervisor extension are linked to a test. */
const LEAST: Readonly<Record<string, number>> = { hypervisor: 0.9 };

const chapters = readChapters();
const names = casesOf(() => {
  throw new Error('a case is being named, not run');
}).map(({ group, name }) => `${group}: ${name}`);
const skipped = new Set(interpreters().flatMap(({ skip }) => skip.flatMap(({ cases }) => cases)));
const repeated = (all: readonly string[]) => all.filter((name, i) => all.indexOf(name) !== i);

describe('the normative rules of the manual', () => {
  it('are listed for the hypervisor extension', () => {
    expect(chapters.map(({ chapter }) => chapter)).toContain('hypervisor');
  });

  for (const chapter of chapters) {
    const rules = rulesOf(chapter);
    const linked = linkedOf(chapter);
    it(`${chapter.chapter}: ${linked.length} of ${rules.length} are linked to tests, all have their place once`, () => {
      expect(repeated(rules)).toEqual([]);
      expect(rules.length).toBe(chapter.count);
      expect(linked.length / rules.length).toBeGreaterThanOrEqual(LEAST[chapter.chapter] ?? 0);
    });

    it(`${chapter.chapter}: every test that is named is a case, and runs on every engine`, () => {
      const cases = new Set(names);
      const named = chapter.linked.flatMap(({ tests }) => tests);
      expect(named.filter((name) => !cases.has(name))).toEqual([]);
      expect(named.filter((name) => skipped.has(name))).toEqual([]);
      for (const { tests, rules: about } of chapter.linked) expect(repeated(tests), about.join(' ')).toEqual([]);
    });
  }

  it('are looked for in a list of cases that have one name each', () => {
    expect(repeated(names)).toEqual([]);
  });
});
