import { describe, expect, it } from 'vitest';
import { type Access, classesOf, drawPilot, type FaultClassOfBits, prune } from './pruning.ts';
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

function accessesOf(program: readonly Step[], register: number): Access[] {
  return program.flatMap((step, at): Access[] => {
    if (readsOf(step).includes(register)) return [{ at, kind: 'read' }];
    return writeOf(step) === register ? [{ at, kind: 'write' }] : [];
  });
}

const registerOf = ({ location }: { readonly location: string }): number => Number(location.slice(1));
const allClasses = (program: readonly Step[]): FaultClassOfBits[] =>
  [0, 1, 2].flatMap((register) => classesOf(`x${register}`, BITS, accessesOf(program, register), LENGTH));

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
  it('hold every fault once', () => {
    for (const program of programs) {
      const classes = allClasses(program);
      expect(classes.reduce((sum, { weight }) => sum + weight, 0)).toBe(SPACE);
      for (const location of ['x0', 'x1', 'x2']) {
        const own = classes.filter((part) => part.location === location);
        const instants = own.flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        );
        expect(instants).toEqual(Array.from({ length: LENGTH }, (_, i) => i));
      }
    }
  });

  it('are alike inside, and harmless where they are said to be', () => {
    for (const program of programs) {
      for (const part of allClasses(program)) {
        for (let bit = 0; bit < BITS; bit++) {
          const pilot = fails(program, registerOf(part), part.last, bit);
          if (part.fate !== 'read') expect(pilot).toBe(false);
          for (let at = part.first; at <= part.last; at++) {
            expect(fails(program, registerOf(part), at, bit)).toBe(pilot);
          }
        }
      }
    }
  });

  it('take a read before the write of the same instruction, and refuse accesses out of order', () => {
    expect(classesOf('x1', 64, [{ at: 3, kind: 'read' }], 4)).toEqual([
      { location: 'x1', first: 0, last: 3, fate: 'read', weight: 256 },
    ]);
    const backward: Access[] = [
      { at: 3, kind: 'read' },
      { at: 2, kind: 'write' },
    ];
    expect(() => classesOf('x1', 64, backward, 4)).toThrow(RangeError);
    expect(() => classesOf('x1', 64, [{ at: 4, kind: 'read' }], 4)).toThrow(RangeError);
  });
});

describe('the pruned estimate', () => {
  /** Every pilot there is, with its chance to be drawn and its outcome. */
  const pilots = (program: readonly Step[]) => {
    const { live, weight } = prune(allClasses(program));
    return live.flatMap((part) =>
      Array.from({ length: BITS }, (_, bit) => ({
        chance: part.weight / BITS / weight,
        failed: fails(program, registerOf(part), part.last, bit) ? 1 : 0,
      })),
    );
  };

  it('is the share of all failing faults on average over every pair of draws, and so is its variance', () => {
    for (const program of programs.slice(0, 12)) {
      const { weight, known } = prune(allClasses(program));
      if (weight === 0) continue;
      let [mean, square, variance] = [0, 0, 0];
      for (const a of pilots(program)) {
        for (const b of pilots(program)) {
          const seen = stratified([{ weight, k: a.failed + b.failed, n: 2 }], known);
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
    const pruned = prune(allClasses(program));
    const random = Random.seeded(11);
    const n = 20_000;
    let k = 0;
    for (let draw = 0; draw < n; draw++) {
      const pilot = drawPilot(pruned, random);
      if (fails(program, registerOf(pilot), pilot.at, pilot.bit)) k++;
    }
    const { share, variance } = stratified([{ weight: pruned.weight, k, n }], pruned.known);
    expect(Math.abs(share - truth(program))).toBeLessThan(4 * Math.sqrt(variance));
  });

  it('has nothing to draw where nothing is read', () => {
    expect(() => drawPilot(prune(classesOf('x1', 64, [], 9)), Random.seeded(1))).toThrow(RangeError);
  });
});
