// Devices in virtio slots as software on the machine meets them.
import { describe, expect, it } from 'vitest';
import { BLOCK_REQUEST } from './devices/virtio/block.ts';
import { DESCRIPTOR } from './devices/virtio/descriptors.ts';
import { STATUS, VIRTIO } from './devices/virtio/registers.ts';
import type { VirtioSlot } from './devices/virtio/slots.ts';
import { assemble } from './isa/assemble.ts';
import { createMachine, type Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';

const RAM = 0x8000_0000;
const MIB = 2 ** 20;
const QUEUE = RAM + MIB;
const BUFFER = RAM + 2 * MIB;
const HEADER = RAM + 3 * MIB;
const REPORT = RAM + 4 * MIB;
const slotBase = (slot: number): number => 0x1000_1000 + 0x1000 * slot;
const QUEUE_ROOM = 0x10000;
const AVAILABLE = 0x4000;
const USED = 0x8000;

const image = Uint8Array.from({ length: 8192 }, (_, index) => (index >>> 9) + 1);
const DISK: VirtioSlot = { slot: 2, owner: 0, kind: 'block', image };

function machineWith(source: string, options: Partial<MachineOptions> = {}): Machine {
  const machine = createMachine({ ram: 8 * MIB, timing: 'inorder', guests: 2, ...options });
  machine.write(RAM, assemble(source, RAM));
  machine.ownership([
    { base: RAM, size: 8 * MIB, owner: 0 },
    { base: BUFFER, size: MIB, owner: 1 },
  ]);
  machine.worlds({ machineMode: 'layer', supervisorMode: 'guest', only: 0 });
  machine.start(RAM, 0, 0);
  return machine;
}

const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const descriptor = (paddr: number, length: number, flags: number, next: number): Uint8Array =>
  words(paddr, 0, length, flags | (next << 16));

/** A request for the sector at BUFFER, available at QUEUE. */
function requestSector(machine: Machine, type: number, sector: number): void {
  const data = type === BLOCK_REQUEST.READ ? DESCRIPTOR.WRITE : 0;
  machine.write(HEADER, words(type, 0, sector, 0));
  machine.write(QUEUE, descriptor(HEADER, 16, DESCRIPTOR.NEXT, 1));
  machine.write(QUEUE + 16, descriptor(BUFFER, 512, DESCRIPTOR.NEXT | data, 2));
  machine.write(QUEUE + 32, descriptor(HEADER + 16, 1, DESCRIPTOR.WRITE, 0));
  machine.write(QUEUE + AVAILABLE, Uint8Array.of(0, 0, 1, 0, 0, 0));
}

/** Brings a device up in M-mode, with queue 0 at QUEUE, queue 1 as far behind as QUEUE_ROOM, ... */
function bringUp(slot: number, queues = 1): string {
  const queueStores = Array.from({ length: queues }, (_, queue): (readonly [number, number])[] => [
    [VIRTIO.QUEUE_SELECT, queue],
    [VIRTIO.QUEUE_SIZE, 8],
    [VIRTIO.QUEUE_DESCRIPTORS_LOW, QUEUE + queue * QUEUE_ROOM],
    [VIRTIO.QUEUE_AVAILABLE_LOW, QUEUE + queue * QUEUE_ROOM + AVAILABLE],
    [VIRTIO.QUEUE_USED_LOW, QUEUE + queue * QUEUE_ROOM + USED],
    [VIRTIO.QUEUE_READY, 1],
  ]);
  const stores: readonly (readonly [number, number])[] = [
    [VIRTIO.STATUS, 0],
    [VIRTIO.STATUS, STATUS.ACKNOWLEDGE | STATUS.DRIVER],
    [VIRTIO.DRIVER_FEATURES_SELECT, 1],
    [VIRTIO.DRIVER_FEATURES, 1],
    [VIRTIO.STATUS, STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK],
    ...queueStores.flat(),
    [VIRTIO.STATUS, 0xf],
  ];
  const lines = stores.map(([offset, value]) => `li t1, ${value}\n sw t1, ${offset}(t0)`);
  return `li t0, ${slotBase(slot)}\n${lines.join('\n')}`;
}

const NOTIFY = `sw zero, ${VIRTIO.QUEUE_NOTIFY}(t0)`;
/** Waits for the slot's interrupt; the number claimed ends up at REPORT. */
const awaitInterrupt = (slot: number): string => `
  li t2, ${0x0c00_0000 + 4 * (slot + 1)}
  li t1, 1
  sw t1, 0(t2)
  li t2, 0x0c002000
  li t1, ${1 << (slot + 1)}
  sw t1, 0(t2)
  li t1, 0x800
  csrw mie, t1
  wfi
  li t2, 0x0c200004
  lw t1, 0(t2)
  li t3, ${REPORT}
  sw t1, 0(t3)
  lw t1, ${VIRTIO.INTERRUPT_STATUS}(t0)
  sw t1, 4(t3)
  sw t1, ${VIRTIO.INTERRUPT_ACK}(t0)
  li t1, ${slot + 1}
  sw t1, 0(t2)
  csrr t1, mip
  sw t1, 8(t3)`;
const END = `
  li t2, 0x100000
  li t1, 0x5555
  sw t1, 0(t2)
  j .`;

const reported = (machine: Machine, count: number): number[] => [
  ...new Uint32Array(machine.read(REPORT, 4 * count).buffer),
];

describe('the slots', () => {
  /** A word at an address, or the cause of the trap. */
  const PEEK = (address: number): string => `
    la t0, trapped
    csrw mtvec, t0
    li t0, ${address}
    lw a0, 0(t0)
    ${END}
    .align 2
  trapped:
    csrr a1, mcause
    ${END}`;
  const peek = (address: number, options: Partial<MachineOptions>): bigint[] => {
    const machine = machineWith(PEEK(address), options);
    machine.run(10_000);
    return [machine.x(10), machine.x(11)];
  };

  it('are nobody’s addresses unless they are asked for', () => {
    for (const address of [slotBase(0), 0x10_1000]) expect(peek(address, {})).toEqual([0n, 5n]);
  });

  it('are all there if one is, empty but for that', () => {
    const ids = (options: Partial<MachineOptions>) =>
      [0, 2, 7].map((slot) => peek(slotBase(slot) + VIRTIO.DEVICE_ID, options)[0]);
    expect(ids({ virtio: [] })).toEqual([0n, 0n, 0n]);
    expect(ids({ virtio: [DISK] })).toEqual([0n, 2n, 0n]);
    expect(peek(slotBase(7), { virtio: [] })[0]).toBe(0x74726976n);
    expect(peek(0x10_1004, { virtio: [] })).toEqual([0n, 0n]);
  });

  it('are refused to a scenario that cannot be', () => {
    const make = (...virtio: VirtioSlot[]) => createMachine({ ram: MIB, timing: 'inorder', guests: 1, virtio });
    const net = { owner: 0, kind: 'net', port: 'a', mac: '52:54:00:00:00:01' } as const;
    expect(() => make({ ...DISK, slot: 8 })).toThrow('there is no virtio slot 8: use 0 to 7');
    expect(() => make(DISK, DISK)).toThrow('two devices in virtio slot 2');
    expect(() => make({ ...net, slot: 0 }, { ...net, slot: 1 })).toThrow('two devices at the port a');
    expect(() => make({ ...net, slot: 0, mac: 'x' })).toThrow('is no MAC address');
    expect(() => make({ ...net, slot: 0, port: 'peer' })).toThrow('two devices at the port peer');
    expect(make({ ...net, slot: 0 }, { slot: 1, owner: 0, kind: 'console' }).terminals.size).toBe(1);
  });
});

describe('a disk in a slot', () => {
  const READ = `${bringUp(2)}\n${NOTIFY}\n${awaitInterrupt(2)}\n${END}`;

  function reading(sector: number, options: Partial<MachineOptions> = {}): Machine {
    const machine = machineWith(READ, { virtio: [DISK], ...options });
    requestSector(machine, BLOCK_REQUEST.READ, sector);
    return machine;
  }

  it('interrupts at its own source and has the sector in RAM', () => {
    const machine = reading(5);
    expect(machine.run(1e6).kind).toBe('finished');
    expect(reported(machine, 3)).toEqual([3, 1, 0]);
    expect([...machine.read(BUFFER, 512)]).toEqual(new Array(512).fill(6));
    expect([...machine.read(QUEUE + USED, 12)]).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 0, 0]);
  });

  it('acts for its owner, whoever notified it', () => {
    const machine = reading(5);
    machine.run(1e6);
    const seen = machine.ledger.entries
      .filter(({ kind }) => kind === 'dma')
      .map(({ kind, from, owner, address, changed }) => [...[kind, from, owner], ...[address, changed]]);
    expect(seen).toEqual([['dma', 0, 1, BUFFER, true]]);
  });

  it('does the same on two harts', () => {
    const both = `csrr t1, mhartid\n bnez t1, park\n${READ}\npark: j park`;
    const runs = [1, 2].map(() => {
      const machine = machineWith(both, { virtio: [DISK], harts: 2 });
      requestSector(machine, BLOCK_REQUEST.READ, 5);
      expect(machine.run(1e6).kind).toBe('finished');
      return [machine.hash(), machine.cycles, ...reported(machine, 3), machine.read(BUFFER, 1)[0]];
    });
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]?.slice(2)).toEqual([3, 1, 0, 6]);
  });

  it('forgets with a restore what was written since', () => {
    const machine = machineWith(READ, { virtio: [DISK] });
    requestSector(machine, BLOCK_REQUEST.WRITE, 1);
    machine.write(BUFFER, new Uint8Array(512).fill(0x77));
    const before = machine.snapshot();
    machine.run(1e6);
    const written = machine.snapshot();
    const hash = machine.hash();
    const readBack = (from: typeof before): number | undefined => {
      machine.restore(from);
      requestSector(machine, BLOCK_REQUEST.READ, 1);
      machine.start(RAM, 0, 0);
      machine.run(1e9);
      return machine.read(BUFFER, 1)[0];
    };
    expect(readBack(before)).toBe(2);
    expect(readBack(written)).toBe(0x77);
    expect(readBack(before)).toBe(2);
    machine.restore(before);
    machine.run(1e6);
    expect(machine.hash()).toBe(hash);
  });

  it('can be interrupted by a snapshot at any time', () => {
    const whole = reading(3);
    whole.run(1e6);
    for (const cycle of [200, 500, 10_000, 20_500]) {
      const machine = reading(3);
      machine.run(cycle);
      const snapshot = machine.snapshot();
      machine.run(1e6);
      machine.restore(snapshot);
      machine.run(1e6);
      expect([machine.hash(), machine.cycles]).toEqual([whole.hash(), whole.cycles]);
    }
  });

  it('replaces code that was run before', () => {
    const code = assemble('li a0, 2\n ret', 0);
    const disk: VirtioSlot = { ...DISK, image: Uint8Array.from([...code, ...new Uint8Array(512)]) };
    const machine = machineWith(
      `li a2, ${BUFFER}\n jalr a2\n mv a3, a0\n ${READ.replace(END, `li a2, ${BUFFER}\n jalr a2\n ${END}`)}`,
      { virtio: [disk] },
    );
    requestSector(machine, BLOCK_REQUEST.READ, 0);
    machine.write(BUFFER, assemble('li a0, 1\n ret', 0));
    machine.run(1e6);
    expect([machine.x(13), machine.x(10)]).toEqual([1n, 2n]);
  });

  it('ends a reservation of bytes that it writes, and of no others', () => {
    const attempt = (at: number): bigint => {
      const machine = machineWith(
        `${bringUp(2)}\n ${NOTIFY}\n li a0, ${at}\n lr.d a1, (a0)\n li a3, 12000
        again: addi a3, a3, -1\n bnez a3, again\n sc.d a4, a1, (a0)\n ${END}`,
        { virtio: [DISK], timing: 'functional' },
      );
      requestSector(machine, BLOCK_REQUEST.READ, 0);
      machine.run(1e6);
      return machine.x(14);
    };
    expect([BUFFER - 8, BUFFER, BUFFER + 504, BUFFER + 512].map(attempt)).toEqual([0n, 1n, 1n, 0n]);
  });
});

