import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { casesOfFloat } from '../../test/conformance/float-operands.ts';
import { FLOAT_INSTRUCTIONS } from '../../test/conformance/float-oracle.ts';
import { MODES } from '../../test/conformance/ieee754.ts';
import type { Part } from './part.ts';

/** The engine suite: the cases of test/conformance, on each engine. */
const SUITE = 'test/conformance/conformance.test.ts';
/** Its group of cases that are compared with an exact computation. */
const FLOAT_GROUP = 'float arithmetic';

const Report = z.object({
  testResults: z.array(
    z.object({
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});
type Case = z.infer<typeof Report>['testResults'][number]['assertionResults'][number];

/** Runs the suite, or one group of it, and gives what became of each case. */
async function runSuite(group: string | undefined): Promise<Case[]> {
  const root = join(import.meta.dirname, '../..');
  const folder = mkdtempSync(join(tmpdir(), 'conform-'));
  const file = join(folder, 'report.json');
  const only = group === undefined ? [] : ['-t', group];
  const ask = ['run', SUITE, ...only, '--reporter=json', `--outputFile.json=${file}`];
  try {
    const child = spawn(join(root, 'taco'), ['--bin', 'vitest', ...ask], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const errors: string[] = [];
    child.stderr.on('data', (text: Buffer) => errors.push(text.toString()));
    await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    const { testResults } = Report.parse(JSON.parse(readFileSync(file, 'utf8')));
    const cases = testResults.flatMap((result) => result.assertionResults);
    if (cases.length === 0) {
      throw new Error(`no case of ${SUITE} ran: ${testResults[0]?.message ?? ''}${errors.join('').slice(-2000)}`);
    }
    return cases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const count = (cases: readonly Case[], status: string) => cases.filter((one) => one.status === status).length;
const failures = (cases: readonly Case[]) =>
  cases
    .filter((one) => one.status === 'failed')
    .map(
      (one) => `  FAILED ${[...one.ancestorTitles, one.title].join(': ')}\n${one.failureMessages?.join('\n') ?? ''}`,
    );
const engineOf = (one: Case) => one.ancestorTitles[0] ?? 'the suite itself';
const thousands = (value: number) => value.toLocaleString('en-US');

let whole: Promise<Case[]> | undefined;
/** Once, however many parts ask. */
function wholeSuite(): Promise<Case[]> {
  whole ??= runSuite(undefined);
  return whole;
}

/** What became of each case, `group: case`: 'passed' where every engine passed it, else what the first other one said. */
export async function resultsByCase(): Promise<ReadonlyMap<string, string>> {
  const results = new Map<string, string>();
  for (const { ancestorTitles, title, status } of await wholeSuite()) {
    const [engine, group] = ancestorTitles;
    // A skipped case has its reason behind its name, and so another one.
    const name = `${group}: ${title}`;
    if (status !== 'passed') results.set(name, `${status} by ${engine}`);
    else if (!results.has(name)) results.set(name, status);
  }
  return results;
}

/** Every case of the suite on every engine. */
export async function enginesPart(): Promise<Part> {
  const cases = await wholeSuite();
  const [passed, failed] = [count(cases, 'passed'), count(cases, 'failed')];
  const skipped = cases.length - passed - failed;
  const names = [...new Set(cases.map(engineOf))];
  const engines = names.map((name) => {
    const own = cases.filter((one) => engineOf(one) === name);
    return { name, passed: count(own, 'passed'), failed: count(own, 'failed') };
  });
  const rows = engines.map((row) => `  ${row.name.padEnd(26)} ${row.passed} passed, ${row.failed} failed`);
  const head = `engine suite: ${passed} passed, ${failed} failed, ${skipped} skipped with a reason`;
  return {
    key: 'engines',
    holds: failed === 0 && passed > 0,
    record: { passed, failed, skipped, engines },
    text: [head, ...rows, ...failures(cases)].join('\n'),
  };
}

/** Operation x rounding mode x boundary operands against the exact computation, on every engine. */
export async function floatPart(): Promise<Part> {
  const all = await (whole ?? runSuite(FLOAT_GROUP));
  const cases = all.filter((one) => one.ancestorTitles.includes(FLOAT_GROUP));
  const [passed, failed] = [count(cases, 'passed'), count(cases, 'failed')];
  const engines = new Set(cases.map(engineOf)).size;
  const operations = FLOAT_INSTRUCTIONS.length;
  const each = FLOAT_INSTRUCTIONS.reduce((sum, instruction) => sum + casesOfFloat(instruction.rounds), 0);
  const comparisons = each * engines;
  const head = `floating point against an exact computation: ${passed} passed, ${failed} failed`;
  const size = `  ${operations} operations, ${MODES.length} rounding modes, ${engines} engines: ${thousands(comparisons)} results with flags`;
  return {
    key: 'float',
    holds: failed === 0 && passed === operations * engines,
    record: { operations, modes: MODES.length, engines, comparisons, passed, failed },
    text: [head, size, ...failures(cases)].join('\n'),
  };
}
