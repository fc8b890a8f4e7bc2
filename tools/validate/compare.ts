// What a committed record says against what the suites say now. All seeds are fixed, so the same source gives the same figures,
// and nobody can write better ones by hand.
import { isDeepStrictEqual } from 'node:util';
import type { ValidationDocument } from '../../src/report/validation.ts';
import type { SuiteName } from './suites.ts';

/** Where an oracle or a stranger is another than it was, its figures may be others: what it found must not. */
const COMPARABLE = {
  differential: ({ oracle, version }: ValidationDocument['differential'][number]) => `${oracle} ${version}`,
  strangers: ({ name, files }: ValidationDocument['strangers'][number]) =>
    JSON.stringify([name, Object.entries(files).sort()]),
};
const FOUND = {
  differential: ({ oracle, unexplained }: ValidationDocument['differential'][number]) => [oracle, unexplained],
  strangers: ({ name, problem }: ValidationDocument['strangers'][number]) => [name, problem],
};

/** Both lists, with the rows cut down that only one of the two has a like of. */
function comparable<Row>(
  lists: readonly (readonly Row[])[],
  key: (row: Row) => string,
  found: (row: Row) => unknown,
): unknown[] {
  const everywhere = (row: Row) => lists.every((list) => list.some((one) => key(one) === key(row)));
  return lists.map((list) => list.map((row) => (everywhere(row) ? row : found(row))));
}

function pairOf(
  part: 'machine' | SuiteName,
  recorded: ValidationDocument,
  now: Partial<ValidationDocument>,
): unknown[] {
  if (part === 'differential') {
    const lists = [recorded.differential, now.differential ?? []];
    return comparable(lists, COMPARABLE.differential, FOUND.differential);
  }
  if (part === 'strangers') {
    return comparable([recorded.strangers, now.strangers ?? []], COMPARABLE.strangers, FOUND.strangers);
  }
  return [recorded[part], now[part]];
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
    if (now[part] === undefined) return [];
    const [old, fresh] = pairOf(part, recorded, now);
    if (isDeepStrictEqual(old, fresh)) return [];
    return [`${part}\n  recorded  ${JSON.stringify(old)}\n  found now ${JSON.stringify(fresh)}`];
  });
}
