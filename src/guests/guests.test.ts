// The guests' outputs against independent models of them, and each planted bug's effect on the guest that has it.
import { describe, expect, it } from 'vitest';
import { images as built } from '../../images/index.ts';
import { boot, CYCLES, run } from '../../test/guests/alone.ts';
import { rtosModel, unixModel } from '../../test/guests/models.ts';
import { expectedResult } from '../cost/oracle.ts';
import { workloads } from '../cost/workloads.ts';
import type { Machine } from '../machine/index.ts';

/** The rtos's flood and its loops need not run for long. */
const BUG_CYCLES = 20_000_000;

describe('output words', () => {
  it.each([0, 7])('of the rtos are its controller, seed %i', (seed) => {
    expect(run({ image: 'rtos', seed }).words).toEqual(rtosModel(seed, 64));
  });

  it.each([0, 7])('of unix are its cipher, seed %i', (seed) => {
    expect(run({ image: 'unix', seed }).words).toEqual(unixModel(seed, 64));
  });

  it('do not depend on the DMA channel, the kernel map or the pace', () => {
    expect(run({ image: 'rtos', dma: false, args: 'period=200' }).words).toEqual(rtosModel(0, 64));
    expect(run({ image: 'unix', dma: false, args: 'map=all pace=0 slice=2' }).words).toEqual(unixModel(0, 64));
  });
});

describe('bench', () => {
  it('marks the chosen workload and nothing else', () => {
    const { machine, words } = run({ image: 'bench', arguments: [3n, 1n] });
    expect(machine.monitors[0]?.phaseMarks().map(({ id }) => id)).toEqual([6, 7]);
    expect(words).toHaveLength(1);
  });

  it('runs all that need no other guest by default, and gives what is computed here', () => {
    const { machine, words } = run({ image: 'bench' });
    const ids = workloads.flatMap(({ id }) => [id << 1, (id << 1) | 1]);
    expect(machine.monitors[0]?.phaseMarks().map(({ id }) => id)).toEqual(ids);
    expect(words).toEqual(workloads.map(({ name, rounds }) => expectedResult(name, rounds)));
    expect(machine.monitors[0]?.ended).toBe(true);
  });

  it('refuses a workload that it does not have, and one that needs a peer where there is none', () => {
    expect(run({ image: 'bench', arguments: [99n] }).console).toContain('panic: no such workload');
    expect(run({ image: 'bench', arguments: [23n] }).console).toContain('panic: no peer to speak to');
  });
});

const OWN = 0x8090_0000n;
const NOTHING_THERE = 0x4000_0000n;

describe.each(['rtos', 'unix'])('a bug in %s', (image) => {
  const withBug = (number: number, target = 0n, value = 0n, args = 'panic=halt'): ReturnType<typeof run> =>
    run({ image, args, bug: { number, target, value }, cycles: BUG_CYCLES });
  const wordAt = (machine: Machine, address: bigint): bigint =>
    Buffer.from(machine.read(Number(address), 8)).readBigUInt64LE();

  it('stores where it is told to', () => {
    expect(wordAt(withBug(1, OWN, 0x1122_3344_5566_7788n).machine, OWN)).toBe(0x1122_3344_5566_7788n);
    expect(wordAt(withBug(2, OWN, 0x1122_3344_5566_7788n).machine, OWN)).toBe(0x5566_7788n);
    expect(wordAt(withBug(6, OWN, 0x55n).machine, OWN + 4088n)).toBe(0x55n);
  });

  it('reports what it loaded', () => {
    expect(withBug(3, 0x8060_0000n).machine.monitors[0]?.reports.count).toBe(1);
  });

  it('panics on an access to nothing, and goes on otherwise', () => {
    expect(withBug(1, NOTHING_THERE).console).toMatch(/panic: unexpected trap scause=0x(7|f) .* stval=0x40000000\n$/);
    expect(withBug(7, NOTHING_THERE).crash).toBe(image === 'unix' ? 12n : 1n);
    expect(withBug(12, 0n, 0n).crash).toBeUndefined();
  });

  it('panics when asked to, by the policy', () => {
    const { console: text, crash } = withBug(11);
    expect(text).toContain('panic: planned');
    expect(crash).toBe(0x100n);
    expect(withBug(11, 0n, 0n, 'panic=loop').machine.instret).toBeGreaterThan(5_000_000);
    expect(withBug(11, 0n, 0n, 'panic=halt').machine.instret).toBeLessThan(2_000_000);
  });

  // 5 and 15 spin, 8 floods, 9 and 10 trap without end, 14 waits without end.
  it.each([5, 8, 9, 10, 14, 15])('of number %i stops the work for good', (number) => {
    const { words, machine } = withBug(number);
    expect(words.length).toBeGreaterThanOrEqual(2);
    expect(words.length).toBeLessThanOrEqual(3);
    expect(machine.monitors[0]?.crash).toBeUndefined();
  });

  it('repeats the acts that are to be repeated', () => {
    const { machine } = withBug(13, OWN, 1n);
    expect(machine.monitors[0]?.ended ?? false).toBe(false);
    machine.write(Number(OWN), new Uint8Array(8));
    machine.run(BUG_CYCLES + 10_000_000);
    expect(wordAt(machine, OWN)).toBe(1n);
  });
});

describe('a bug of unix alone', () => {
  it('maps a page that is not its own and stores there', () => {
    const target = 0x8100_0008n;
    const { machine } = run({ image: 'unix', bug: { number: 16, target, value: 0x77n }, cycles: BUG_CYCLES });
    expect(machine.read(Number(target), 1)[0]).toBe(0x77);
  });
});

describe('a process of unix', () => {
  const USER_TEXT = 0x1_0000_0000n;
  const { check_fp: place, __user_start: start } = built.unix.symbols;
  /** Each program comes here once in each unit of work. */
  const common = USER_TEXT + BigInt((place?.address ?? 0) - (start?.address ?? 0));

  it.each([
    { at: 10, pc: 0x8060_0000n, what: 'runs into the kernel' },
    { at: 11, pc: 0n, what: 'jumps through a null pointer' },
    { at: 12, pc: USER_TEXT + 0x15_0000n, what: 'jumps into a hole' },
  ])('dies alone when it $what', ({ at, pc }) => {
    const machine = boot({ image: 'unix' });
    machine.watch({ world: 0, privilege: 'U', pc: common, count: at });
    expect(machine.run(CYCLES)).toEqual({ kind: 'watch' });
    machine.watch(undefined);
    machine.pc = pc;
    expect(machine.run(CYCLES)).toEqual({ kind: 'idle' });
    const text = machine.consoles[0]?.text() ?? '';
    expect(text).toContain(`killed process`);
    expect(text).toContain(`scause=0xc sepc=0x${pc.toString(16)} stval=0x${pc.toString(16)}`);
    expect(text.match(/killed/g)).toHaveLength(1);
    expect(machine.monitors[0]?.crash).toBeUndefined();
  });
});