describe('other devices in slots', () => {
  it('answer through the network', () => {
    const mac = [0x52, 0x54, 0, 0, 0, 1];
    const machine = machineWith(
      `${bringUp(0, 2)}\n ${NOTIFY}\n li t1, 1\n sw t1, ${VIRTIO.QUEUE_NOTIFY}(t0)
      li a3, 100000\n again: addi a3, a3, -1\n bnez a3, again\n ${END}`,
      { virtio: [{ slot: 0, owner: 0, kind: 'net', port: 'eth', mac: '52:54:00:00:00:01' }] },
    );
    const ask = [...new Array(6).fill(255), ...mac, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, ...mac, 10, 0, 2, 15];
    machine.write(HEADER + 12, Uint8Array.from([...ask, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2]));
    machine.write(QUEUE, descriptor(BUFFER, 1526, DESCRIPTOR.WRITE, 0));
    machine.write(QUEUE + QUEUE_ROOM, descriptor(HEADER, 12 + 42, 0, 0));
    for (const queue of [0, 1]) {
      machine.write(QUEUE + queue * QUEUE_ROOM + AVAILABLE, Uint8Array.of(0, 0, 1, 0, 0, 0));
    }
    expect(machine.run(1e7).kind).toBe('finished');
    expect([...machine.read(BUFFER + 12, 12)]).toEqual([...mac, 0x52, 0x55, 10, 0, 2, 2]);
    expect([...machine.read(BUFFER + 12 + 20, 2)]).toEqual([0, 2]);
  });

  it('take what is typed and tell what is sent', () => {
    const machine = machineWith(
      `${bringUp(1, 2)}\n ${NOTIFY}\n ${awaitInterrupt(1)}\n li t1, 1\n sw t1, ${VIRTIO.QUEUE_NOTIFY}(t0)\n j .`,
      { virtio: [{ slot: 1, owner: 0, kind: 'console' }] },
    );
    machine.write(QUEUE, descriptor(BUFFER, 64, DESCRIPTOR.WRITE, 0));
    machine.write(QUEUE + QUEUE_ROOM, descriptor(BUFFER, 2, 0, 0));
    for (const queue of [0, 1]) {
      machine.write(QUEUE + queue * QUEUE_ROOM + AVAILABLE, Uint8Array.of(0, 0, 1, 0, 0, 0));
    }
    const sent: unknown[] = [];
    machine.probe.on('terminal', (event) => sent.push(event));
    expect(machine.run(50_000)).toEqual({ kind: 'idle' });
    const waiting = machine.cycles;
    expect([machine.inputTerminal(1, Uint8Array.of(104, 105)), machine.inputTerminal(0, Uint8Array.of(1))]).toEqual([
      2, 0,
    ]);
    machine.run(waiting + 10_000);
    expect(machine.terminals.get(1)?.output.text()).toBe('hi');
    expect(sent).toMatchObject([
      { slot: 1, byte: 104 },
      { slot: 1, byte: 105 },
    ]);
    expect(reported(machine, 2)).toEqual([2, 1]);
  });
});
