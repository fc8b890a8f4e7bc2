import { afterAll, describe, expect, it } from 'vitest';
import { type Batch, buildBatch, newImage, type Ran, type Runner, regionIn } from '../../tools/conform/batch.ts';
import { type Difference, Region } from '../../tools/conform/compare.ts';
import { virtualShare } from '../../tools/conform/count.ts';
import { NO_LIMITS } from '../../tools/conform/csr-rules.ts';
import { differenceText } from '../../tools/conform/describe.ts';
import { MODES } from '../../tools/conform/generate.ts';
import { Here } from '../../tools/conform/here.ts';
import { DATA, DUMP, regionOf, SLOTS } from '../../tools/conform/layout.ts';
import { qemuOracle } from '../../tools/conform/oracles.ts';
import { fixed, type Item, itemCount, NOTHING, type Program } from '../../tools/conform/program.ts';
import { addReport, noReport } from '../../tools/conform/report.ts';
import { Differ, type Oracle } from '../../tools/conform/run.ts';
import { build, constant } from '../../tools/conform/words.ts';

const SEED = 20260;
const INSTRUCTIONS = 1_000_000;
const ROUND = 240;

const oracle = qemuOracle();
/** Where there is no such QEMU the comparison is skipped, and says why. */
const absent = typeof oracle === 'string' ? ` (skipped: ${oracle})` : '';

afterAll(() => {
  if (typeof oracle !== 'string') oracle.runner.close();
});

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
    const { counts, findings } = await differ.round({ seed: SEED, from: 0, to: 60 });
    expect(findings).toEqual([]);
    const { instructions, programs, traps, interrupts } = counts;
    expect(programs).toBe(60);
    expect(instructions).toBeGreaterThan(20_000);
    expect(virtualShare(counts)).toBeGreaterThan(0.25);
    expect(traps).toBeGreaterThan(500);
    expect(interrupts).toBeGreaterThan(20);
  });

  it('do the same where every page that is run is compiled', async () => {
    const compiled = new Here('inorder', 'regions');
    const { counts, findings } = await new Differ(new Here(), plain(compiled), MODES).round({
      seed: SEED,
      from: 60,
      to: 120,
    });
    expect(findings).toEqual([]);
    expect(counts.programs).toBe(60);
    expect(compiled.regionsCompiled).toBeGreaterThan(100);
  });

  it('show a wrong register, and shrink to one item', async () => {
    const differ = new Differ(new Here(), plain(new Wrong()), MODES);
    const { findings } = await differ.round({ seed: SEED, from: 0, to: 1 });
    const [finding] = findings;
    expect(finding?.difference).toMatchObject({ kind: 'state', segment: 0, fields: [{ name: 'x5' }] });
    const short = finding && (await differ.shrink(SEED, finding));
    expect(short && itemCount(short.program)).toBe(1);
  });
});

/** This machine, but that what the first program leaves is changed by `change`, while it runs. */
class Touched implements Runner {
  readonly name = 'touched';
  readonly #here = new Here();
  readonly #change: (memory: Uint8Array) => void;

  constructor(change: (memory: Uint8Array) => void) {
    this.#change = change;
  }

  async run(batch: Batch): Promise<Ran> {
    const ran = await this.#here.run(batch);
    if ('memory' in ran && batch.programs[0]?.name === `${SEED}:0`) this.#change(ran.memory);
    return ran;
  }

  close(): void {}
}

describe('programs of a batch', () => {
  const flip = (memory: Uint8Array, slot: number, offset: number) => {
    const region = regionIn(memory, slot);
    region[offset] = (region[offset] ?? 0) ^ 1;
  };
  const DATA_HIT = DATA + 0x123;
  const round = { seed: SEED, from: 0, to: 3 };

  it('are not charged with what a neighbour stored that had diverged by a known error', async () => {
    const diverges = plain(
      new Touched((memory) => {
        flip(memory, 0, DUMP);
        flip(memory, 2, DATA_HIT);
      }),
    );
    const known = { ...diverges, recognise: ({ kind }: Difference) => (kind === 'state' ? 'known' : undefined) };
    const { counts, findings, known: explained } = await new Differ(new Here(), known, MODES).round(round);
    expect(findings).toEqual([]);
    expect(Object.fromEntries(explained)).toEqual({ known: 1 });
    expect(counts.programs).toBe(3);
    // Unless that error is known it is a finding, and so is what it stored.
    const unknown = await new Differ(new Here(), diverges, MODES).round(round);
    expect(unknown.findings.map(({ index }) => index)).toEqual([0, 2]);
  });

  it('are charged with what they do next to a neighbour that agrees', async () => {
    const differ = new Differ(new Here(), plain(new Touched((memory) => flip(memory, 2, DATA_HIT))), MODES);
    const { findings } = await differ.round(round);
    expect(findings).toMatchObject([{ index: 2, difference: { kind: 'memory', words: [{ name: 'data+0x120' }] } }]);
  });

  it('find nothing where one of an earlier batch stored, here and there', async () => {
    const { harness } = new Differ(new Here(), plain(new Here()), MODES);
    const room = newImage();
    const far = BigInt(regionOf(SLOTS - 1));
    const access = (...accesses: Item[]): Program => ({
      ...NOTHING,
      segments: [{ mode: 'M', setup: 0, items: [constant(7, far), constant(5, 0x5an), ...accesses] }],
    });
    const load = fixed(build('ld', { rd: 6, rs1: 7 }));
    const store = fixed(build('sd', { rs1: 7, rs2: 5 }));
    for (const runner of [new Here(), ...(typeof oracle === 'string' ? [] : [oracle.runner])]) {
      const x6 = async (program: Program) => {
        const ran = await runner.run(buildBatch(harness, [program], room), harness);
        return 'memory' in ran ? new Region(ran.memory, 0, harness.dumped.length).dump(0, 5) : ran.stuck;
      };
      expect([await x6(access(store, load)), await x6(access(load))], runner.name).toEqual([0x5an, 0n]);
    }
  });
});

describe.skipIf(typeof oracle === 'string')(`random programs here and in QEMU${absent}`, () => {
  if (typeof oracle === 'string') return;

  it(`differ in nothing unexplained in ${INSTRUCTIONS} instructions, a quarter of them with V = 1`, {
    timeout: 300_000,
  }, async () => {
    const differ = new Differ(new Here(), oracle, MODES);
    const report = noReport();
    const { counts, findings } = report;
    for (let from = 0; counts.instructions < INSTRUCTIONS; from += ROUND) {
      addReport(report, await differ.round({ seed: SEED, from, to: from + ROUND }));
    }
    const texts = findings.map(({ index, difference }) => `${index}: ${differenceText(difference, 'qemu')}`);
    expect(texts).toEqual([]);
    expect(virtualShare(counts)).toBeGreaterThan(0.25);
  });
});
