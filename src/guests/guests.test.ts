// The guests' outputs against independent models of them, and each planted bug's effect on the guest that has it.
import { describe, expect, it } from 'vitest';
import { images as built } from '../../images/index.ts';
import { readBuiltImage } from '../../test/built-images.ts';
import type { Machine } from '../machine/index.ts';
import { createMachine } from '../machine/index.ts';
import { bootScenario, planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';

const CYCLES = 150_000_000;
/** The rtos's flood and its loops need not run for long. */
const BUG_CYCLES = 20_000_000;

interface Wish {
  readonly image: string;
  readonly args?: string;
  readonly dma?: boolean;
  readonly seed?: number;
  readonly bug?: { readonly number: number; readonly target?: bigint; readonly value?: bigint; readonly work?: bigint };
  readonly arguments?: readonly bigint[];
  readonly cycles?: number;
}

/** The guest alone, in a slot that is not the shipped scenario's. */
function boot(wish: Wish): Machine {
  const text = `machine: { ram: 32M }
guests: { it: { image: ${wish.image}, memory: 0x80600000+4M, dma: ${wish.dma ?? true}, args: "${wish.args ?? 'panic=halt'}" } }`;
  const loaded = loadScenario('test.yaml', text);
  const [plan] = planBoots(findMode('native'), loaded.scenario, openImages(loaded, readBuiltImage));
  if (plan === undefined) throw new Error('nothing to boot');
  const machine = bootScenario(createMachine, plan);
  const [monitor] = machine.monitors;
  monitor?.setSeed(wish.seed ?? 0);
  monitor?.setMailbox({
    bug: BigInt(wish.bug?.number ?? 0),
    target: wish.bug?.target ?? 0n,
    value: wish.bug?.value ?? 0n,
    work: wish.bug?.work ?? 3n,
    args: wish.arguments ?? [],
  });
  return machine;
}

function run(wish: Wish): { machine: Machine; words: bigint[]; console: string; crash: bigint | undefined } {
  const machine = boot(wish);
  machine.run(wish.cycles ?? CYCLES);
  const [monitor] = machine.monitors;
  return {
    machine,
    words: monitor?.outputs.words() ?? [],
    console: machine.consoles[0]?.text() ?? '',
    crash: monitor?.crash,
  };
}

const u32 = (value: bigint): bigint => BigInt.asUintN(32, value);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const i32 = (value: bigint): bigint => BigInt.asIntN(32, value);

/** The monitor's sensor: MurmurHash3's finalizer over seed and index. */
function sensor(seed: number, index: number): bigint {
  let x = seed ^ Math.imul(index, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return BigInt((x ^ (x >>> 16)) >>> 0);
}

function unixModel(seed: number, units: number): bigint[] {
  const box: bigint[] = [];
  for (let x = 0x2545f491n; box.length < 256; box.push(x)) {
    x = u32(x ^ (x << 13n));
    x ^= x >> 17n;
    x = u32(x ^ (x << 5n));
  }
  const sum = (words: bigint[]): bigint =>
    words.reduce((total, word) => u64(u64((total ^ word) * 0x1000193n) + (total >> 47n)), BigInt(words.length));
  const encipher = (word: bigint): bigint => {
    let [left, right] = [word >> 32n, u32(word)];
    for (let round = 0n; round < 4n; round++) {
      const mixed = left ^ u32((box[Number(right & 255n)] ?? 0n) + (right >> 3n) + round);
      [left, right] = [right, mixed];
    }
    return (left << 32n) | right;
  };
  let digest = 0n;
  return Array.from({ length: units }, (_, unit) => {
    const block: bigint[] = [];
    for (let sample = 0; sample < 8; sample++) {
      let word = sensor(seed, unit * 8 + sample);
      for (let i = 0; i < 8; i++) {
        block.push(word);
        word = u64((word ^ u64(word << 13n)) + 0x9e3779b9n);
        word ^= word >> 7n;
      }
    }
    digest = u64(digest * 0x10dcdn + sum(block.map((word) => encipher(u64(word + BigInt(unit))))));
    return digest ^ sum(block);
  });
}

const TAPS = [328n, 655n, 1638n, 2949n, 4588n, 6226n, 7537n, 8847n];
const PLANT = [
  [60000n, 4000n, -900n, 0n],
  [-3000n, 61000n, 2500n, 300n],
  [700n, -2000n, 62000n, 1500n],
  [0n, 250n, -1700n, 63000n],
];
const INPUT = [900n, 400n, -300n, 150n];
const GAIN = [9000n, 7000n, 5000n, 3000n];

function rtosModel(seed: number, jobs: number): bigint[] {
  const taps = [...TAPS, ...TAPS.toReversed()];
  const limit = 1000n * 65536n;
  const limited = (value: bigint): bigint => (value > limit ? limit : value < -limit ? -limit : value);
  const multiply = (a: bigint, b: bigint): bigint => i32((a * b) >> 16n);
  const add = (values: bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
  let [history, state] = [Array<bigint>(15).fill(0n), Array<bigint>(4).fill(0n)];
  let [integral, before, command] = [0n, 0n, 0n];
  return Array.from({ length: jobs }, (_, job) => {
    const samples = Array.from({ length: 64 }, (_, i) => {
      const word = sensor(seed, job * 4 + Math.floor(i / 16));
      const turn = BigInt((5 * (i % 16)) % 32);
      return (u32((word >> turn) | (word << (32n - turn))) & 0xffffn) * 2n - 65536n;
    });
    const window = [...history, ...samples];
    history = window.slice(64);
    const measured = state.map((_, quarter) => {
      const filtered = Array.from({ length: 16 }, (_, i) =>
        add(taps.map((tap, at) => tap * (window[quarter * 16 + i + at] ?? 0n))),
      );
      return limited((add(filtered) >> 16n) / 16n);
    });
    state = state.map((old, row) => {
      const coupled = add(state.map((value, column) => multiply(PLANT[row]?.[column] ?? 0n, value)));
      const corrected = multiply(GAIN[row] ?? 0n, (measured[row] ?? 0n) - old);
      return limited(multiply(INPUT[row] ?? 0n, command) + coupled + corrected);
    });
    const error = -(state[0] ?? 0n);
    integral = limited(integral + error / 64n);
    command = limited((error * 3n) / 2n + integral + (error - before) / 4n);
    before = error;
    const mix = state.reduce((total, value) => u32(total * 31n + value), 0n);
    return (u32(command) << 32n) | mix;
  });
}

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

  it('runs all four by default, each with a checksum', () => {
    const { machine, words } = run({ image: 'bench' });
    expect(machine.monitors[0]?.phaseMarks().map(({ id }) => id)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(words).size).toBe(4);
    expect(machine.monitors[0]?.ended).toBe(true);
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
    machine.run(BUG_CYCLES + 5_000_000);
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
