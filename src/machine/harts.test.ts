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

describe('a reservation', () => {
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
