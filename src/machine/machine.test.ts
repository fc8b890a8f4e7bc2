import { describe, expect, it } from 'vitest';
import { assemble } from './isa/assemble.ts';
import { createMachine, type Machine } from './machine.ts';

const RAM = 0x80000000;
const GUEST_A = 0x80200000;
const GUEST_B = 0x80400000;
const MIB = 2 ** 20;

/** M-mode code at RAM; guests 0 and 1 own 1 MiB each. */
function machineWith(source: string, timing: 'inorder' | 'functional' = 'inorder'): Machine {
  const machine = createMachine({ ram: 8 * MIB, timing, guests: 2 });
  machine.write(RAM, assemble(source, RAM));
  machine.ownership([
    { base: RAM, size: 2 * MIB, owner: 'layer' },
    { base: GUEST_A, size: MIB, owner: 0 },
    { base: GUEST_B, size: MIB, owner: 1 },
  ]);
  machine.worlds({ machineMode: 'layer', supervisorMode: 'guest', only: 0 });
  machine.start(RAM, 0, 0);
  return machine;
}

/** Drops into S-mode at GUEST_A, all memory open; traps go to M and stop in a loop. */
const ENTER_GUEST = `
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, done
  csrw mtvec, t0
  li t0, 0x800
  csrw mstatus, t0
  li t0, ${GUEST_A}
  csrw mepc, t0
  mret
  .align 2
done:
  j done
`;

function guestRun(source: string, cycles = 20_000): Machine {
  const machine = machineWith(ENTER_GUEST);
  machine.write(GUEST_A, assemble(source, GUEST_A));
  machine.run(cycles);
  return machine;
}

