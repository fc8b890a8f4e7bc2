import { describe, expect, it } from 'vitest';
import type { Machine } from '../index.ts';
import { BASE, pair } from './pair.ts';

const RAM = 2 ** 20;
/** Loads and stores 8 bytes in each of the pages 64 to 127 of RAM, over and over, 4096 - 8 apart: no two at the same offset. */
const WALK = `
  again:
    li s0, ${BASE + 0x40000}
    li t0, 65
    li t1, 4096 - 8
  loop:
    ld a2, 2000(s0)
    add a3, a3, a2
    addi a2, a2, 1
    sd a2, 2000(s0)
    add s0, s0, t1
    addi t0, t0, -1
    bnez t0, loop
    j again`;

describe('spans', () => {
  it('leave the pages that a store is the first to write to be noted', () => {
    // Goes to and fro between two pages, and then through those between them.
    const { both, same } = pair(
      `
  again:
    li s0, ${BASE + 0x40000}
    li t0, 0
    li t1, 40
    li t2, 80
  loop:
    andi a4, t0, 1
    slli a4, a4, 17
    bltu t0, t1, 1f
    sub a4, t0, t1
    slli a4, a4, 12
  1: add a5, s0, a4
    sd a5, 0(a5)
    sd t3, 8(a5)
    addi t3, t3, 1
    addi t0, t0, 1
    bltu t0, t2, loop
    j again`,
      { ram: RAM },
    );
    both((machine) => machine.run(100_000));
    const snapshots = new Map<Machine, ReturnType<Machine['snapshot']>>();
    both((machine) => snapshots.set(machine, machine.snapshot()));
    for (const cycle of [100_500, 102_000, 200_000]) {
      both((machine) => machine.run(cycle));
      same(`cycle ${cycle}`);
      both((machine) => machine.restore(snapshots.get(machine) as ReturnType<Machine['snapshot']>));
      same(`restored after ${cycle}`);
    }
  });

  it('leave out pages that hold code', () => {
    // The same store goes to and fro around a page, and then changes the instruction there that is called next.
    const { regions, both, same } = pair(
      `
    li s0, ${BASE + 0x40000}
    li s1, ${BASE + 0x50000}
    addi a5, s0, 1024
    li t0, 64
    li t1, 4096
  dirty:
    sd zero, 0(a5)
    add a5, a5, t1
    addi t0, t0, -1
    bnez t0, dirty
    li t1, 40
    li t6, 1 << 21
    lw a2, 0(s1)
  again:
    li t0, 0
    xor a2, a2, t6
  loop:
    andi a4, t0, 1
    slli a4, a4, 17
    add a5, s0, a4
    bltu t0, t1, 1f
    mv a5, s1
  1: sw a2, 0(a5)
    addi t0, t0, 1
    bgeu t1, t0, loop
    jalr ra, 0(s1)
    j again
    .org ${BASE + 0x50000}
    addi a6, a6, 1
    ret`,
      { ram: RAM },
    );
    for (let cycle = 5000; cycle < 60_000; cycle += 3331) {
      both((machine) => machine.run(cycle));
      same(`cycle ${cycle}`);
    }
    expect(regions.x(16)).toBeGreaterThan(100n);
  });

  it('end where PMP says something else', () => {
    // A locked row: 16 of the pages may not be written by M-mode either.
    const { regions, both, same } = pair(
      `
    la t0, fault
    csrw mtvec, t0
    li s2, 0
    j walk
    .align 2
  fault:
    addi s2, s2, 1
    csrr t3, mepc
    addi t3, t3, 4
    csrw mepc, t3
    li t4, 3
    bgtu s2, t4, 1f
    mret
  1: li t3, ${(BASE + 0x60000 + 0x8000) / 4 - 1}
    csrw pmpaddr0, t3
    li t3, 0x99
    csrw pmpcfg0, t3
    mret
  walk:
    li a5, 100
    ${WALK.replace('j again', `addi a5, a5, -1\n bnez a5, again\n .word 0\n li a5, 20\n j again`)}`,
      { ram: RAM },
    );
    for (let cycle = 10_000; cycle < 600_000; cycle += 33_331) {
      both((machine) => machine.run(cycle));
      same(`cycle ${cycle}`);
    }
    expect(regions.x(18)).toBeGreaterThan(50n);
  });

  it('end where the pages of another begin', () => {
    const { regions, plain, both, same } = pair(
      `
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    la t0, guest
    csrw mepc, t0
    li t0, 0x800
    csrw mstatus, t0
    mret
  guest:
    ${WALK}`,
      { ram: RAM, guests: 2 },
    );
    both((machine) => {
      machine.worlds({ machineMode: 'layer', supervisorMode: 'guest', only: 0 });
      machine.ownership([
        { base: BASE, size: RAM, owner: 0 },
        { base: BASE + 0x60000, size: 0x10000, owner: 1 },
      ]);
      machine.start(BASE, 0, 0);
    });
    both((machine) => machine.run(60_000));
    same();
    const seen = (machine: Machine) => machine.ledger.entries.map(({ kind, count, owner }) => ({ kind, count, owner }));
    expect(seen(regions)).toEqual(seen(plain));
    expect(seen(regions).reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(1000);
  });
});
