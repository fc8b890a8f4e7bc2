import { describe, expect, it } from 'vitest';
import { DefUse, type LiveClass } from './pruning.ts';
import { Random } from './random.ts';
import { stratified } from './statistics/weighted.ts';

// A machine of three registers of four bits, and programs short enough that every fault of theirs can be tried.
const REGISTERS = 3;
const BITS = 4;
const MASK = 15;
const LENGTH = 14;

interface Step {
  readonly name: 'set' | 'add' | 'shift' | 'put';
  readonly to: number;
  readonly from: number;
  readonly other: number;
}

function programOf(random: Random): Step[] {
  const names = ['set', 'add', 'shift', 'put'] as const;
  return Array.from({ length: LENGTH }, () => ({
    name: names[random.below(4)] ?? 'set',
    to: random.below(REGISTERS),
    from: random.below(REGISTERS),
    other: random.below(REGISTERS),
  }));
}

const readsOf = ({ name, from, other }: Step): number[] =>
  name === 'set' ? [] : name === 'add' ? [from, other] : [from];
const writeOf = ({ name, to }: Step): number | undefined => (name === 'put' ? undefined : to);

/** What the program puts out when that bit flips before that instruction. */
function outputOf(program: readonly Step[], flip?: { register: number; at: number; bit: number }): string {
  const x = [1, 2, 3];
  const words: number[] = [];
  for (const [index, { name, to, from, other }] of program.entries()) {
    if (flip?.at === index) x[flip.register] = (x[flip.register] ?? 0) ^ (1 << flip.bit);
    const a = x[from] ?? 0;
    if (name === 'set') x[to] = (index * 7) & MASK;
    if (name === 'add') x[to] = (a + (x[other] ?? 0)) & MASK;
    if (name === 'shift') x[to] = a >> 2;
    if (name === 'put') words.push(a);
  }
  return words.join();
}

function fails(program: readonly Step[], register: number, at: number, bit: number): boolean {
  return outputOf(program, { register, at, bit }) !== outputOf(program);
}

function pruned(program: readonly Step[]): DefUse {
  const space = new DefUse(REGISTERS, BITS);
  for (const [at, step] of program.entries()) {
    for (const register of readsOf(step)) space.access(register, 1, at, 'read');
    const to = writeOf(step);
    if (to !== undefined) space.access(to, 1, at, 'write');
  }
  space.end(LENGTH);
  return space;
}

const classesOf = (space: DefUse): LiveClass[] =>
  Array.from({ length: space.size }, (_, index) => space.classAt(index));

const SPACE = REGISTERS * BITS * LENGTH;

/** Share of all faults that fail, each of them tried. */
function truth(program: readonly Step[]): number {
  let failing = 0;
  for (let register = 0; register < REGISTERS; register++) {
    for (let at = 0; at < LENGTH; at++) {
      for (let bit = 0; bit < BITS; bit++) if (fails(program, register, at, bit)) failing++;
    }
  }
  return failing / SPACE;
}

const programs = Array.from({ length: 40 }, (_, index) => programOf(Random.seeded(index)));

