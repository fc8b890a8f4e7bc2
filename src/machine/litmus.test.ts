// Litmus tests of the memory model ("Unprivileged ISA", chapter 18 and appendix A) on harts that take turns. This machine
// is sequentially consistent, so it may show what some interleaving of the programs shows, and nothing else: which outcomes
// those are, every interleaving tells that the oracle below walks through.
import { describe, expect, it } from 'vitest';
import { assemble } from './isa/assemble.ts';
import { createMachine } from './machine.ts';
import type { Schedule } from './schedule.ts';

type Location = 0 | 1 | 2;
type Operation =
  | { readonly kind: 'store'; readonly at: Location; readonly value: number }
  | { readonly kind: 'load'; readonly at: Location; readonly to: number }
  | { readonly kind: 'swap'; readonly at: Location; readonly value: number; readonly to: number }
  | { readonly kind: 'fence' };
type Thread = readonly Operation[];

const W = (at: Location, value: number): Operation => ({ kind: 'store', at, value });
const R = (at: Location, to: number): Operation => ({ kind: 'load', at, to });
const X = (at: Location, value: number, to: number): Operation => ({ kind: 'swap', at, value, to });
const fence: Operation = { kind: 'fence' };

/** By their customary names; values that are loaded go to the numbered results. */
const LITMUS: Readonly<Record<string, readonly Thread[]>> = {
  'store buffering': [
    [W(0, 1), R(1, 0)],
    [W(1, 1), R(0, 1)],
  ],
  'message passing': [
    [W(0, 1), W(1, 1)],
    [R(1, 0), R(0, 1)],
  ],
  'load buffering': [
    [R(0, 0), W(1, 1)],
    [R(1, 1), W(0, 1)],
  ],
  '2+2W': [
    [W(0, 1), W(1, 2)],
    [W(1, 1), W(0, 2)],
  ],
  'coherence of loads': [
    [W(0, 1), W(0, 2)],
    [R(0, 0), R(0, 1)],
  ],
  'store buffering by amoswap': [
    [X(0, 1, 2), R(1, 0)],
    [X(1, 1, 3), R(0, 1)],
  ],
  'write to read causality': [[W(0, 1)], [R(0, 0), W(1, 1)], [R(1, 1), R(0, 2)]],
  'independent reads of independent writes': [[W(0, 1)], [W(1, 1)], [R(0, 0), R(1, 1)], [R(1, 2), R(0, 3)]],
};

const RESULTS = 4;
const LOCATIONS = 3;

/** Results, then what is in memory at the end. */
type Outcome = string;
const outcomeOf = (results: readonly number[], memory: readonly number[]): Outcome =>
  `${results.join('')} ${memory.join('')}`;

/** What every interleaving of whole operations leads to. */
function sequential(threads: readonly Thread[]): Set<Outcome> {
  const seen = new Set<Outcome>();
  const step = (at: readonly number[], results: readonly number[], memory: readonly number[]): void => {
    let ended = true;
    threads.forEach((thread, index) => {
      const place = at[index] ?? 0;
      const operation = thread[place];
      if (operation === undefined) return;
      ended = false;
      const next = at.with(index, place + 1);
      const loads = operation.kind === 'load' || operation.kind === 'swap';
      const stores = operation.kind === 'store' || operation.kind === 'swap';
      const loaded = loads ? results.with(operation.to, memory[operation.at] ?? 0) : results;
      step(next, loaded, stores ? memory.with(operation.at, operation.value) : memory);
    });
    if (ended) seen.add(outcomeOf(results, memory));
  };
  step(
    threads.map(() => 0),
    new Array<number>(RESULTS).fill(0),
    new Array<number>(LOCATIONS).fill(0),
  );
  return seen;
}

const RAM = 0x80000000;
const COUNTER = RAM + 0x10_0000;
const ARENAS = RAM + 0x20_0000;
/** One for each round: a line for each location, then the results. */
const ARENA = 512;
const LINE = 64;
const ROUNDS = 300;
/** Between operations, so that a turn may end there. */
const GAP = 'nop\n  '.repeat(10);

function instruction(operation: Operation, index: number): string {
  if (operation.kind === 'fence') return 'fence rw, rw';
  const at = `${operation.at * LINE}(s0)`;
  switch (operation.kind) {
    case 'store':
      return `sd a${index}, ${at}`;
    case 'load':
      return `ld s${operation.to + 6}, ${at}`;
    case 'swap':
      return `amoswap.d s${operation.to + 6}, a${index}, (s${operation.at === 0 ? 0 : 10})`;
  }
}

