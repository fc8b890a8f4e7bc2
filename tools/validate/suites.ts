// The suites, each as rows of the record. A suite that this host cannot run says why instead.
import { z } from 'zod';
import type { ValidationDocument } from '../../src/report/validation.ts';
import { runTool } from './child.ts';
import { BOOTS, missingStrangers, playStranger, type StrangerBoot } from './strangers.ts';

export type SuiteName = Exclude<keyof ValidationDocument, 'schema' | 'machine'>;

export type Ran<K extends SuiteName> = { readonly rows: ValidationDocument[K] } | { readonly missing: string };

const testReport = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(z.object({ ancestorTitles: z.array(z.string()), status: z.string() })),
    }),
  ),
});

/** Every case on every engine, by the runner of all tests. */
export async function conformance(): Promise<Ran<'conformance'>> {
  const { document, said } = await runTool((file) => [
    ...['--bin', 'vitest', 'run', 'test/conformance/conformance.test.ts'],
    ...['--reporter=json', `--outputFile=${file}`],
  ]);
  const parsed = testReport.safeParse(document);
  if (!parsed.success) throw new Error(`the conformance suite did not report:\n${said}`);
  const rows = new Map<string, { engine: string; passed: number; failed: number; skipped: number }>();
  for (const { ancestorTitles, status } of parsed.data.testResults.flatMap((file) => file.assertionResults)) {
    const [engine] = ancestorTitles;
    if (engine === undefined) continue;
    const row = rows.get(engine) ?? { engine, passed: 0, failed: 0, skipped: 0 };
    rows.set(engine, row);
    if (status === 'passed') row.passed++;
    else if (status === 'failed') row.failed++;
    else row.skipped++;
  }
  return { rows: [...rows.values()] };
}

function boot(stranger: StrangerBoot): ValidationDocument['strangers'][number] {
  try {
    const { machine, files } = playStranger(stranger);
    const { cycles, instret } = machine;
    return { name: stranger.name, problem: '', cycles, instret, stateHash: machine.hash(), files };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { name: stranger.name, problem, cycles: 0, instret: 0, stateHash: '', files: {} };
  }
}

export async function strangers(): Promise<Ran<'strangers'>> {
  const missing = missingStrangers();
  return missing === undefined ? { rows: BOOTS.map(boot) } : { missing };
}
