import { describe, expect, it } from 'vitest';
import { doubts, type ValidationDocument } from './validation.ts';

const SOURCE = 'a'.repeat(64);
const good: ValidationDocument = {
  schema: 'taco.validation/1',
  machine: { files: 2, sha256: SOURCE },
  conformance: [{ engine: 'interpreter', passed: 300, failed: 0 }],
  differential: [
    {
      oracle: 'qemu',
      version: '7.2',
      seed: 1,
      programs: 9,
      instructions: 1_000_000,
      virtual: 250_000,
      known: 3,
      unexplained: 0,
    },
  ],
  float: { operations: 10, engines: 2, comparisons: 1000, failed: 0 },
  rules: [{ chapter: 'hypervisor', commit: 'c', rules: 100, linked: 90, passed: true }],
  mutants: { total: 16, killed: 16, alive: [] },
  strangers: ['one', 'two', 'boot loader', 'nested'].map((name) => ({
    name,
    problem: '',
    cycles: 5,
    instret: 4,
    stateHash: '0',
    files: {},
  })),
};
const [run] = good.differential;
const [engine] = good.conformance;
const [boot] = good.strangers;
const [chapter] = good.rules;
if (run === undefined || engine === undefined || boot === undefined || chapter === undefined)
  throw new Error('no rows');

describe('the machine', () => {
  it('is relied on where every suite met its bar, for this very source', () => {
    expect(doubts(good, SOURCE)).toEqual([]);
  });

  it('is doubted without a record, and for another source whatever the suites said', () => {
    expect(doubts(undefined, SOURCE)).toEqual([expect.stringContaining('never validated')]);
    expect(doubts(good, 'b'.repeat(64))).toEqual([
      'src/machine changed since it was validated; run `npm run validate`',
    ]);
  });

  const lacking: readonly [string, Partial<ValidationDocument>, string][] = [
    [
      'a failed case',
      { conformance: [engine, { ...engine, engine: 'jit', failed: 1 }] },
      '1 conformance cases fail on jit',
    ],
    ['an engine without cases', { conformance: [{ ...engine, passed: 0 }] }, 'no conformance case was run'],
    ['no engine', { conformance: [] }, 'conformance suite was not run'],
    ['a difference', { differential: [{ ...run, unexplained: 1 }] }, '1 differences from qemu are unexplained'],
    ['too few instructions', { differential: [{ ...run, instructions: 999_999 }] }, 'only 999999 random instructions'],
    ['too few with V = 1', { differential: [{ ...run, virtual: 249_999 }] }, 'only 24 % of the random instructions'],
    ['no random program', { differential: [] }, 'random programs were not compared'],
    [
      'a wrong sum',
      { float: { operations: 10, engines: 2, comparisons: 10, failed: 1 } },
      '1 floating-point operations differ',
    ],
    ['no sums', { float: null }, 'floating point was not compared'],
    ['rules without a test', { rules: [{ ...chapter, linked: 89 }] }, 'only 89 of 100 rules of hypervisor'],
    ['a rule whose test fails', { rules: [{ ...chapter, passed: false }] }, 'rules of hypervisor have failing tests'],
    ['no rules', { rules: [] }, 'rules of hypervisor were not counted'],
    ['a living mutant', { mutants: { total: 16, killed: 15, alive: ['E03'] } }, 'wrong on purpose live: E03'],
    ['no mutants', { mutants: null }, 'no machine made wrong on purpose'],
    ['a stranger that fails', { strangers: [{ ...boot, problem: 'silence' }] }, 'one did not boot'],
    ['strangers that were not there', { strangers: [boot] }, '1 of 4 strangers were booted'],
  ];
  it.each(lacking)('is doubted for %s', (_name, change, why) => {
    expect(doubts({ ...good, ...change }, SOURCE)).toEqual([expect.stringContaining(why)]);
  });
});