describe('the ledger', () => {
  it('notes nothing where a guest stays at home', () => {
    const machine = guestRun(`li t0, ${GUEST_A + 0x1000}\n sd t0, 0(t0)\n ld t1, 0(t0)\n ecall`);
    expect(machine.ledger.entries).toEqual([]);
  });

  it('notes each kind of access to a neighbour with owner, place and effect', () => {
    const machine = guestRun(`
      li t0, ${GUEST_B}
      ld t1, 8(t0)
      sd t1, 8(t0)
      li t2, 5
      sd t2, 0x100(t0)
      jr t0`);
    const seen = machine.ledger.entries.map(({ kind, from, owner, changed }) => ({ kind, from, owner, changed }));
    expect(seen).toEqual([
      { kind: 'read', from: 0, owner: 1, changed: false },
      { kind: 'write', from: 0, owner: 1, changed: false },
      { kind: 'write', from: 0, owner: 1, changed: true },
      { kind: 'fetch', from: 0, owner: 1, changed: false },
    ]);
  });

  it('sees every access, not only the one that fills a cache', () => {
    const machine = guestRun(`
      li t0, ${GUEST_B}
      li t1, 10
    again:
      sd t1, 0(t0)
      addi t1, t1, -1
      bnez t1, again
      ecall`);
    expect(machine.ledger.entries.map(({ kind, count }) => [kind, count])).toEqual([['write', 10]]);
  });

  it('marks what comes after a write into the layer as tainted', () => {
    const machine = guestRun(`
      li t0, ${RAM + 0x10000}
      sd t0, 0(t0)
      li t0, ${GUEST_B}
      ld t1, 0(t0)
      ecall`);
    expect(machine.ledger.entries.map(({ owner, tainted }) => [owner, tainted])).toEqual([
      ['layer', false],
      [1, true],
    ]);
  });

  it('notes stores to devices of others, not to its own', () => {
    const machine = guestRun(`
      li t0, 0x10000000
      sb zero, 0(t0)
      li t0, 0x10010000
      sb zero, 0(t0)
      li t0, 0x2004000
      ld t1, 0(t0)
      ecall`);
    expect(machine.ledger.entries.map(({ kind, owner }) => [kind, owner])).toEqual([
      ['mmio-write', 1],
      ['mmio-read', 'layer'],
    ]);
  });

  it('notes the walker reading a page table in another guest', () => {
    const machine = guestRun(`
      li t0, ${(8n << 60n) | BigInt(GUEST_B >>> 12)}
      csrw satp, t0
      nop`);
    expect(machine.ledger.entries.map(({ kind, owner }) => [kind, owner])).toEqual([['walk', 1]]);
  });

  it('notes both sides of a DMA transfer', () => {
    const machine = guestRun(`
      li t0, 0x10040000
      li t1, ${GUEST_A}
      sd t1, 0(t0)
      li t1, ${GUEST_B}
      sd t1, 8(t0)
      li t1, 64
      sd t1, 16(t0)
      li t1, 1
      sw t1, 24(t0)
    wait:
      j wait`);
    expect(machine.ledger.entries.map(({ kind, from, owner, changed }) => [kind, from, owner, changed])).toEqual([
      ['dma', 0, 1, true],
    ]);
    expect([...machine.read(GUEST_B, 64)]).toEqual([...machine.read(GUEST_A, 64)]);
  });

  it('tells a store that gives a foreign source the priority it has from one that changes it', () => {
    const machine = guestRun(`
      li t0, 0x0c000000
      lw t1, 44(t0)
      sw t1, 44(t0)
      lw t1, 52(t0)
      addi t1, t1, 1
      sw t1, 52(t0)
    wait:
      j wait`);
    const stores = machine.ledger.entries.filter(({ kind }) => kind === 'mmio-write');
    expect(stores.map(({ from, owner, address, changed }) => [from, owner, address, changed])).toEqual([
      [0, 1, 0xc00_002c, false],
      [0, 3, 0xc00_0034, true],
    ]);
  });

  it('has one digest of a state, whatever snapshots were taken and restored on the way to it', () => {
    const loop = `
      li t0, ${GUEST_A + 0x2000}
    again:
      addi t1, t1, 1
      sd t1, 0(t0)
      sd t1, 1024(t0)
      j again`;
    const [plain, cut] = [guestRun(loop), guestRun(loop)];
    const early = cut.snapshot();
    expect(cut.hash()).toBe(plain.hash());
    cut.run(cut.cycles + 10_000);
    cut.snapshot();
    plain.run(cut.cycles);
    expect(cut.hash()).toBe(plain.hash());
    const before = cut.hash();
    cut.restore(early);
    expect(cut.hash()).not.toBe(before);
    cut.run(plain.cycles);
    expect(cut.hash()).toBe(before);
  });

  it('notes a layer that resumes a guest in another guest', () => {
    const machine = machineWith(ENTER_GUEST.replace(String(GUEST_A), String(GUEST_B)));
    machine.run(5_000);
    expect(machine.ledger.entries[0]).toMatchObject({ kind: 'foreign-resume', from: 0, owner: 1 });
  });

  it('notes a layer that ends the machine on behalf of a guest', () => {
    const machine = machineWith(ENTER_GUEST.replace('done:', 'done:\n li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)'));
    machine.write(GUEST_A, assemble('ecall', GUEST_A));
    expect(machine.run(5_000).kind).toBe('finished');
    expect(machine.ledger.entries[0]).toMatchObject({ kind: 'reset', from: 'layer', onBehalf: 0, owner: 'layer' });
  });

  it('notes a world that comes with the page table of another', () => {
    const root = (8n << 60n) | BigInt(GUEST_B >>> 12);
    const machine = machineWith(ENTER_GUEST.replace('mret', `li t0, ${root}\n csrw satp, t0\n mret`));
    machine.run(5_000);
    expect(machine.ledger.entries[0]).toMatchObject({ kind: 'world-confusion', owner: 1 });
  });

  it('notes nothing where a guest chose the page table of another, and PMP lets nobody read it', () => {
    const root = (8n << 60n) | BigInt(GUEST_B >>> 12);
    const whole = ENTER_GUEST.replace('j done', 'mret');
    const refused = whole.replace('li t0, -1', `li t0, ${(GUEST_A >>> 2) | 0xfff}`);
    const [open, closed] = [whole, refused].map((text) => {
      const machine = machineWith(text);
      machine.write(GUEST_A, assemble(`li t0, ${root}\n csrw satp, t0\n j .`, GUEST_A));
      machine.run(5_000);
      return machine.ledger.entries.map(({ kind }) => kind);
    });
    expect([open, closed]).toEqual([['walk'], []]);
  });
});

