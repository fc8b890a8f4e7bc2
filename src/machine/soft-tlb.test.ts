import { describe, expect, it } from 'vitest';
import { assemble } from './isa/assemble.ts';
import { createMachine, type Machine } from './machine.ts';

const MIB = 2 ** 20;
const RAM = 0x80000000;
const CURRENT = RAM + 0x8000;
const GUESTS = [RAM + 2 * MIB, RAM + 3 * MIB] as const;

const START = `
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, trapped
  csrw mtvec, t0
  li t0, 0x1800
  csrc mstatus, t0
  li t0, 0x800
  csrs mstatus, t0
  li s0, ${CURRENT}
  li s1, 0
`;

/** A layer in M-mode whose handler is `trapped`, and two guests in bare S-mode that do `work`. */
function twoGuests(trapped: string, work: readonly [string, string]): Machine {
  const machine = createMachine({ ram: 4 * MIB, timing: 'inorder', guests: 2 });
  machine.ownership([
    { base: RAM, size: 2 * MIB, owner: 'layer' },
    ...GUESTS.map((base, owner) => ({ base, size: MIB, owner })),
  ]);
  machine.worlds({ machineMode: 'layer', supervisorMode: 'guest', currentGuest: CURRENT });
  const enter = (guest: number) => `li t0, ${guest}\n sw t0, 0(s0)\n li t0, ${GUESTS[guest]}\n csrw mepc, t0\n mret\n`;
  const layer = `${START} ${enter(0)} .align 2\n trapped: addi s1, s1, 1\n ${trapped}`;
  machine.write(
    RAM,
    assemble(
      layer.replaceAll(/ENTER_(\d)/g, (_, guest) => enter(Number(guest))),
      RAM,
    ),
  );
  GUESTS.forEach((base, guest) => {
    machine.write(base, assemble(work[guest] ?? '', base));
  });
  machine.start(RAM, 0, 0);
  machine.run(20_000);
  return machine;
}

const reads = (machine: Machine) =>
  machine.ledger.entries
    .filter(({ kind }) => kind === 'read')
    .map(({ from, owner, address }) => [from, owner, address]);

describe('what the soft-TLBs hold', () => {
  it('is of the world that filled them: the next one’s access to the same page is seen', () => {
    const place = GUESTS[0] + 0x5000;
    const work = `li t1, ${place}\n ld t2, 0(t1)\n ld t2, 0(t1)\n ecall\n j .`;
    const machine = twoGuests('li t0, 1\n bne s1, t0, stop\n ENTER_1 stop: wfi\n j stop', [work, work]);
    expect(reads(machine)).toEqual([[1, 0, place]]);
  });

  it('is, where the layer goes over to another world, that one’s alone', () => {
    const place = GUESTS[1] + 0x5000;
    const work = 'ecall\n j .';
    // It looks into guest 1 on its behalf, and once more on behalf of guest 0.
    const handler = `
      li s2, ${place}
      li t0, 1
      bne s1, t0, again
      sw t0, 0(s0)
      ld t2, 0(s2)
      ENTER_0
    again:
      ld t2, 0(s2)
    stop: wfi
      j stop`;
    expect(reads(twoGuests(handler, [work, work]))).toEqual([['layer', 1, place]]);
  });

  it('is of SUM: a user page is refused as soon as SUM is cleared', () => {
    const machine = createMachine({ ram: 4 * MIB, timing: 'inorder', guests: 0 });
    const page = (address: number, bits: number) => ((BigInt(address) >> 12n) << 10n) | BigInt(bits);
    const table = (address: number, entries: Record<number, bigint>) => {
      const words = new BigUint64Array(512);
      for (const [index, entry] of Object.entries(entries)) words[Number(index)] = entry;
      machine.write(address, new Uint8Array(words.buffer));
    };
    const [root, next] = [RAM + 0x10000, RAM + 0x11000];
    // RAM where it lies for S; the 2 MiB behind its first 2 MiB, for U.
    table(root, { 2: page(next, 1) });
    table(next, { 0: page(RAM, 0xcf), 1: page(RAM + 2 * MIB, 0xdf) });
    const program = `${START}
      li t0, ${(8n << 60n) | (BigInt(root) >> 12n)}
      csrw satp, t0
      la t0, supervisor
      csrw mepc, t0
      mret
    supervisor:
      li s2, ${1 << 18}
      li s3, ${RAM + 2 * MIB}
      csrs sstatus, s2
      ld t1, 0(s3)
      li s4, 1
      csrc sstatus, s2
      ld t1, 0(s3)
      li s4, 2
      j .
      .align 2
    trapped: csrr s5, mcause
      j .`;
    machine.write(RAM, assemble(program, RAM));
    machine.start(RAM, 0, 0);
    machine.run(5_000);
    expect([machine.x(20), machine.x(21)]).toEqual([1n, 13n]);
  });
});
