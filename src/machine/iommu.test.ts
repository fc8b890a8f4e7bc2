// The IOMMU on the machine: what software sets up in front of a DMA channel and a disk.

import { describe, expect, it } from 'vitest';
import { dmaDeviceId, iommu, virtioDeviceId } from './board.ts';
import { DMA, DMA_STATUS } from './devices/dma.ts';
import { IOMMU, QUEUE_CSR } from './devices/iommu/registers.ts';
import { iohgatp, PTE, pte, READ_WRITE } from './devices/iommu/toy-hypervisor.ts';
import { assemble } from './isa/assemble.ts';
import { createMachine, type Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';

const RAM = 0x8000_0000;
const MIB = 2 ** 20;
const DIRECTORY = RAM + MIB;
const FAULTS = RAM + MIB + 0x1000;
const ROOT = RAM + MIB + 0x4000;
const MIDDLE = RAM + MIB + 0x8000;
/** Where the guest's RAM lies, and where it sees it. */
const SLOT = RAM + 4 * MIB;
const GUEST = RAM + 32 * MIB;
const GUEST_CODE = SLOT + MIB;
const CHANNEL = 0x1004_0000;
const DONE = SLOT + MIB + 0x1000;

const doublewords = (...values: readonly bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(values).buffer);

/** Stores of 64 bits, in M-mode. */
const stores = (...pairs: readonly (readonly [number, number])[]): string =>
  pairs.map(([address, value]) => `li t0, ${address}\n li t1, ${value}\n sd t1, 0(t0)`).join('\n');
const stores32 = (...pairs: readonly (readonly [number, number])[]): string =>
  pairs.map(([address, value]) => `li t0, ${address}\n li t1, ${value}\n sw t1, 0(t0)`).join('\n');

const SET_UP = `
  ${stores([iommu.base + IOMMU.FQB, (FAULTS / 4) | 3])}
  ${stores32([iommu.base + IOMMU.FQCSR, QUEUE_CSR.ENABLE | QUEUE_CSR.INTERRUPT_ENABLE])}
  ${stores([iommu.base + IOMMU.DDTP, (DIRECTORY / 4) | 2])}`;
/** Leaves M-mode for the guest's code, which is in S-mode and bare; all memory is open to it. */
const ENTER_GUEST = `
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  csrw mcounteren, t0
  li t0, 0x800
  csrw mstatus, t0
  li t0, ${GUEST_CODE}
  csrw mepc, t0
  mret`;
/** In the guest: copies, waits, and keeps status and cycles. */
const transfer = (src: number, dst: number, length: number): string => `
  ${stores([CHANNEL + DMA.SRC, src], [CHANNEL + DMA.DST, dst], [CHANNEL + DMA.LENGTH, length])}
  csrr s1, cycle
  ${stores32([CHANNEL + DMA.CONTROL, 1])}
  li t0, ${CHANNEL + DMA.STATUS}
1:
  lw t1, 0(t0)
  andi t2, t1, 1
  bnez t2, 1b
  csrr s2, cycle
  li t0, ${DONE}
  sd t1, 0(t0)
  sub s2, s2, s1
  sd s2, 8(t0)
  j .`;

/** Guest 0 has 2 MiB at SLOT, which it sees at GUEST; guest 1 the next 2 MiB. */
function machineWith(layer: string, guest: string, options: Partial<MachineOptions> = {}): Machine {
  const machine = createMachine({ ram: 8 * MIB, timing: 'inorder', guests: 2, iommu: true, ...options });
  machine.write(RAM, assemble(layer + ENTER_GUEST, RAM));
  machine.write(GUEST_CODE, assemble(guest, GUEST_CODE));
  for (const device of [dmaDeviceId(0), virtioDeviceId(0)]) {
    machine.write(DIRECTORY + 32 * device, doublewords(1n, iohgatp(ROOT, 1)));
  }
  machine.write(ROOT + 8 * 2, doublewords(pte(MIDDLE, PTE.V)));
  machine.write(MIDDLE + 8 * 16, doublewords(pte(SLOT, READ_WRITE)));
  machine.ownership([
    { base: RAM, size: 8 * MIB, owner: 'layer' },
    { base: SLOT, size: 2 * MIB, owner: 0 },
    { base: SLOT + 2 * MIB, size: 2 * MIB, owner: 1 },
  ]);
  machine.worlds({ machineMode: 'layer', supervisorMode: 'guest', only: 0 });
  machine.start(RAM, 0, 0);
  return machine;
}

function outcome(machine: Machine): { readonly status: number; readonly cycles: number } {
  machine.run(200_000);
  const [status = 0n, cycles = 0n] = new BigUint64Array(machine.read(DONE, 16).buffer);
  return { status: Number(status), cycles: Number(cycles) };
}

const PATTERN = Uint8Array.from({ length: 6000 }, (_, index) => index % 251);

describe('a DMA channel behind the IOMMU', () => {
  it('moves what the guest means, wherever that lies', () => {
    const machine = machineWith(SET_UP, transfer(GUEST + 8, GUEST + 0x1_0000, PATTERN.length));
    machine.write(SLOT + 8, PATTERN);
    expect(outcome(machine).status).toBe(DMA_STATUS.DONE);
    expect(machine.read(SLOT + 0x1_0000, PATTERN.length)).toEqual(PATTERN);
  });

  it('reaches nothing else: error, fault record, wire, and no foreign effect', () => {
    for (const dst of [SLOT + 2 * MIB, SLOT, GUEST + 2 * MIB - 8, RAM, iommu.base]) {
      const machine = machineWith(SET_UP, transfer(GUEST, dst, 4096));
      const before = machine.read(SLOT, 4 * MIB);
      const told: object[] = [];
      machine.probe.on('refused', ({ cycle, ...refused }) => told.push(refused));
      expect(outcome(machine).status, `to 0x${dst.toString(16)}`).toBe(DMA_STATUS.DONE | DMA_STATUS.ERROR);
      const after = Buffer.from(machine.read(SLOT, 4 * MIB));
      after.set(before.subarray(DONE - SLOT, DONE - SLOT + 16), DONE - SLOT);
      expect(after.equals(before), 'nothing is stored, not even the part that might be').toBe(true);
      const [first = 0n, , iotval] = new BigUint64Array(machine.read(FAULTS, 32).buffer);
      expect([Number(first & 0xfffn), Number(first >> 40n)]).toEqual([23, dmaDeviceId(0)]);
      expect(told).toEqual([{ guest: 0, address: Number(iotval), write: true, cause: 23 }]);
      expect(Number(iotval)).toBe(Math.max(dst, dst === GUEST + 2 * MIB - 8 ? GUEST + 2 * MIB : dst));
      expect(machine.ledger.entries).toEqual([]);
    }
  });

  it('is as if alone while the IOMMU is bare, or not there', () => {
    const runs = [true, false].map((iommu) => {
      const machine = machineWith('', transfer(SLOT, SLOT + 2 * MIB, 4096), { iommu });
      return { ...outcome(machine), entries: machine.ledger.entries.length, cycles: machine.cycles };
    });
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]?.status).toBe(DMA_STATUS.DONE);
    expect(runs[0]?.entries).toBeGreaterThan(0);
  });

  it('waits for the walks: one context, one table walk of two references', () => {
    const alone = outcome(machineWith('', transfer(SLOT, SLOT + 0x1000, 4096)));
    const behind = outcome(machineWith(SET_UP, transfer(GUEST, GUEST + 0x1000, 4096)));
    const { walkStart, walkReference } = machineWith('', 'j .').timing;
    const walks = walkStart + 3 * walkReference;
    // The guest polls, so it sees the end some cycles late.
    expect(behind.cycles - alone.cycles).toBeGreaterThanOrEqual(walks - 60);
    expect(behind.cycles - alone.cycles).toBeLessThanOrEqual(walks + 60);
    const functional = { timing: 'functional' } as const;
    expect(outcome(machineWith(SET_UP, transfer(GUEST, GUEST + 0x1000, 4096), functional)).cycles).toBe(
      outcome(machineWith('', transfer(SLOT, SLOT + 0x1000, 4096), functional)).cycles,
    );
  });

  it('is absent unless asked for', () => {
    const layer = `la t0, 2f\n csrw mtvec, t0\n ${SET_UP}\n .align 2\n2:\n csrr a0, mcause\n j .`;
    const machine = machineWith(layer, 'j .', { iommu: false });
    machine.run(10_000);
    expect(machine.x(10)).toBe(7n);
  });
});

describe('its state', () => {
  it('belongs to snapshots and to the hash', () => {
    const make = () => machineWith(SET_UP, transfer(GUEST, SLOT, 4096));
    const straight = make();
    straight.run(200_000);
    const machine = make();
    machine.run(700);
    const snapshot = machine.snapshot();
    const middle = machine.hash();
    machine.run(200_000);
    expect(machine.hash()).toBe(straight.hash());
    expect(machine.hash()).not.toBe(middle);
    machine.restore(snapshot);
    expect(machine.hash()).toBe(middle);
    machine.run(200_000);
    expect(machine.hash()).toBe(straight.hash());
  });
});
