import { describe, expect, it } from 'vitest';
import { assemble } from './isa/assemble.ts';
import { createMachine, type Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';

const RAM = 0x80000000;
const SHARED = RAM + 0x100000;
const ROUNDS = 200;

const SCHEDULES: readonly NonNullable<MachineOptions['schedule']>[] = [
  { kind: 'coarse' },
  { kind: 'fine', seed: 1 },
  { kind: 'fine', seed: 2 },
];

function machineWith(source: string, options: Partial<MachineOptions>): Machine {
  const machine = createMachine({ ram: 4 * 2 ** 20, timing: 'inorder', guests: 0, harts: 2, ...options });
  machine.write(RAM, assemble(source, RAM));
  machine.start(RAM, 0, 0);
  return machine;
}

const word = (machine: Machine, paddr: number): number =>
  new DataView(machine.read(paddr, 4).buffer).getUint32(0, true);

/** Every hart adds 1 to a counter ROUNDS times, by `add`, and then waits for ever. */
const counting = (add: string) => `
  li s0, ${SHARED}
  li s1, ${ROUNDS}
again:
  ${add}
  addi s1, s1, -1
  bnez s1, again
  addi t0, s0, 64
  li t1, 1
  amoadd.w zero, t1, (t0)
end: wfi
  j end`;

const LR_SC = `
retry:
  lr.w t0, (s0)
  addi t0, t0, 1
  sc.w t1, t0, (s0)
  bnez t1, retry`;

const AMO = 'li t1, 1\n amoadd.w t0, t1, (s0)';

const SPIN_LOCK = `
  addi t2, s0, 128
  li t1, 1
acquire:
  amoswap.w t0, t1, (t2)
  bnez t0, acquire
  lw t0, 0(s0)
  addi t0, t0, 1
  sw t0, 0(s0)
  sw zero, 0(t2)`;

const UNGUARDED = `
  lw t0, 0(s0)
  nop
  addi t0, t0, 1
  sw t0, 0(s0)`;

describe.each(SCHEDULES)('harts in turns %o', (schedule) => {
  it.each([2, 3, 4])('lose no LR/SC update, %i of them', (harts) => {
    const machine = machineWith(counting(LR_SC), { harts, schedule });
    expect(machine.run(5e6).kind).toBe('idle');
    expect(word(machine, SHARED)).toBe(harts * ROUNDS);
  });

  it.each([2, 3, 4])('lose no AMO update, %i of them', (harts) => {
    const machine = machineWith(counting(AMO), { harts, schedule });
    expect(machine.run(5e6).kind).toBe('idle');
    expect(word(machine, SHARED)).toBe(harts * ROUNDS);
  });

  it('lose no update under a spin lock', () => {
    const machine = machineWith(counting(SPIN_LOCK), { schedule });
    expect(machine.run(5e6).kind).toBe('idle');
    expect(word(machine, SHARED)).toBe(2 * ROUNDS);
  });

  it('end the same when the run is cut', () => {
    const whole = machineWith(counting(SPIN_LOCK), { schedule });
    whole.run(40_000);
    const cut = machineWith(counting(SPIN_LOCK), { schedule });
    for (let at = 0; at < 40_000; at += 777) {
      cut.run(at);
      const here = cut.snapshot();
      cut.run(at + 500);
      cut.restore(here);
    }
    cut.run(40_000);
    expect(cut.hash()).toBe(whole.hash());
  });

  it('wake by what a device ends to do while all of them wait', () => {
    // A transfer, and no timer: the hart sleeps until the interrupt of its channel.
    const machine = machineWith(
      `
      csrr a0, mhartid
      bnez a0, end
      li s0, 0xc000000
      li t0, 1
      sw t0, 64(s0)
      li t0, 0x10000
      li t1, 0xc002000
      sw t0, 0(t1)
      li t0, 0x800
      csrw mie, t0
      li s1, 0x10040000
      li t0, ${SHARED}
      sd t0, 0(s1)
      sd t0, 8(s1)
      li t0, 4096
      sd t0, 16(s1)
      li t0, 3
      sw t0, 24(s1)
      wfi
      li t1, 77
      li t0, ${SHARED}
      sw t1, 0(t0)
      csrw mie, zero
    end: wfi
      j end`,
      { schedule },
    );
    expect(machine.run(1e6).kind).toBe('idle');
    expect(word(machine, SHARED)).toBe(77);
  });

  it('wake each other by software interrupts', () => {
    const machine = machineWith(
      `
      csrr a0, mhartid
      li s0, 0x2000000
      li t0, 8
      csrw mie, t0
      bnez a0, second
      li t1, 1
      sw t1, 4(s0)
      j end
    second:
      wfi
      sw zero, 4(s0)
      li t0, ${SHARED}
      li t1, 77
      sw t1, 0(t0)
    end: wfi
      j end`,
      { schedule },
    );
    expect(machine.run(1e6).kind).toBe('idle');
    expect(word(machine, SHARED)).toBe(77);
  });

  it('account for every cycle of every hart', () => {
    const machine = machineWith(counting(LR_SC), { schedule });
    expect(machine.run(5e6).kind).toBe('idle');
    const { idle, firmware, layer } = machine.accounting();
    expect(idle + firmware.cycles + layer.cycles).toBe(2 * machine.cycles);
    expect(firmware.instret + layer.instret).toBe(machine.instret);
  });
});

describe('the fine schedule', () => {
  it('interleaves within a read-modify-write, which the lock and LR/SC above had to survive', () => {
    const totals = [1, 2, 3, 4].map((seed) => {
      const machine = machineWith(counting(UNGUARDED), { schedule: { kind: 'fine', seed } });
      machine.run(5e6);
      return word(machine, SHARED);
    });
    expect(Math.min(...totals)).toBeLessThan(2 * ROUNDS);
    expect(new Set(totals).size).toBeGreaterThan(1);
  });
});

/** Pairs on a word of each hart's own, so that only a change of turns can come between; their failures are counted. */
const privatePairs = (between: number) => `
  csrr a0, mhartid
  li s0, ${SHARED}
  slli t0, a0, 7
  add s0, s0, t0
  li s1, 1000
  li s2, 0
again:
  lr.w t0, (s0)
  ${'nop\n  '.repeat(between)}
  sc.w t1, t0, (s0)
  add s2, s2, t1
  addi s1, s1, -1
  bnez s1, again
  sw s2, 64(s0)
end: wfi
  j end`;
const failures = (machine: Machine, hart: number): number => word(machine, SHARED + 128 * hart + 64);

describe('a reservation', () => {
  it('holds up a change of turns, so that what the manual calls constrained never fails by it', () => {
    for (const seed of [1, 2, 3]) {
      // LR, at most 14 others, SC: "Unprivileged ISA", 14.3.
      const machine = machineWith(privatePairs(14), { harts: 4, schedule: { kind: 'fine', seed } });
      expect(machine.run(1e7).kind).toBe('idle');
      expect([0, 1, 2, 3].map((hart) => failures(machine, hart))).toEqual([0, 0, 0, 0]);
    }
  });

  it('holds it up no longer than 64 instructions', () => {
    const machine = machineWith(privatePairs(130), { schedule: { kind: 'fine', seed: 1 } });
    expect(machine.run(1e7).kind).toBe('idle');
    expect(failures(machine, 0)).toBe(1000);
    // Nor does one that is made anew for ever keep the others from running.
    const greedy = machineWith(
      `
      csrr a0, mhartid
      li s0, ${SHARED}
      beqz a0, hold
      li s1, 1000
    count: sw s1, 64(s0)
      addi s1, s1, -1
      bnez s1, count
      sw s1, 64(s0)
    end: wfi
      j end
    hold: lr.w t0, (s0)
      j hold`,
      { schedule: { kind: 'fine', seed: 1 } },
    );
    greedy.run(40_000); // 3,000 instructions of turns that are 1 to 64 cycles long and held up by 64
    expect(word(greedy, SHARED + 64)).toBe(0);
  });

  /** Status of an SC after what happens between; the DMA channel copies 8 bytes from SHARED + 64 to `to`. */
  const afterCopy = (to: number): number => {
    const CHANNEL = 0x1004_0000;
    const machine = machineWith(
      `
      li s0, ${SHARED}
      li s1, ${CHANNEL}
      addi t0, s0, 64
      sd t0, 0(s1)
      li t0, ${to}
      sd t0, 8(s1)
      li t0, 8
      sd t0, 16(s1)
      li t2, 1
      lr.w t0, (s0)
      sw t2, 24(s1)
    busy: lw t1, 28(s1)
      andi t1, t1, 2
      beqz t1, busy
      sc.w t3, t0, (s0)
      snez t3, t3
      sw t3, 128(s0)
    end: wfi
      j end`,
      { harts: 1, guests: 1 },
    );
    expect(machine.run(1e6).kind).toBe('idle');
    return word(machine, SHARED + 128);
  };

  it('ends where a device writes to the word, and not where it writes beside it', () => {
    expect([SHARED, SHARED - 4, SHARED + 8, SHARED - 8].map(afterCopy)).toEqual([1, 1, 0, 0]);
  });

  it('does not outlive another hart’s turn', () => {
    const machine = machineWith(
      `
      csrr a0, mhartid
      li s0, ${SHARED}
      bnez a0, second
      lr.w t0, (s0)
      li t2, 100
    wait: addi t2, t2, -1
      bnez t2, wait
      li t1, 5
      sc.w t3, t1, (s0)
      sw t3, 64(s0)
      j end
    second:
      li t1, 9
      sw t1, 0(s0)
    end: wfi
      j end`,
      { schedule: { kind: 'fine', seed: 3 } },
    );
    expect(machine.run(1e6).kind).toBe('idle');
    expect(word(machine, SHARED)).toBe(9);
    expect(word(machine, SHARED + 64)).toBe(1);
  });
});
