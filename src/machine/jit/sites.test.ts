import { describe, expect, it } from 'vitest';
import type { Machine } from '../index.ts';
import { BASE, pair, RAM } from './pair.ts';
import { FRAMES, PAGES, ROOT, translated } from './translated.ts';

describe('sites', () => {
  it('forget what a fence takes away', () => {
    const { regions, both, same } = pair(
      translated(
        2,
        `
    li a0, ${FRAMES}
    li a1, 111
    sd a1, 0(a0)
    li a0, ${FRAMES + 0x1000}
    li a1, 222
    sd a1, 0(a0)
    li s0, ${PAGES}
    li s1, ${ROOT + 0x2000}
    ld s2, 0(s1)
    ld s3, 8(s1)
  again:
    li t0, 100
  loop:
    ld a2, 0(s0)
    sd a2, 8(s0)
    addi t0, t0, -1
    bnez t0, loop
    mv a3, a4
    mv a4, a2
    xor s2, s2, s3
    xor s3, s2, s3
    xor s2, s2, s3
    sd s2, 0(s1)
    sfence.vma
    j again`,
      ),
      { ram: RAM },
    );
    for (let cycle = 20_000; cycle < 30_000; cycle += 777) {
      both((machine) => machine.run(cycle));
      same(`cycle ${cycle}`);
      expect([regions.x(13), regions.x(14)].sort()).toEqual([111n, 222n]);
    }
    expect(regions.regionsCompiled).toBeGreaterThan(0);
  });

  it('are lost with the translations that the timed TLB loses', () => {
    // Each page of 40 is touched in turn, twice: the first-level TLB holds 32.
    const { both, same } = pair(
      translated(
        40,
        `
  again:
    li s0, ${PAGES}
    li t0, 40
    li t1, 4096
  loop:
    ld a2, 0(s0)
    addi a2, a2, 1
    sd a2, 0(s0)
    ld a3, ${0}(s4)
    add s0, s0, t1
    addi t0, t0, -1
    bnez t0, loop
    j again`,
      ).replace('supervisor:', `supervisor:\n li s4, ${PAGES}`),
      { ram: RAM },
    );
    for (let cycle = 10_000; cycle < 200_000; cycle += 13_331) {
      both((machine) => machine.run(cycle));
      same(`cycle ${cycle}`);
    }
  });

  it('are lost with them, too, where another page has the place in the soft-TLB', () => {
    const { both, same } = pair(
      translated(
        300,
        `
  again:
    li s1, ${PAGES + 4096n}
    li t1, 4096
    li t0, 33
  loop:
    li t2, 3
  keep:
    ld a3, 0(s4)
    addi t2, t2, -1
    bnez t2, keep
    ld a4, 0(s5)
    ld a2, 0(s1)
    add s1, s1, t1
    addi t0, t0, -1
    bnez t0, loop
    j again`,
      ).replace('supervisor:', `supervisor:\n li s4, ${PAGES}\n li s5, ${PAGES + 256n * 4096n}`),
      { ram: 4 * RAM },
    );
    for (let cycle = 10_000; cycle < 100_000; cycle += 13_331) {
      both((machine) => machine.run(cycle));
      same(`cycle ${cycle}`);
    }
  });

  it('are given up by instructions that seldom stay in a page, and kept by the others', () => {
    const { regions, both, same } = pair(
      translated(
        8,
        `
      li s1, ${PAGES}
      li s0, ${PAGES}
      li t1, 0x7000
      li t3, 4096
    loop:
      ld a0, 0(s0)
      ld a1, 0(s1)
      add s0, s0, t3
      and t2, s0, t1
      or s0, s1, t2
      j loop`,
      ),
      { ram: RAM },
    );
    const made: number[] = [];
    for (let cycle = 400_000; cycle < 12_000_000; cycle += 1_200_000) {
      both((machine: Machine) => machine.run(cycle));
      same(`cycle ${cycle}`);
      made.push(regions.regionsCompiled);
    }
    // Once more, when the run next comes back to the host, and then no more, but for where stops have led.
    expect(made[1]).toBe((made[0] ?? 0) + 1);
    expect(made.at(-1)).toBeLessThanOrEqual((made[1] ?? 0) + 1);
  });

  it.each([
    { often: 'too often', turns: 1, more: 1 },
    { often: 'now and then', turns: 1500, more: 0 },
  ])('are given up where all of a region are emptied $often: compiled again $more times', ({ turns, more }) => {
    const { regions, both, same } = pair(`
      li s1, ${BASE + 0x8000}
    loop:
      li t0, ${turns}
    1:
      ld a0, 0(s1)
      ld a1, 8(s1)
      addi t0, t0, -1
      bnez t0, 1b
      csrw pmpaddr15, zero
      j loop`);
    both((machine: Machine) => machine.run(20_000));
    const made = regions.regionsCompiled;
    both((machine: Machine) => machine.run(20_000 + 3000 * (20 + 5 * turns)));
    // Where a stop has led, a region may have been asked for.
    both((machine: Machine) => machine.run(machine.cycles + 600_000));
    same();
    expect(made).toBeGreaterThan(0);
    expect(regions.regionsCompiled - made).toBe(more);
  });
});