describe('a timer that comes while a trap is entered', () => {
  // Each return to S-mode is a trap again; in M-mode the timer is set for the next tick but two.
  const STORM = `
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    la t0, timer
    csrw mtvec, t0
    la t0, again
    csrw stvec, t0
    li t0, 2
    csrw mideleg, t0
    csrw mip, t0
    li t0, 0x82
    csrw mie, t0
    li t0, 0x800
    csrw mstatus, t0
    la t0, enable
    csrw mepc, t0
    li s2, 0x200bff8
    li s3, 0x2004000
    sd zero, 0(s3)
    mret
    .align 2
  timer:
    ld t0, 0(s2)
    addi t0, t0, 3
    sd t0, 0(s3)
    addi s4, s4, 1
    csrr t0, mepc
    add s6, s6, t0
    mret
    .align 2
  again:
    addi s5, s5, 1
    sret
  enable:
    csrsi sstatus, 2
    j .`;

  it('goes before the first instruction of the handler, wherever the run is cut', () => {
    const [whole, cut] = [machineWith(STORM), machineWith(STORM)];
    whole.run(100_000);
    for (let at = 3; at < 100_000; at += 3) cut.run(at);
    cut.run(100_000);
    expect([whole.x(20) > 200n, whole.x(21) > 200n]).toEqual([true, true]);
    expect(whole.hash()).toBe(cut.hash());
  });
});

describe('snapshots', () => {
  const COUNTER = `
    li t0, ${RAM + 0x100000}
  loop:
    ld t1, 0(t0)
    addi t1, t1, 1
    sd t1, 0(t0)
    li t2, 0x10013000
    sb t1, 0(t2)
    j loop`;

  it('give the same state however often one is restored, and whatever ran in between', () => {
    const machine = machineWith(COUNTER);
    machine.run(10_000);
    const early = machine.snapshot();
    machine.run(30_000);
    const late = machine.snapshot();
    const lateHash = machine.hash();
    machine.restore(early);
    machine.run(30_000);
    expect(machine.hash()).toBe(lateHash);
    machine.run(90_000);
    machine.restore(late);
    expect(machine.hash()).toBe(lateHash);
    machine.restore(early);
    machine.run(30_000);
    expect(machine.hash()).toBe(lateHash);
  });

  it('keep no copy of a page of zeros, and give it back', () => {
    const machine = machineWith('j .');
    const [zeroed, whole] = [RAM + 0x100000, RAM + 0x101000];
    machine.write(zeroed, new Uint8Array(4096).fill(1));
    machine.write(whole, new Uint8Array(4096).fill(1));
    const ones = machine.snapshot();
    machine.write(zeroed, new Uint8Array(4096));
    const { left } = machine.snapshotRoom;
    const zeros = machine.snapshot();
    expect(machine.snapshotRoom.left).toBe(left);
    const hash = machine.hash();
    for (const [at, byte] of [
      [ones, 1],
      [zeros, 0],
    ] as const) {
      machine.write(zeroed, new Uint8Array(4096).fill(7));
      expect(machine.isAt(at)).toBe(false);
      machine.restore(at);
      expect(machine.isAt(at)).toBe(true);
      expect(new Set(machine.read(zeroed, 4096))).toEqual(new Set([byte]));
      expect(new Set(machine.read(whole, 4096))).toEqual(new Set([1]));
    }
    expect(machine.hash()).toBe(hash);
  });

  it('forget operations whose bytes the restore changes', () => {
    const machine = machineWith(`
      la t0, target
      li t1, 0x00200513
      call target
      sw t1, 0(t0)
      call target
      j .
      .align 12
    target:
      li a0, 1
      ret`);
    const reset = machine.snapshot();
    for (let i = 0; i < 3; i++) {
      machine.restore(reset);
      machine.watch(undefined);
      machine.run(20);
      machine.run(5_000);
      expect(machine.x(10)).toBe(2n);
      machine.restore(reset);
      expect(machine.read(RAM + 0x1000, 4)).toEqual(Uint8Array.of(0x13, 0x05, 0x10, 0x00));
    }
  });
});

describe('stops', () => {
  const WORK = `
    li t0, 1000
    li t3, ${RAM + 0x100000}
  loop:
    mul t1, t0, t0
    sd t1, 0(t3)
    ld t2, 0(t3)
    add t2, t2, t1
    addi t0, t0, -1
    bnez t0, loop
    j .`;

  it('change nothing: a run in pieces ends as a run in one', () => {
    const whole = machineWith(WORK);
    whole.run(5_000);
    const pieces = machineWith(WORK);
    for (let cycle = 1; cycle <= 5_000; cycle++) pieces.run(cycle);
    expect(pieces.hash()).toBe(whole.hash());
    expect(pieces.cycles).toBe(whole.cycles);
  });

  it('come after exactly as many own instructions as asked', () => {
    const machine = guestRun(WORK, 200);
    const before = machine.accounting().guests[0]?.instret ?? 0;
    for (const more of [1, 2, 7, 1000]) {
      machine.stopAtInstret(0, before + more);
      expect(machine.run(1e6).kind).toBe('instret');
      expect(machine.accounting().guests[0]?.instret).toBe(before + more);
    }
  });

  it('come before the k-th execution of a watched instruction', () => {
    const machine = guestRun(WORK, 0);
    const loop =
      BigInt(GUEST_A) + BigInt(assemble('li t0, 1000', 0).length + assemble(`li t3, ${RAM + 0x100000}`, 0).length);
    machine.watch({ world: 0, privilege: 'S', pc: loop, count: 5 });
    expect(machine.run(1e6).kind).toBe('watch');
    expect(machine.pc).toBe(loop);
    expect(machine.x(5)).toBe(996n);
  });
});

