// Descriptor abuse: whatever a guest writes into a queue or says about one fails that guest's device, and nothing else. Its
// neighbour's disk, console and interrupts are byte for byte what they are beside a guest that behaves; and after a reset
// the device serves its abuser as if nothing had been.
import { describe, expect, it } from 'vitest';
import { virtualSource } from '../../src/machine/board.ts';
import { BLOCK_STATUS } from '../../src/machine/devices/virtio/block.ts';
import { VIRTIO } from '../../src/machine/devices/virtio/registers.ts';
import { board, RAM_BASE } from '../../src/machine/index.ts';
import type { VirtualKind } from '../../src/machine/virtual-devices.ts';
import type { Booted, ModeName } from '../onboard/boot-guests.ts';
import {
  bootAssembled,
  END,
  ramEnd,
  report,
  runToEnd,
  SHARED_MODES,
  slotOf,
  SLOT_SIZE,
} from '../onboard/boot-guests.ts';
import { DISK_QUEUE, pattern, Requests, SECTOR } from './block-driver.ts';
import type { Descriptor, QueueSetup, Step } from './driver.ts';
import { BUFFERS, dataOf, DriverMemory, FLAG, load, notify, pageOf, scripted, setUp, STATUS } from './driver.ts';

const MS = 1_000_000;
const ABUSER = 0;
const NEIGHBOUR = 1;
const TRANSMIT = 1;
/** Where the abuser's good request lies. */
const GOOD_ROOM = 4;
const GUEST_MEMORY = { base: slotOf(ABUSER), end: slotOf(ABUSER) + SLOT_SIZE };
const NEIGHBOURS = dataOf(NEIGHBOUR) + BUFFERS;
const MMIO = board.find(({ kind }) => kind === 'plic')?.base ?? 0;
const CONFIG_CHANGED = 2n;

/** What the driver has done wrong when it notifies. */
interface Abuse {
  readonly descriptors?: readonly Descriptor[];
  readonly heads?: readonly number[];
  readonly index?: number;
  readonly queue?: QueueSetup;
}

const own = dataOf(ABUSER) + BUFFERS;
const at = (address: number | bigint, length = 16): Abuse => ({ descriptors: [{ address, length }] });

const CHAINS: Readonly<Record<string, Abuse>> = {
  'a chain that leads to itself': { descriptors: [{ address: own, length: 16, flags: FLAG.NEXT, next: 0 }] },
  'a chain in a circle': {
    descriptors: [0, 1, 2].map((n) => ({ address: own, length: 16, flags: FLAG.NEXT, next: (n + 1) % 3 })),
  },
  'a next beyond the table': { descriptors: [{ address: own, length: 16, flags: FLAG.NEXT, next: 8 }] },
  'a next far beyond the table': { descriptors: [{ address: own, length: 16, flags: FLAG.NEXT, next: 0xffff }] },
  'a head beyond the table': { ...at(own), heads: [8] },
  'a head far beyond the table': { ...at(own), heads: [0xffff] },
  'more chains than there are entries': { ...at(own), index: 9 },
  'an index that goes back': { ...at(own), index: 0xffff },
  'an indirect table': { descriptors: [{ address: own, length: 16, flags: FLAG.INDIRECT }] },
  'a readable buffer behind a writable one': {
    descriptors: [
      { address: own, length: 16, flags: FLAG.NEXT | FLAG.WRITE, next: 1 },
      { address: own, length: 16 },
    ],
  },
  'a buffer of its neighbour': at(NEIGHBOURS),
  'a buffer of the layer': at(RAM_BASE + 0x1000),
  'a buffer in the configuration block': at(0x8018_0000),
  'a buffer of registers': at(MMIO),
  'a buffer in its own virtual device': at(pageOf('disk')),
  'a buffer at 0': at(0),
  'a buffer beyond RAM': at(ramEnd(2)),
  'a buffer at the end of all addresses': at(0xffff_ffff_ffff_fff0n, 32),
  'a buffer that leads out of its slot': at(GUEST_MEMORY.end - 8, 16),
  'a buffer that begins before its slot': at(GUEST_MEMORY.base - 8, 16),
  'an absurd length': at(own, 0xffff_ffff),
  'absurd lengths, one behind the other': {
    descriptors: Array.from({ length: 8 }, (_, n) => ({
      address: own,
      length: 0xffff_ffff,
      flags: n < 7 ? FLAG.NEXT : 0,
      next: n + 1,
    })),
  },
};

const QUEUES: Readonly<Record<string, QueueSetup>> = {
  'a queue of no entries': { size: 0 },
  'a queue of three entries': { size: 3 },
  'a queue beyond the limit': { size: 128 },
  'a huge queue': { size: 0xffff_ffff },
  'descriptors of its neighbour': { descriptors: dataOf(NEIGHBOUR) },
  'an available ring of its neighbour': { available: dataOf(NEIGHBOUR) + 0x400 },
  'a used ring of its neighbour': { used: dataOf(NEIGHBOUR) + 0x800 },
  'descriptors in the layer': { descriptors: RAM_BASE },
  'an available ring in the layer': { available: RAM_BASE + 0x20_0000 },
  'a used ring in the layer': { used: RAM_BASE + 0x2000 },
  'a used ring of registers': { used: MMIO },
  'a used ring beyond RAM': { used: ramEnd(2) },
  'a used ring that leads out of its slot': { used: GUEST_MEMORY.end - 8 },
  'a used ring before all addresses': { used: 2 ** 53 - 4 },
  'descriptors on an odd address': { descriptors: dataOf(ABUSER) + 8 },
  'an available ring on an odd address': { available: dataOf(ABUSER) + 0x401 },
  'a used ring on an odd address': { used: dataOf(ABUSER) + 0x802 },
};