/** All harts meet before each round, and then hesitate for a time of their own. */
function hartProgram(thread: Thread, hart: number, harts: number): string {
  const values = thread.map((operation, index) => ('value' in operation ? `li a${index}, ${operation.value}` : ''));
  const loads = thread.flatMap((operation) => ('to' in operation ? [operation.to] : []));
  return `
hart${hart}:
  li s0, ${ARENAS}
  li s1, ${ROUNDS}
  li s2, ${(hart + 1) * 0x9e3779b1}
  li s3, 0
  li s4, ${COUNTER}
  ${values.join('\n')}
round${hart}:
  addi s10, s0, ${LINE}
  addi s3, s3, ${harts}
  li t0, 1
  amoadd.d zero, t0, (s4)
1: ld t0, 0(s4)
  blt t0, s3, 1b
  slli t0, s2, 13
  xor s2, s2, t0
  srli t0, s2, 7
  xor s2, s2, t0
  slli t0, s2, 17
  xor s2, s2, t0
  andi t0, s2, 31
2: addi t0, t0, -1
  bgez t0, 2b
  ${thread.map(instruction).join(`\n  ${GAP}`)}
  ${loads.map((to) => `sd s${to + 6}, ${LINE * LOCATIONS + 8 * to}(s0)`).join('\n  ')}
  addi s0, s0, ${ARENA}
  addi s1, s1, -1
  bnez s1, round${hart}
  j end`;
}

function observed(threads: readonly Thread[], schedule: Schedule): Set<Outcome> {
  const harts = threads.length;
  const source = `
  csrr a0, mhartid
  ${threads.map((_, hart) => `li t0, ${hart}\n  beq a0, t0, hart${hart}`).join('\n  ')}
  ${threads.map((thread, hart) => hartProgram(thread, hart, harts)).join('\n')}
end: wfi
  j end`;
  const machine = createMachine({ ram: 4 * 2 ** 20, timing: 'inorder', guests: 0, harts, schedule });
  machine.write(RAM, assemble(source, RAM));
  machine.start(RAM, 0, 0);
  expect(machine.run(1e8).kind).toBe('idle');
  const seen = new Set<Outcome>();
  for (let round = 0; round < ROUNDS; round++) {
    const words = [...new BigInt64Array(machine.read(ARENAS + round * ARENA, ARENA).buffer)].map(Number);
    const word = (offset: number) => words[offset / 8] ?? 0;
    const results = Array.from({ length: RESULTS }, (_, to) => word(LINE * LOCATIONS + 8 * to));
    seen.add(
      outcomeOf(
        results,
        Array.from({ length: LOCATIONS }, (_, at) => word(LINE * at)),
      ),
    );
  }
  return seen;
}

const SEEDS = [1, 2, 3, 4, 5, 6];
const fenced = (threads: readonly Thread[]): Thread[] =>
  threads.map((thread) => thread.flatMap((operation, index) => (index === 0 ? [operation] : [fence, operation])));

describe('the oracle', () => {
  it('knows what is forbidden: 0 0 in store buffering, 1 0 in message passing, 1 1 in load buffering', () => {
    const results = (name: string) =>
      new Set([...sequential(LITMUS[name] ?? [])].map((outcome) => outcome.slice(0, 2)));
    expect(results('store buffering')).toEqual(new Set(['01', '10', '11']));
    expect(results('message passing')).toEqual(new Set(['00', '01', '11']));
    expect(results('load buffering')).toEqual(new Set(['00', '01', '10']));
    const independent = [...sequential(LITMUS['independent reads of independent writes'] ?? [])];
    expect(independent).toHaveLength(15);
    expect(independent.some((outcome) => outcome.startsWith('1010'))).toBe(false);
  });
});

describe.each(Object.entries(LITMUS))('%s', (_name, threads) => {
  it.each([
    ['as it is', threads],
    ['with fences', fenced(threads)],
  ])('%s: shows every outcome of some interleaving under the fine schedule, and no other', (_form, program) => {
    const all = new Set(SEEDS.flatMap((seed) => [...observed(program, { kind: 'fine', seed })]));
    expect(all).toEqual(sequential(program));
  });

  it('shows no other under the coarse schedule either', () => {
    const possible = sequential(threads);
    expect([...observed(threads, { kind: 'coarse' })].filter((outcome) => !possible.has(outcome))).toEqual([]);
  });
});
