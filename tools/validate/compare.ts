// What a committed record says against what the suites say now. All seeds are fixed, so the same source gives the same figures,
// and nobody can write better ones by hand.
import { isDeepStrictEqual } from 'node:util';
import type { ValidationDocument } from '../../src/report/validation.ts';
import type { SuiteName } from './suites.ts';

type Strangers = ValidationDocument['strangers'];

/** Where Debian has published something new the figures differ, and only that it booted can be compared. */
function comparable(recorded: Strangers, now: Strangers): [unknown, unknown] {
  const known = new Map(recorded.map((row) => [row.name, row]));
  const same = (row: Strangers[number]) => isDeepStrictEqual(known.get(row.name)?.files, row.files);
  const bare = (rows: Strangers) =>
    rows.map((row) => (now.some((one) => one.name === row.name && same(one)) ? row : [row.name, row.problem]));
  return [bare(recorded), bare(now)];
}

/** One line for each part in which the record is not what was found. */
export function differences(recorded: ValidationDocument, now: Partial<ValidationDocument>): string[] {
  const parts: readonly ('machine' | SuiteName)[] = [
    'machine',
    'conformance',
    'differential',
    'float',
    'rules',
    'mutants',
    'strangers',
  ];
  return parts.flatMap((part) => {
    const found = now[part];
    if (found === undefined) return [];
    const [old, fresh] =
      part === 'strangers' ? comparable(recorded.strangers, now.strangers ?? []) : [recorded[part], found];
    if (isDeepStrictEqual(old, fresh)) return [];
    return [`${part}\n  recorded  ${JSON.stringify(old)}\n  found now ${JSON.stringify(fresh)}`];
  });
}