/** Requests to a disk that no disk could answer. */
const REQUESTS: Readonly<Record<string, Abuse>> = {
  'a request without room for a status': at(own),
  'a request of half a header': {
    descriptors: [
      { address: own, length: 8, flags: FLAG.NEXT, next: 1 },
      { address: own + 64, length: 1, flags: FLAG.WRITE },
    ],
  },
  'a request of nothing': { descriptors: [{ address: own, length: 0, flags: FLAG.WRITE }] },
  'a request with room only': { descriptors: [{ address: own, length: 64, flags: FLAG.WRITE }] },
};

const cases: [string, VirtualKind, number, Abuse][] = [
  ...Object.entries(CHAINS).flatMap(([name, abuse]): [string, VirtualKind, number, Abuse][] => [
    [`${name}, at the console`, 'console', TRANSMIT, abuse],
    [`${name}, at the disk`, 'disk', 0, abuse],
  ]),
  ...Object.entries(QUEUES).map(([name, queue]): [string, VirtualKind, number, Abuse] => [
    `${name}, at the disk`,
    'disk',
    0,
    { ...at(own), queue },
  ]),
  ...Object.entries(REQUESTS).map(([name, abuse]): [string, VirtualKind, number, Abuse] => [
    `${name}, at the disk`,
    'disk',
    0,
    abuse,
  ]),
];

function boot(mode: ModeName): Booted {
  const disk = { size: 64 * SECTOR, pool: undefined, quota: undefined };
  return bootAssembled(
    mode,
    [ABUSER, NEIGHBOUR].map((guest) => ({ source: scripted(virtualSource(guest)) })),
    {
      services: [
        { kind: 'console', of: [0, 1] },
        { kind: 'disk', of: [0, 1], disk },
      ],
    },
  );
}

interface Neighbour {
  readonly run: () => unknown;
}

/** It writes and reads its disk, speaks, and tells of each interrupt. */
function neighbour(booted: Booted): Neighbour {
  const memory = new DriverMemory(booted, NEIGHBOUR);
  const requests = new Requests(memory, [
    { sector: 5, data: pattern(1, 3 * SECTOR) },
    { sector: 5, length: 3 * SECTOR },
    { sector: 60, length: 9 * SECTOR },
  ]);
  const text = new TextEncoder().encode('all is well\n');
  memory.write(0x3_0000, text);
  memory.descriptors(TRANSMIT, [{ address: dataOf(NEIGHBOUR) + 0x3_0000, length: text.length }]);
  memory.available(TRANSMIT, [0]);
  memory.script([
    ...setUp('disk', NEIGHBOUR, DISK_QUEUE),
    ...setUp('console', NEIGHBOUR, { [TRANSMIT]: {} }),
    notify('disk', 0),
    notify('console', TRANSMIT),
    ['used', 0, 3],
    ['used', TRANSMIT, 1],
    load('disk', VIRTIO.STATUS),
    load('console', VIRTIO.STATUS),
    load('disk', VIRTIO.INTERRUPT_STATUS),
  ]);
  return {
    run: () => ({
      reports: booted.reports(NEIGHBOUR),
      statuses: requests.statuses(),
      data: [requests.data(1), requests.data(2)],
      used: [memory.used(0), memory.used(TRANSMIT)],
      said: booted.machine.layerConsole
        .text()
        .split('\n')
        .filter((line) => line.startsWith('guest1')),
      memory: booted.machine.read(dataOf(NEIGHBOUR), 0x1_0000),
    }),
  };
}

const undisturbed = new Map<string, unknown>();

function neighbourAlone(mode: ModeName): unknown {
  const known = undisturbed.get(mode);
  if (known !== undefined) return known;
  const booted = boot(mode);
  const { run } = neighbour(booted);
  new DriverMemory(booted, ABUSER).script([]);
  runToEnd(booted, 50 * MS);
  const result = run();
  undisturbed.set(mode, result);
  return result;
}

/** Abuses, looks what came of it, begins anew and reads a sector as it should. */
function abuse(booted: Booted, kind: VirtualKind, queue: number, { descriptors, heads, index, ...rest }: Abuse) {
  const memory = new DriverMemory(booted, ABUSER);
  const good = new Requests(memory, [{ sector: 1 }], GOOD_ROOM);
  if (descriptors) memory.descriptors(queue, descriptors);
  memory.available(queue, heads ?? [0], index);
  const again: Step[] = [
    ...setUp('disk', ABUSER, { 0: { room: GOOD_ROOM } }),
    load('disk', VIRTIO.STATUS),
    notify('disk', 0),
    ['used', GOOD_ROOM, 1],
  ];
  memory.script([
    ...setUp(kind, ABUSER, { [queue]: rest.queue ?? {} }),
    notify(kind, queue),
    load(kind, VIRTIO.STATUS),
    load(kind, VIRTIO.INTERRUPT_STATUS),
    // Whoever needs a reset hears nothing else.
    notify(kind, queue),
    load(kind, VIRTIO.STATUS),
    ...again,
  ]);
  return { memory, good };
}