describe('accounts', () => {
  it('have parts that sum to the total', () => {
    const machine = guestRun('li t0, 100\nagain: addi t0, t0, -1\n bnez t0, again\n ecall', 4_000);
    const { idle, firmware, layer, guests } = machine.accounting();
    const sum = (pick: 'cycles' | 'instret') =>
      firmware[pick] + layer[pick] + guests.reduce((total, g) => total + g[pick], 0);
    const onBehalf = guests.reduce((total, g) => total + g.layerCycles, 0);
    expect(idle + sum('cycles') + onBehalf).toBe(machine.cycles);
    expect(sum('instret') + guests.reduce((total, g) => total + g.layerInstret, 0)).toBe(machine.instret);
    expect(guests[0]?.instret).toBe(201);
    expect(guests[0]?.entries).toBe(1);
  });

  it('charge a switch to the world switched to', () => {
    const current = RAM + 0x1000;
    const machine = createMachine({ ram: 8 * MIB, timing: 'inorder', guests: 2 });
    machine.ownership([
      { base: RAM, size: 2 * MIB, owner: 'layer' },
      { base: GUEST_A, size: MIB, owner: 0 },
      { base: GUEST_B, size: MIB, owner: 1 },
    ]);
    // The first trap goes on to guest 1, later ones come back to where they were.
    const LAYER = ENTER_GUEST.replace(
      'done:',
      `done:
      addi s0, s0, 1
      li s1, 1
      bne s0, s1, same
      li t0, ${current}
      sw s1, 0(t0)
      li t0, ${GUEST_B}
      csrw mepc, t0
      li t0, 0x800
      csrw mstatus, t0
      mret
    same:`,
    );
    machine.write(RAM, assemble(LAYER, RAM));
    machine.write(GUEST_A, assemble('li s0, 0\n ecall', GUEST_A));
    machine.write(GUEST_B, assemble('loop: j loop', GUEST_B));
    machine.worlds({ machineMode: 'layer', supervisorMode: 'guest', currentGuest: current });
    machine.start(RAM, 0, 0);
    machine.run(2_000);
    const [from, to] = machine.accounting().guests;
    expect(from).toMatchObject({ entries: 1, instret: 1, layerInstret: 0, layerCycles: 0 });
    // Nine instructions (two of them loads of constants of two), and the trap and the return themselves.
    expect(to?.layerInstret).toBeGreaterThanOrEqual(9);
    expect(to?.entries).toBe(0);
  });

  it('count waiting as nobody’s', () => {
    const machine = machineWith('wfi\n j .');
    expect(machine.run(1e6)).toEqual({ kind: 'idle' });
  });
});

describe('the host at the UART', () => {
  const UART = 0x10000000;

  it('types bytes that the guest of that UART reads, and no other', () => {
    const machine = guestRun(`
      li t0, ${UART}
    wait:
      lbu t1, 5(t0)
      andi t1, t1, 1
      beqz t1, wait
      lbu a0, 0(t0)
      addi a0, a0, 1
      sb a0, 0(t0)
      j wait`);
    expect(machine.input(1, Uint8Array.of(0x78))).toBe(1);
    machine.run(machine.cycles + 20_000);
    expect(machine.consoles[0]?.text()).toBe('');
    expect(machine.input(0, new TextEncoder().encode('HAL'))).toBe(3);
    machine.run(machine.cycles + 20_000);
    expect(machine.consoles[0]?.text()).toBe('IBM');
  });

  it('is told how many bytes were taken', () => {
    const machine = guestRun('j .');
    expect(machine.input(0, new Uint8Array(10_000))).toBeLessThan(10_000);
    expect(machine.input(9, Uint8Array.of(1))).toBe(0);
  });
});
