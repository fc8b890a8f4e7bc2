import { describe, expect, it } from 'vitest';
import type { ValidationDocument } from '../../src/report/validation.ts';
import { differences } from './compare.ts';

const boot = { name: 'Debian', problem: '', cycles: 9, instret: 8, stateHash: 'ab', files: { kernel: '1' } };
const run = {
  ...{ oracle: 'qemu', version: '7.2.1', seed: 1, programs: 5 },
  ...{ instructions: 100, virtual: 30, known: 2, unexplained: 1 },
};
const record: ValidationDocument = {
  schema: 'taco.validation/1',
  machine: { files: 1, sha256: 'a'.repeat(64) },
  conformance: [{ engine: 'interpreter', passed: 3, failed: 1 }],
  differential: [run],
  float: null,
  rules: [{ chapter: 'hypervisor', commit: 'c', rules: 10, linked: 8, passed: true }],
  mutants: null,
  strangers: [boot],
};

describe('a record', () => {
  it('is taken where the suites say the same again', () => {
    expect(differences(record, record)).toEqual([]);
  });

  it('is refused where it was made better by hand', () => {
    const better: ValidationDocument = {
      ...record,
      conformance: [{ engine: 'interpreter', passed: 4, failed: 0 }],
      rules: [{ chapter: 'hypervisor', commit: 'c', rules: 10, linked: 10, passed: true }],
      mutants: { total: 16, killed: 16, alive: [] },
    };
    const [conformance, ...others] = differences(better, record);
    expect(conformance).toMatch(/^conformance\n {2}recorded .*"passed":4.*\n {2}found now .*"passed":3/);
    expect(others.map((line) => line.split('\n')[0])).toEqual(['rules', 'mutants']);
  });

  it('speaks of one source', () => {
    const changed = { ...record, machine: { files: 1, sha256: 'b'.repeat(64) } };
    expect(differences(record, changed)).toEqual([expect.stringMatching(/^machine\n/)]);
  });

  it('is compared in what could be run here', () => {
    expect(differences(record, { machine: record.machine })).toEqual([]);
  });

  it('compares figures of the same version of an oracle only', () => {
    const other = { ...run, version: '7.2.2', known: 3 };
    expect(differences(record, { differential: [other] })).toEqual([]);
    expect(differences(record, { differential: [{ ...other, unexplained: 0 }] })).toHaveLength(1);
    expect(differences(record, { differential: [{ ...run, known: 3 }] })).toHaveLength(1);
  });

  it('compares figures of the same files only: Debian publishes new ones', () => {
    const newer = { ...boot, cycles: 10, stateHash: 'cd', files: { kernel: '2' } };
    expect(differences(record, { strangers: [newer] })).toEqual([]);
    expect(differences(record, { strangers: [{ ...newer, problem: 'silence' }] })).toHaveLength(1);
    expect(differences(record, { strangers: [{ ...boot, cycles: 10 }] })).toHaveLength(1);
    expect(differences(record, { strangers: [] })).toHaveLength(1);
  });
});
