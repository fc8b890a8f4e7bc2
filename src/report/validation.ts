// What the suites said of the machine, as a record (validation/machine.json), and whether that is enough to rely on it. The
// record speaks of one source: it holds the hash of every file that the machine is made of.

import { z } from 'zod';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const conformance = z.strictObject({ engine: z.string(), passed: count, failed: count });

const differential = z.strictObject({
  oracle: z.string(),
  version: z.string(),
  seed: count,
  programs: count,
  instructions: count,
  /** Instructions with V = 1. */
  virtual: count,
  /** Differences that are errors of the oracle, each of them listed with the manual's sentence. */
  known: count,
  unexplained: count,
});

const rules = z.strictObject({
  chapter: z.string(),
  /** Of the manual. */
  commit: z.string(),
  rules: count,
  /** Those that name a test. */
  linked: count,
  /** Whether all of these tests pass on every engine. */
  passed: z.boolean(),
});

const stranger = z.strictObject({
  name: z.string(),
  /** What went wrong; empty where nothing did. */
  problem: z.string(),
  cycles: count,
  instret: count,
  stateHash: z.string(),
  files: z.record(z.string(), sha256),
});

/** A suite that was not run is null or an empty list, never an invented figure. */
export const validationSchema = z
  .strictObject({
    schema: z.literal('taco.validation/1'),
    machine: z.strictObject({ files: count, sha256 }),
    conformance: z.array(conformance),
    differential: z.array(differential),
    /** FP operations against exact computation. */
    float: z.strictObject({ operations: count, engines: count, comparisons: count, failed: count }).nullable(),
    /** Normative rules of the manual, by chapter. */
    rules: z.array(rules),
    /** Machines made wrong on purpose. */
    mutants: z.strictObject({ total: count, killed: count, alive: z.array(z.string()) }).nullable(),
    strangers: z.array(stranger),
  })
  .meta({ title: 'taco validation', description: 'What the suites said of the machine, and of which source' });

export type ValidationDocument = z.output<typeof validationSchema>;

/** What each suite must reach before any rate counts. */
const BARS = {
  instructions: 1_000_000,
  virtualShare: 0.25,
  chapter: 'hypervisor',
  ruleShare: 0.9,
  /** Debian on one hart and on two, its boot loader, and a Debian inside Debian. */
  strangers: 4,
} as const;

const percent = (share: number): string => `${Math.floor(share * 100)} %`;

function conformanceDoubts(rows: ValidationDocument['conformance']): string[] {
  if (rows.length === 0) return ['the conformance suite was not run'];
  return rows.flatMap(({ engine, passed, failed }) => {
    if (failed > 0) return [`${failed} conformance cases fail on ${engine}`];
    return passed === 0 ? [`no conformance case was run on ${engine}`] : [];
  });
}

function differentialDoubts(rows: ValidationDocument['differential']): string[] {
  if (rows.length === 0) return ['random programs were not compared with another machine'];
  return rows.flatMap(({ oracle, instructions, virtual, unexplained }) => [
    ...(unexplained > 0 ? [`${unexplained} differences from ${oracle} are unexplained`] : []),
    ...(instructions < BARS.instructions
      ? [`only ${instructions} random instructions were compared with ${oracle}, of ${BARS.instructions}`]
      : []),
    ...(virtual < instructions * BARS.virtualShare
      ? [
          `only ${percent(virtual / instructions)} of the random instructions had V = 1, of ${percent(BARS.virtualShare)}`,
        ]
      : []),
  ]);
}

function floatDoubts(row: ValidationDocument['float']): string[] {
  if (row === null || row.comparisons === 0) return ['floating point was not compared with exact computation'];
  return row.failed > 0 ? [`${row.failed} floating-point operations differ from exact computation`] : [];
}

/** The bar is the hypervisor extension's; of other chapters only what is linked has to pass. */
function ruleDoubts(rows: ValidationDocument['rules']): string[] {
  const failing = rows.filter(({ passed }) => !passed).map(({ chapter }) => `rules of ${chapter} have failing tests`);
  const row = rows.find(({ chapter }) => chapter === BARS.chapter);
  if (row === undefined || row.rules === 0)
    return [`the manual's rules of ${BARS.chapter} were not counted`, ...failing];
  if (row.linked >= row.rules * BARS.ruleShare) return failing;
  const counts = `${row.linked} of ${row.rules} rules of ${row.chapter}`;
  return [`only ${counts} are linked to a test, of ${percent(BARS.ruleShare)}`, ...failing];
}

function mutantDoubts(row: ValidationDocument['mutants']): string[] {
  if (row === null || row.total === 0) return ['no machine made wrong on purpose was tried'];
  return row.killed < row.total ? [`machines made wrong on purpose live: ${row.alive.join(', ')}`] : [];
}

function strangerDoubts(rows: ValidationDocument['strangers']): string[] {
  const booted = rows.filter(({ problem }) => problem === '');
  const failed = rows.filter(({ problem }) => problem !== '').map(({ name }) => `${name} did not boot`);
  if (failed.length > 0) return failed;
  return booted.length < BARS.strangers ? [`${booted.length} of ${BARS.strangers} strangers were booted`] : [];
}

/** Why the machine of this source may not be relied on yet, in words; nothing where it may. */
export function doubts(record: ValidationDocument | undefined, source: string): string[] {
  if (record === undefined) return ['it was never validated; run `npm run validate`'];
  if (record.machine.sha256 !== source) return ['src/machine changed since it was validated; run `npm run validate`'];
  return [
    ...conformanceDoubts(record.conformance),
    ...differentialDoubts(record.differential),
    ...floatDoubts(record.float),
    ...ruleDoubts(record.rules),
    ...mutantDoubts(record.mutants),
    ...strangerDoubts(record.strangers),
  ];
}
