import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const FOLDER = join(import.meta.dirname, '../../test/conformance/rules');
const Rules = z.array(z.string()).min(1);
const Reasoned = z.strictObject({ rules: Rules, reason: z.string().min(1) });

const Chapter = z.strictObject({
  chapter: z.string(),
  /** Where the manual is, the commit that was read, and its files of rules. */
  manual: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  definitions: z.array(z.string()).min(1),
  /** How many rules those have. */
  count: z.int(),
  linked: z.array(z.strictObject({ rules: Rules, tests: z.array(z.string()).min(1) })),
  /** Rules that no test checks. */
  missing: z.array(Reasoned),
  /** Rules that say nothing of this machine. */
  inapplicable: z.array(Reasoned),
});
export type Chapter = z.infer<typeof Chapter>;

/** The chapters in test/conformance/rules, checked. */
export const readChapters = (): readonly Chapter[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => Chapter.parse(parse(readFileSync(join(FOLDER, name), 'utf8'))));

/** Every mention of a rule; a sound chapter mentions each once. */
export const rulesOf = ({ linked, missing, inapplicable }: Chapter): readonly string[] =>
  [...linked, ...missing, ...inapplicable].flatMap(({ rules }) => rules);

export const linkedOf = ({ linked }: Chapter): readonly string[] => linked.flatMap(({ rules }) => rules);

const Definitions = z.object({
  normative_rule_definitions: z.array(
    z.union([
      z.object({ name: z.string() }).transform(({ name }) => [name]),
      z.object({ names: z.array(z.string()) }).transform(({ names }) => names),
    ]),
  ),
});

/** How a chapter differs from a checkout of the manual: rules of the one that the other has not. */
export function differencesFromManual(chapter: Chapter, folder: string): readonly string[] {
  const theirs = new Set(
    chapter.definitions.flatMap((file) =>
      Definitions.parse(parse(readFileSync(join(folder, file), 'utf8'))).normative_rule_definitions.flat(),
    ),
  );
  const ours = new Set(rulesOf(chapter));
  return [
    ...[...theirs].filter((rule) => !ours.has(rule)).map((rule) => `${rule} is not in our list`),
    ...[...ours].filter((rule) => !theirs.has(rule)).map((rule) => `${rule} is not in the manual`),
  ];
}
