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
  'no-hlvx': 73,
  'ctzw-wide': 231,
  'epc-odd': 66,
  'mprv-kept': 113,
  'mprv-mpv-m': 77,
  'htinst-fixed': 124,
  'gpa-signed': 950,
  'hstatus-gva': 53,
  'htval-by-vs': 53,
  'amo-access-fault': 30,
  'vs-fault-by-satp': 28,
  'mprv-guest-fault': 61,
  'vu-illegal': 26,
  'tw-in-vu': 589,
  'tvm-in-guest': 20,
  'vtvm-satp': 32,
  'walk-without-memory': 41,
  'implicit-as-load': 966,
  'implicit-write': 1069,
  'hlv-sum': 89,
  'fetch-abort': 659,
};

const oracle = qemuOracle();
const absent = typeof oracle === 'string' ? ` (skipped: ${oracle})` : '';
const ids = readKnown().flatMap(({ of, id }) => (of === 'qemu' ? [id] : []));

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
