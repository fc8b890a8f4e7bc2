import { describe, expect, it } from 'vitest';
import { MODES } from '../../tools/conform/generate.ts';
import { Here } from '../../tools/conform/here.ts';
import { readKnown } from '../../tools/conform/known-list.ts';
import { qemuOracle } from '../../tools/conform/oracles.ts';
import { Differ } from '../../tools/conform/run.ts';

const SEED = 1;
const ROUND = 40;
/** Programs after which an error that has not shown is taken for gone. */
const LIMIT = 6_000;

/** About where to begin for those that are rare: a program that shows them. It only saves time. */
const BEGIN: Readonly<Record<string, number>> = {
  'ctzw-wide': 257,
  'walk-access-fault': 73,
  'htinst-fixed': 191,
  'gpa-signed': 196,
  'tval2-stale': 313,
  'htval-by-vs': 294,
  'amo-access-fault': 181,
  'vs-fault-by-satp': 64,
  'mprv-guest-fault': 362,
  'tw-in-vu': 720,
  'tvm-hgatp': 42,
  'vtvm-satp': 102,
  'walk-without-memory': 106,
  'implicit-as-load': 96,
  'implicit-write': 1052,
};

const oracle = qemuOracle();
const absent = typeof oracle === 'string' ? ` (skipped: ${oracle})` : '';
if (typeof oracle !== 'string') oracle.runner.close();
/** Shows once in several thousand programs, which is too long to wait for; known.test.ts has what it looks like. */
const TOO_RARE = 'fetch-abort';
const ids = readKnown().flatMap(({ of, id }) => (of === 'qemu' && id !== TOO_RARE ? [id] : []));

describe.skipIf(absent !== '')(`known errors of QEMU${absent}`, () => {
  const here = new Here();

  it.each(ids)('%s shows as soon as it is not known', { timeout: 300_000 }, async (id) => {
    const without = qemuOracle(id);
    if (typeof without === 'string') throw new Error(without);
    const differ = new Differ(here, without, MODES);
    const begin = BEGIN[id] ?? 0;
    let shown = false;
    try {
      for (let from = begin; from < begin + LIMIT && !shown; from += ROUND) {
        const { findings } = await differ.round({ seed: SEED, from, to: from + ROUND });
        shown = findings.length > 0;
      }
    } finally {
      without.runner.close();
    }
    expect(shown).toBe(true);
  });
});
