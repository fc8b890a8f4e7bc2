import { afterAll, describe, expect, it } from 'vitest';
import { type Batch, type Ran, type Runner, regionIn } from '../../tools/conform/batch.ts';
import { virtualShare } from '../../tools/conform/count.ts';
import { NO_LIMITS } from '../../tools/conform/csr-rules.ts';
import { differenceText } from '../../tools/conform/describe.ts';
import { MODES } from '../../tools/conform/generate.ts';
import { Here } from '../../tools/conform/here.ts';
import { DUMP } from '../../tools/conform/layout.ts';
import { itemCount } from '../../tools/conform/program.ts';
import { qemuOracle } from '../../tools/conform/oracles.ts';
import { Differ, type Oracle } from '../../tools/conform/run.ts';

const SEED = 20260;
const INSTRUCTIONS = 1_000_000;
const ROUND = 240;

const oracle = qemuOracle();
/** Where there is no such QEMU the comparison is skipped, and says why. */
const absent = typeof oracle === 'string' ? ` (skipped: ${oracle})` : '';

const plain = (runner: Runner): Oracle => ({
  runner,
  version: 'none',
  limits: NO_LIMITS,
  tolerance: { trap: () => false, state: () => false },
  recognise: () => undefined,
});

/** This machine with a fault of its own: whatever a program left in x5 after its first segment is one more. */
class Wrong implements Runner {
  readonly name = 'wrong';
  readonly #here = new Here();

  async run(batch: Batch): Promise<Ran> {
    const ran = await this.#here.run(batch);
    if ('memory' in ran) {
      batch.programs.forEach((program, slot) => {
        // Only where the program has an item in its first segment, so that there is something to shrink to.
        const region = regionIn(ran.memory, slot);
        if (program.segments[0]?.items.some((item) => item !== undefined))
          region[DUMP + 32] = (region[DUMP + 32] ?? 0) ^ 1;
      });
    }
    return ran;
  }

  close(): void {}
}

describe('random programs', () => {
  it('run to their end, with the same results under each timing', async () => {
    const differ = new Differ(new Here('functional'), plain(new Here('inorder')), MODES);
    await differ.round(SEED, 0, 60);
    expect(differ.report.findings).toEqual([]);
    const { counts } = differ.report;
    const { instructions, programs, traps, interrupts } = counts;
    expect(programs).toBe(60);
    expect(instructions).toBeGreaterThan(20_000);
    expect(virtualShare(counts)).toBeGreaterThan(0.25);
    expect(traps).toBeGreaterThan(500);
    expect(interrupts).toBeGreaterThan(20);
  });

  it('show a wrong register, and shrink to one item', async () => {
    const differ = new Differ(new Here(), plain(new Wrong()), MODES);
    await differ.round(SEED, 0, 1);
    const [finding] = differ.report.findings;
    expect(finding?.difference).toMatchObject({ kind: 'state', segment: 0, fields: [{ name: 'x5' }] });
    const short = finding && (await differ.shrink(finding));
    expect(short && itemCount(short.program)).toBe(1);
  });
});

describe.skipIf(typeof oracle === 'string')(`random programs here and in QEMU${absent}`, () => {
  if (typeof oracle === 'string') return;
  afterAll(() => oracle.runner.close());

  it(`differ in nothing unexplained in ${INSTRUCTIONS} instructions, a quarter of them with V = 1`, {
    timeout: 300_000,
  }, async () => {
    const differ = new Differ(new Here(), oracle, MODES);
    const { counts, findings } = differ.report;
    for (let next = 0; counts.instructions < INSTRUCTIONS; next += ROUND) await differ.round(SEED, next, next + ROUND);
    const texts = findings.map((finding) => `${finding.program.name}: ${differenceText(finding, 'qemu')}`);
    expect(texts).toEqual([]);
    expect(virtualShare(counts)).toBeGreaterThan(0.25);
  });
});
