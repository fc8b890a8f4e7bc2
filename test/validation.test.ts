// The committed record of what the suites said of the machine, and this tree.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hashMachine, readValidation } from '../src/cli/validation.ts';

const root = join(import.meta.dirname, '..');

it('the record of validation speaks of this very machine', () => {
  const remedy = 'src/machine changed since validation/machine.json was written: run `npm run validate` and commit it';
  expect(readValidation(root)?.machine, remedy).toEqual(hashMachine(root));
});
