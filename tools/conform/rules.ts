import type { Part } from './part.ts';
import { type Chapter, differencesFromManual, linkedOf, readChapters, rulesOf } from './rules-list.ts';
import { resultsByCase } from './suite.ts';

const COLUMNS = ['chapter', 'rules', 'linked', 'missing', 'inapplicable', 'share'];
const row = (cells: readonly (string | number)[]) =>
  `  ${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(14) : String(cell).padStart(12))).join(' ')}`;
const sized = (entries: readonly { readonly rules: readonly string[] }[]) =>
  entries.reduce((sum, { rules }) => sum + rules.length, 0);
const wrapped = (rules: readonly string[]) => rules.join(' ').replace(/(.{1,110})(?: |$)/g, '      $1\n');

function countsOf(chapter: Chapter) {
  const rules = rulesOf(chapter).length;
  const linked = linkedOf(chapter).length;
  return {
    chapter: chapter.chapter,
    commit: chapter.commit,
    rules,
    linked,
    missing: sized(chapter.missing),
    inapplicable: sized(chapter.inapplicable),
    share: linked / rules,
  };
}

/** The rules of the manual, each with the tests that check it; and whether those pass on every engine. */
export async function rulesPart(manual: string | undefined): Promise<Part> {
  const chapters = readChapters();
  const results = await resultsByCase();
  const wrong = chapters.flatMap((chapter) => [
    ...chapter.linked
      .flatMap(({ tests }) => tests)
      .filter((name) => results.get(name) !== 'passed')
      .map((name) => `${name}: ${results.get(name) ?? 'no such case'}`),
    ...(manual === undefined ? [] : differencesFromManual(chapter, manual)),
  ]);
  const counts = chapters.map(countsOf);
  const table = [
    'rules of the manual and the tests that check them',
    row(COLUMNS),
    ...counts.map(({ chapter, rules, linked, missing, inapplicable, share }) =>
      row([chapter, rules, linked, missing, inapplicable, `${(100 * share).toFixed(1)} %`]),
    ),
  ];
  const open = chapters.flatMap(({ chapter, missing }) =>
    missing.map(({ rules, reason }) => `  missing in ${chapter}: ${reason}\n${wrapped(rules).trimEnd()}`),
  );
  return {
    key: 'rules',
    holds: wrong.length === 0,
    record: { chapters: counts },
    text: [...table, ...open, ...[...new Set(wrong)].map((line) => `  WRONG ${line}`)].join('\n'),
  };
}
