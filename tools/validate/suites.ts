// The suites, each as rows of the record. A suite that this host cannot run says why instead.
import { z } from 'zod';
import type { ValidationDocument } from '../../src/report/validation.ts';
import { runTool } from './child.ts';
import { BOOTS, missingStrangers, playStranger, type StrangerBoot } from './strangers.ts';

export type SuiteName = Exclude<keyof ValidationDocument, 'schema' | 'machine'>;
type Rows = Partial<Pick<ValidationDocument, SuiteName>>;
export type Ran = { readonly rows: Rows } | { readonly missing: string };

/** Exit codes of `npm run conform` that leave a record: everything holds, or something does not. */
const TOLD = [0, 1];
const NO_ORACLE = 78;

/** What `npm run conform -- --record` writes of the parts that ran. */
const conformSchema = z.object({
  engines: z
    .object({ engines: z.array(z.object({ name: z.string(), passed: z.number(), failed: z.number() })) })
    .optional(),
  float: z
    .object({ operations: z.number(), engines: z.number(), comparisons: z.number(), failed: z.number() })
    .optional(),
  mutants: z
    .object({
      killed: z.number(),
      total: z.number(),
      mutants: z.array(z.object({ id: z.string(), killedBy: z.string().nullable() })),
    })
    .optional(),
  rules: z
    .object({
      holds: z.boolean(),
      chapters: z.array(z.object({ chapter: z.string(), commit: z.string(), rules: z.number(), linked: z.number() })),
    })
    .optional(),
  differential: z
    .object({
      oracle: z.string(),
      version: z.string(),
      seed: z.number(),
      programs: z.number(),
      instructions: z.number(),
      modes: z.object({ VS: z.number(), VU: z.number() }),
      explained: z.record(z.string(), z.number()),
      unexplained: z.number(),
    })
    .optional(),
});

async function conform(...parts: readonly string[]): Promise<z.output<typeof conformSchema> | { missing: string }> {
  const { code, said, document } = await runTool((file) => [
    '--script',
    'tools/conform.ts',
    ...parts,
    '--record',
    file,
  ]);
  if (code === NO_ORACLE) return { missing: said.trim() };
  if (!TOLD.includes(code ?? NO_ORACLE)) throw new Error(`conform ${parts.join(' ')} ended with ${code}:\n${said}`);
  return conformSchema.parse(document);
}

/** Random programs against QEMU, from a fixed seed on. */
export async function differential(): Promise<Ran> {
  const told = await conform('--differential');
  if ('missing' in told) return told;
  const { explained, modes, ...row } = told.differential ?? missing('differential');
  const known = Object.values(explained).reduce((sum, times) => sum + times, 0);
  return { rows: { differential: [{ ...row, virtual: modes.VS + modes.VU, known }] } };
}

/** What needs no other machine: the cases on every engine, floating point, wrong machines, rules. */
export async function cases(): Promise<Ran> {
  const told = await conform('--engines', '--float', '--mutants', '--rules');
  if ('missing' in told) return told;
  const { engines, float, mutants, rules } = told;
  if (engines === undefined || float === undefined || mutants === undefined || rules === undefined) {
    return missing('the suite of cases');
  }
  const { killed, total } = mutants;
  const alive = mutants.mutants.filter(({ killedBy }) => killedBy === null).map(({ id }) => id);
  return {
    rows: {
      conformance: engines.engines.map(({ name, passed, failed }) => ({ engine: name, passed, failed })),
      float,
      mutants: { killed, total, alive },
      rules: rules.chapters.map((chapter) => ({ ...chapter, passed: rules.holds })),
    },
  };
}

function missing(part: string): never {
  throw new Error(`conform did not record ${part}`);
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

export async function strangers(): Promise<Ran> {
  const absent = missingStrangers();
  return absent === undefined ? { rows: { strangers: BOOTS.map(boot) } } : { missing: absent };
}