// The other two modes are the same two layers with other tables.
describe.each(['colocated', 'virtualized'] as const)('when %s, its device alone fails by', (mode) => {
  it.each(cases)('%s', (_, kind, queue, what) => {
    const booted = boot(mode);
    const { run } = neighbour(booted);
    const { good, memory } = abuse(booted, kind, queue, what);
    runToEnd(booted, 50 * MS);
    const [status = 0n, interrupt, later, anew] = booted.reports(ABUSER);
    expect(Number(status) & STATUS.NEEDS_RESET).toBe(STATUS.NEEDS_RESET);
    // An error before DRIVER_OK is told by the status alone.
    expect(interrupt).toBe(what.queue ? 0n : CONFIG_CHANGED);
    expect(later).toBe(status);
    expect(anew).toBe(BigInt(STATUS.SET_UP));
    if (what.queue === undefined) expect(memory.used(queue)).toEqual([]);
    expect(good.statuses()).toEqual([BLOCK_STATUS.OK]);
    expect(run()).toEqual(neighbourAlone(mode));
    expect(booted.machine.ledger.entries).toEqual([]);
  });
});

describe.each(SHARED_MODES)('when %s, a driver that changes what the disk is at', (mode) => {
  const tamper = (steps: readonly Step[]): void => {
    const booted = boot(mode);
    const { run } = neighbour(booted);
    const memory = new DriverMemory(booted, ABUSER);
    new Requests(memory, [{ sector: 0, length: 16 * SECTOR }]);
    memory.script([...setUp('disk', ABUSER, DISK_QUEUE), notify('disk', 0), ...steps]);
    runToEnd(booted, 50 * MS);
    booted.machine.run(booted.machine.cycles + 2 * MS);
    expect(run()).toEqual(neighbourAlone(mode));
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.machine.layerConsole.text()).toBe('guest1: all is well\n');
  };
  const store = (offset: number, value: number): Step => ['store', pageOf('disk') + offset, value];

  it('turns its queue off and makes it huge', () => {
    tamper([store(VIRTIO.QUEUE_READY, 0), store(VIRTIO.QUEUE_SIZE, 0xffff_ffff)]);
  });
  it('turns its queue off, makes it huge and its chain a circle', () => {
    const flags = dataOf(ABUSER) + 12;
    tamper([store(VIRTIO.QUEUE_READY, 0), store(VIRTIO.QUEUE_SIZE, 0xffff_ffff), ['store', flags, FLAG.NEXT]]);
  });
  it('moves its queue elsewhere', () => {
    tamper([
      store(VIRTIO.QUEUE_READY, 0),
      store(VIRTIO.QUEUE_DESCRIPTORS_LOW, dataOf(NEIGHBOUR)),
      store(VIRTIO.QUEUE_USED_LOW, dataOf(NEIGHBOUR)),
      store(VIRTIO.QUEUE_READY, 1),
    ]);
  });
  it('resets it again and again', () => {
    tamper(Array.from({ length: 8 }, () => [...setUp('disk', ABUSER, DISK_QUEUE), notify('disk', 0)]).flat());
  });
  it('makes its chain a circle', () => {
    const descriptors = dataOf(ABUSER);
    tamper([
      ['store', descriptors + 12, FLAG.NEXT | FLAG.WRITE],
      ['store', descriptors + 16 + 12, FLAG.NEXT | (1 << 16)],
    ]);
  });
});

/** The registers of the layer's own disk, which it answers with its magic number or not at all. */
const PEEK = `
  la t0, caught
  csrw stvec, t0
  j over
  .align 2
caught:
  csrr t1, scause
  csrr t0, sepc
  addi t0, t0, 4
  csrw sepc, t0
  sret
over:
  li t0, 0x10005000
  lwu t1, 0(t0)
  ${report('t1')}
  ${END}
`;

describe('around the layer', () => {
  // Honest limits: where all memory is open, so is the disk behind the service, and no check of descriptors matters.
  it.each([
    ['colocated', 'open', 0x7472_6976n],
    ['partitioned', 'closed', 5n],
    ['open', 'open', 0x7472_6976n],
    ['virtualized', 'closed', 5n],
  ] as const)('in %s the layer’s own disk is %s', (mode, _, seen) => {
    const disk = { size: 64 * SECTOR, pool: undefined, quota: undefined };
    const booted = bootAssembled(mode, [{ source: PEEK }, { source: END }], {
      services: [{ kind: 'disk', of: [0, 1], disk }],
    });
    runToEnd(booted, 20 * MS);
    expect(booted.reports(0)).toEqual([seen]);
  });
});
