// Runs the suites that say whether the machine is true, and records what they say of this very source.
//
//   npm run validate              writes validation/machine.json, to be committed with a change to src/machine
//   npm run validate -- --check   compares with the committed one; exit code 1 where they differ
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { hashMachine, readValidation, VALIDATION_FILE } from '../src/cli/validation.ts';
import { doubts, type ValidationDocument, validationSchema } from '../src/report/validation.ts';
import { differences } from './validate/compare.ts';
import * as suites from './validate/suites.ts';

const root = join(import.meta.dirname, '..');

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

async function ran(name: string, suite: () => Promise<suites.Ran>): Promise<Partial<ValidationDocument>> {
  const start = performance.now();
  const result = await suite();
  if ('missing' in result) {
    console.log(`SKIPPED ${name}: ${result.missing}`);
    return {};
  }
  console.log(`ran     ${name} (${Math.round((performance.now() - start) / 1000)} s)`);
  return result.rows;
}

/** In two lanes, for two cores. Strangers boot in this process, which hears of its children only afterwards. */
async function runAll(): Promise<Partial<ValidationDocument>> {
  const machine = hashMachine(root);
  const withOthers = async () => ({
    ...(await ran('differential', suites.differential)),
    ...(await ran('strangers', suites.strangers)),
  });
  const [alone, beside] = await Promise.all([
    ran('conformance, floating point, wrong machines, rules', suites.cases),
    withOthers(),
  ]);
  return { machine, ...alone, ...beside };
}

async function main(): Promise<number> {
  const now = await runAll();
  if (values.check) {
    const recorded = readValidation(root);
    const differing = recorded === undefined ? ['there is no record'] : differences(recorded, now);
    for (const line of differing) console.error(`${VALIDATION_FILE}: ${line}`);
    if (differing.length > 0) console.error('  run `npm run validate` and commit it with the change that caused this');
    return differing.length === 0 ? 0 : 1;
  }
  const record = validationSchema.parse({
    schema: 'taco.validation/1',
    conformance: [],
    differential: [],
    float: null,
    rules: [],
    mutants: null,
    strangers: [],
    ...now,
  });
  mkdirSync(dirname(join(root, VALIDATION_FILE)), { recursive: true });
  writeFileSync(join(root, VALIDATION_FILE), `${JSON.stringify(record, null, 2)}\n`);
  const open = doubts(record, record.machine.sha256);
  console.log(
    `${VALIDATION_FILE}: the machine is ${open.length === 0 ? 'validated' : `not validated: ${open.join('; ')}`}`,
  );
  return 0;
}

process.exitCode = await main();
