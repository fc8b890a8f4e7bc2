import { describe, expect, it } from 'vitest';
import { MODES } from '../../tools/conform/generate.ts';
import { Here } from '../../tools/conform/here.ts';
import { readKnown } from '../../tools/conform/known-list.ts';
import { qemuOracle } from '../../tools/conform/oracles.ts';
import { Differ } from '../../tools/conform/run.ts';

const SEED = 1;
const ROUND = 20;
/** Programs after which an error that has not shown is taken for gone. */
const LIMIT = 6_000;

/** Where to begin for those that do not show at once: a program that shows them. It only saves time. */
const BEGIN: Readonly<Record<string, number>> = {
  'ctzw-wide': 257,
  'mprv-kept': 109,
  'mprv-mpv-m': 32,
  'walk-access-fault': 47,
  'htinst-fixed': 139,
  'gpa-signed': 196,
  'tval2-stale': 233,
  'hstatus-gva': 77,
  'htval-by-vs': 264,
  'amo-access-fault': 181,
  'vs-fault-by-satp': 64,
  'mprv-guest-fault': 61,
  'tw-in-vu': 342,
  'tvm-in-guest': 20,
  'tvm-hgatp': 42,
  'vtvm-satp': 108,
  'walk-without-memory': 85,
  'implicit-as-load': 800,
  'implicit-write': 102,
  'hlv-sum': 70,
};

const oracle = qemuOracle();
const absent = typeof oracle === 'string' ? ` (skipped: ${oracle})` : '';
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