describe('classes of faults', () => {
  it('are alike inside, hold no fault twice, and what is outside of them does nothing', () => {
    for (const program of programs) {
      const space = pruned(program);
      const held = new Set<string>();
      for (const { location, count, first, last } of classesOf(space)) {
        expect(count).toBe(1);
        for (let at = first; at <= last; at++) {
          expect(held.has(`${location} ${at}`)).toBe(false);
          held.add(`${location} ${at}`);
          for (let bit = 0; bit < BITS; bit++)
            expect(fails(program, location, at, bit)).toBe(fails(program, location, last, bit));
        }
      }
      expect(space.live).toBe(held.size * BITS);
      expect(space.live + space.known).toBe(SPACE);
      for (let register = 0; register < REGISTERS; register++)
        for (let at = 0; at < LENGTH; at++)
          for (let bit = 0; bit < BITS; bit++)
            if (!held.has(`${register} ${at}`)) expect(fails(program, register, at, bit)).toBe(false);
    }
  });

  it('hold neighbours together that are accessed together, and part those that are not', () => {
    const space = new DefUse(8, 8);
    space.access(0, 8, 2, 'read');
    space.access(2, 2, 5, 'write');
    space.access(0, 8, 9, 'read');
    space.end(12);
    expect(classesOf(space)).toEqual([
      { location: 0, count: 8, first: 0, last: 2 },
      { location: 0, count: 2, first: 3, last: 9 },
      { location: 2, count: 2, first: 6, last: 9 },
      { location: 4, count: 4, first: 3, last: 9 },
    ]);
    expect(space.live).toBe(8 * (8 * 3 + 2 * 7 + 2 * 4 + 4 * 7));
    expect(space.live + space.known).toBe(8 * 8 * 12);
  });

  it('end at the first access of an instant, whatever else it does there, and never go back', () => {
    const space = new DefUse(1, 64);
    space.access(0, 1, 3, 'read');
    space.access(0, 1, 3, 'write');
    space.access(0, 1, 3, 'read');
    space.end(4);
    expect(classesOf(space)).toEqual([{ location: 0, count: 1, first: 0, last: 3 }]);
    expect(() => space.access(0, 1, 2, 'read')).toThrow(RangeError);
    expect(() => space.access(1, 1, 5, 'read')).toThrow(RangeError);
  });

  it('are none where the run ends before the read', () => {
    const space = new DefUse(1, 64);
    space.access(0, 1, 1, 'read');
    space.access(0, 1, 4, 'read');
    space.end(4);
    expect([space.size, space.live, space.known]).toEqual([1, 128, 128]);
  });

  it('are kept by the ten thousand', () => {
    const space = new DefUse(31, 64);
    for (let at = 0; at < 30_000; at++) space.access(at % 31, 1, at, 'read');
    space.end(30_000);
    expect(space.size).toBe(30_000);
    expect(space.classAt(29_999)).toEqual({ location: 29_999 % 31, count: 1, first: 29_969, last: 29_999 });
    expect(space.live + space.known).toBe(31 * 64 * 30_000);
  });
});

describe('the pruned estimate', () => {
  /** Every pilot there is, with its chance to be drawn and its outcome. */
  const pilots = (program: readonly Step[]) => {
    const space = pruned(program);
    return classesOf(space).flatMap(({ location, first, last }) =>
      Array.from({ length: BITS }, (_, bit) => ({
        chance: (last - first + 1) / space.live,
        failed: fails(program, location, last, bit) ? 1 : 0,
      })),
    );
  };

  it('is the share of all failing faults on average over every pair of draws, and so is its variance', () => {
    for (const program of programs.slice(0, 12)) {
      const { live, known } = pruned(program);
      if (live === 0) continue;
      let [mean, square, variance] = [0, 0, 0];
      for (const a of pilots(program)) {
        for (const b of pilots(program)) {
          const seen = stratified([{ weight: live, k: a.failed + b.failed, n: 2 }], known);
          mean += a.chance * b.chance * seen.share;
          square += a.chance * b.chance * seen.share ** 2;
          variance += a.chance * b.chance * seen.variance;
        }
      }
      expect(mean).toBeCloseTo(truth(program), 12);
      expect(variance).toBeCloseTo(square - mean ** 2, 12);
    }
  });

  it('would be another if pilots were counted by heads', () => {
    const wrong = programs.filter((program) => {
      const all = pilots(program);
      const heads = all.reduce((sum, { failed }) => sum + failed, 0) / Math.max(1, all.length);
      return Math.abs(heads - truth(program)) > 0.05;
    });
    expect(wrong.length).toBeGreaterThan(programs.length / 2);
  });

  it('comes out of draws as they are made', () => {
    const program = programs[3] ?? [];
    const space = pruned(program);
    const random = Random.seeded(11);
    const n = 20_000;
    let k = 0;
    for (let draw = 0; draw < n; draw++) {
      const { location, at, bit } = space.draw(random);
      if (fails(program, location, at, bit)) k++;
    }
    const { share, variance } = stratified([{ weight: space.live, k, n }], space.known);
    expect(Math.abs(share - truth(program))).toBeLessThan(4 * Math.sqrt(variance));
  });

  it('has nothing to draw where nothing is read', () => {
    const space = new DefUse(1, 64);
    space.end(9);
    expect(() => space.draw(Random.seeded(1))).toThrow(RangeError);
  });
});
