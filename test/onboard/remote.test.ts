// What harts do to each other through our firmware: software interrupts, fences; and that nobody waits for ever.
import { describe, expect, it } from 'vitest';
import { awaitWord, END, put, runHarts, SCHEDULES, sbi, signal, startAll } from './boot-harts.ts';
import { IPI, RFENCE, TIME } from './sbi-calls.ts';

const FENCES = [0, 1, 2, 3, 4, 5, 6];
const ALL_HARTS = -1;
const CLINT = 0x200_0000;
const ROUNDS = 20;

/** Adds a0 to what the result says already. */
const addError = (index: number): string => `li t6, RESULTS + ${8 * index}\n amoor.d zero, a0, (t6)\n`;

describe.each(SCHEDULES)('harts of our firmware, %o', (schedule) => {
  it('hand a software interrupt to and fro', () => {
    const { results } = runHarts(
      `la t0, trapped
       csrw stvec, t0
       ${startAll(2)}
       la t0, trapped
       csrw stvec, t0
       csrwi sie, 2
       li s1, 0                     # interrupts taken
       csrsi sstatus, 2
       bnez s0, turn
       ${sbi(IPI, 0, 2, 0)}
     turn:
       li t0, ${ROUNDS}
     1: blt s1, t0, 1b
       slli t1, s0, 3
       li t0, RESULTS
       add t0, t0, t1
       sd s1, 0(t0)
       ${END}
       .align 2
     trapped:
       addi s1, s1, 1
       csrci sip, 2
       li t0, ${ROUNDS}
       bltu t0, s1, 2f
       li a0, 1                     # the other hart, by a base that is its number
       xori a1, s0, 1
       li a6, 0
       li a7, ${IPI}
       ecall
       li t6, RESULTS + 16
       amoor.d zero, a0, (t6)
     2:
       li t0, ${ROUNDS}
       sret`,
      { harts: 2, schedule },
    );
    const [first = 0n, second = 0n, errors] = results(3);
    expect([second, errors]).toEqual([BigInt(ROUNDS), 0n]);
    expect(first).toBeGreaterThanOrEqual(BigInt(ROUNDS));
  });

  it.each([2, 4])('survive a storm of software interrupts, and of raw ones, from all %i to all', (harts) => {
    const { results } = runHarts(
      `${startAll(harts)}
       la t0, trapped
       csrw stvec, t0
       csrwi sie, 2
       csrsi sstatus, 2
       li s1, 0
       li s2, 200
     again:
       ${sbi(IPI, 0, 0, ALL_HARTS)}
       ${addError(8)}
       li t0, ${CLINT}              # which nothing keeps a kernel from
       li t1, 1
       ${Array.from({ length: harts }, (_, hart) => `sw t1, ${4 * hart}(t0)`).join('\n')}
       addi s2, s2, -1
       bnez s2, again
       csrci sstatus, 2
       slli t1, s0, 3
       li t0, RESULTS
       add t0, t0, t1
       sd s1, 0(t0)
       ${END}
       .align 2
     trapped:
       addi s1, s1, 1
       csrci sip, 2
       sret`,
      { harts, schedule },
    );
    expect(results(9)[8]).toBe(0n);
    // Its own interrupts come at once, each.
    for (const taken of results(harts)) expect(taken).toBeGreaterThanOrEqual(200n);
  });

  it.each([2, 4])('fence each other, all %i of them at once, and all return', (harts) => {
    const { results } = runHarts(
      `${startAll(harts)}
       li s2, ${ROUNDS}
     again:
       ${FENCES.map((fence) => `${sbi(RFENCE, fence, 0, ALL_HARTS, 0, -1, 3)} ${addError(fence)}`).join('')}
       addi s2, s2, -1
       bnez s2, again
       li t0, RESULTS + 80
       li t1, 1
       amoadd.d zero, t1, (t0)
       ${END}`,
      { harts, schedule },
      60_000_000,
    );
    expect(results(11)).toEqual([...new Array<bigint>(10).fill(0n), BigInt(harts)]);
  });

  it('fence those that run, and skip those that do not', () => {
    const { results } = runHarts(
      `${sbi(RFENCE, 0, 0, ALL_HARTS)} ${put(0, 'a0')}
       ${sbi(RFENCE, 1, 0xf, 0, 0, 0)} ${put(1, 'a0')}
       ${sbi(IPI, 0, 0xe, 0)} ${put(2, 'a0')}
       ${END}`,
      { harts: 4, schedule },
    );
    expect(results(3)).toEqual([0n, 0n, 0n]);
  });

  it('are told which masks name nobody', () => {
    const INVALID = -3n;
    const masks: readonly (readonly [mask: number | bigint, base: number | bigint, error: bigint])[] = [
      [0, 0, 0n],
      [0, 3, 0n],
      [0, 1000, 0n],
      [3, 0, 0n],
      [1, 1, 0n],
      [4, 0, INVALID],
      [7, 0, INVALID],
      [2, 1, INVALID],
      [1, 2, INVALID],
      [1, 64, INVALID],
      [1, -2, INVALID],
      [-1, 0, INVALID],
      [-1, 1, INVALID],
      [1n << 63n, 0, INVALID],
      [-1, -1, 0n],
    ];
    const { results } = runHarts(
      `${masks.map(([mask, base], i) => `${sbi(IPI, 0, mask, base)} ${put(2 * i, 'a0')} ${sbi(RFENCE, 1, mask, base, 0, 0)} ${put(2 * i + 1, 'a0')}`).join('')}
       ${sbi(RFENCE, 7, 1, 0)} ${put(30, 'a0')} ${sbi(IPI, 1, 1, 0)} ${put(31, 'a0')}
       csrci sip, 2
       ${END}`,
      { harts: 2, schedule },
    );
    expect(results(30)).toEqual(masks.flatMap(([, , error]) => [error, error]));
    expect(results(32).slice(30)).toEqual([-2n, -2n]);
  });

  it.each([2, 4])('have a timer each, %i of them', (harts) => {
    const { results } = runHarts(
      `${startAll(harts)}
       csrr s1, time
       li t0, 3000
       mul t0, t0, s0
       add s1, s1, t0
       addi s1, s1, 500             # hart n after 500 + 3000 n ticks
       mv a0, s1
       li a6, 0
       li a7, ${TIME}
       ecall
       li t0, 0x20
       csrw sie, t0
       wfi
       csrr t0, time
       sub t0, t0, s1
       li t1, RESULTS
       slli t2, s0, 3
       add t1, t1, t2
       sd t0, 0(t1)
       ${sbi(TIME, 0, -1)}
       ${END}`,
      { harts, schedule },
    );
    for (const late of results(harts)) {
      expect(late).toBeGreaterThanOrEqual(0n);
      expect(late).toBeLessThan(300n);
    }
  });

  it('write to the console, each', () => {
    const { machine } = runHarts(
      `${startAll(2)}
       bnez s0, second
       ${awaitWord(1, 1)}
       ${sbi(0x4442434e, 2, 0x62)}
       ${END}
     second:
       ${sbi(0x4442434e, 2, 0x61)}
       ${signal(1)}
       ${END}`,
      { harts: 2, schedule },
    );
    expect(machine.consoles[0]?.text()).toBe('ab');
  });
});
