// Descriptor abuse: whatever a guest writes into a queue or says about one fails that guest's device, and nothing else. Its
// neighbour's disk, console, network and interrupts are byte for byte what they are beside a guest that behaves; and after a
// reset the device serves its abuser as if nothing had been.
import { describe, expect, it } from 'vitest';
import { BLOCK_STATUS } from '../../src/machine/devices/virtio/block.ts';
import { VIRTIO } from '../../src/machine/devices/virtio/registers.ts';
import type { VirtualKind } from '../../src/machine/virtual-devices.ts';
import type { Booted } from '../onboard/boot-guests.ts';
import { bootAssembled, END, report, runToEnd, runUntil, SHARED_MODES } from '../onboard/boot-guests.ts';
import { ABUSER, type Abuse, CHAINS, NEIGHBOUR, PACKETS, QUEUES, REQUESTS, ROOMS } from './abuses.ts';
import { bystanders, bystandersAlone, MS, offerFrame, TRANSMIT, withServices } from './bystanders.ts';
import { DISK_QUEUE, Requests, SECTOR } from './block-driver.ts';
import type { Step } from './driver.ts';
import { dataOf, DriverMemory, FLAG, load, notify, pageOf, setUp, STATUS } from './driver.ts';

/** Where the abuser's good requests lie. */
const GOOD_ROOM = 4;
const GOOD_FRAME_ROOM = 5;
/** Nobody's: the host lets the abuser go on by a used index there. */
const GATE = 6;
const RECEIVE = 0;
const CONFIG_CHANGED = 2n;

/** What one writes to receive into must be writable, else no receiver gets as far as what is wrong with it. */
const toReceive = ({ descriptors, ...rest }: Abuse): Abuse => ({
  ...rest,
  ...(descriptors && {
    descriptors: descriptors.map((each) => ({ ...each, flags: (each.flags ?? 0) | FLAG.WRITE })),
  }),
});
/** Of two buffers to write to nothing is wrong. */
const FAULTLESS_TO_RECEIVE = 'a readable buffer behind a writable one';

type Case = [string, VirtualKind, number, Abuse];
const cases: Case[] = [
  ...Object.entries(CHAINS).flatMap(([name, abuse]): Case[] => [
    [`${name}, at the console`, 'console', TRANSMIT, abuse],
    [`${name}, at the disk`, 'disk', 0, abuse],
    [`${name}, to be sent`, 'ethernet', TRANSMIT, abuse],
    ...(name === FAULTLESS_TO_RECEIVE
      ? []
      : [[`${name}, to receive into`, 'ethernet', RECEIVE, toReceive(abuse)] satisfies Case]),
  ]),
  ...Object.entries(QUEUES).flatMap(([name, queue]): Case[] => [
    [`${name}, at the disk`, 'disk', 0, { ...CHAINS['a buffer at 0'], queue }],
    [`${name}, at the network`, 'ethernet', TRANSMIT, { ...CHAINS['a buffer at 0'], queue }],
  ]),
  ...Object.entries(REQUESTS).map(([name, abuse]): Case => [`${name}, at the disk`, 'disk', 0, abuse]),
  ...Object.entries(PACKETS).map(([name, abuse]): Case => [`${name}, to be sent`, 'ethernet', TRANSMIT, abuse]),
  ...Object.entries(ROOMS).map(([name, abuse]): Case => [`${name}, to receive into`, 'ethernet', RECEIVE, abuse]),
];

/** Abuses, looks what came of it, begins anew, reads a sector and sends a frame as it should. */
function abuse(booted: Booted, kind: VirtualKind, queue: number, { descriptors, heads, index, ...rest }: Abuse) {
  const memory = new DriverMemory(booted, ABUSER);
  const good = new Requests(memory, [{ sector: 1 }], GOOD_ROOM);
  offerFrame(memory, GOOD_FRAME_ROOM);
  if (descriptors) memory.descriptors(queue, descriptors);
  memory.available(queue, heads ?? [0], index);
  // A buffer to receive into is looked at when a frame comes.
  const isLate = kind === 'ethernet' && queue === RECEIVE && rest.queue === undefined;
  const again: Step[] = [
    ...setUp('disk', ABUSER, { 0: { room: GOOD_ROOM } }),
    load('disk', VIRTIO.STATUS),
    notify('disk', 0),
    ['used', GOOD_ROOM, 1],
    ...setUp('ethernet', ABUSER, { [TRANSMIT]: { room: GOOD_FRAME_ROOM } }),
    load('ethernet', VIRTIO.STATUS),
    notify('ethernet', TRANSMIT),
    ['used', GOOD_FRAME_ROOM, 1],
  ];
  memory.script([
    ...setUp(kind, ABUSER, { [queue]: rest.queue ?? {} }),
    notify(kind, queue),
    ...(isLate ? [['spin', GATE, 1] satisfies Step] : []),
    load(kind, VIRTIO.STATUS),
    load(kind, VIRTIO.INTERRUPT_STATUS),
    // Whoever needs a reset hears nothing else.
    notify(kind, queue),
    load(kind, VIRTIO.STATUS),
    ...again,
  ]);
  return { memory, good, isLate };
}

// The other two modes are the same two layers with other tables.
describe.each(['colocated', 'virtualized'] as const)('when %s, its device alone fails by', (mode) => {
  it.each(cases)('%s', (_, kind, queue, what) => {
    const booted = withServices(mode);
    const seen = bystanders(booted);
    const { good, memory, isLate } = abuse(booted, kind, queue, what);
    if (isLate) {
      runUntil(booted, 'done', () => seen.areDone(), 50 * MS);
      memory.use(GATE, 1);
    }
    runToEnd(booted, 50 * MS);
    const [status = 0n, interrupt, later, ...anew] = booted.reports(ABUSER);
    expect(Number(status) & STATUS.NEEDS_RESET).toBe(STATUS.NEEDS_RESET);
    // An error before DRIVER_OK is told by the status alone.
    expect(interrupt).toBe(what.queue ? 0n : CONFIG_CHANGED);
    expect(later).toBe(status);
    expect(anew).toEqual([BigInt(STATUS.SET_UP), BigInt(STATUS.SET_UP)]);
    if (what.queue === undefined) expect(memory.used(queue)).toEqual([]);
    expect(good.statuses()).toEqual([BLOCK_STATUS.OK]);
    expect(memory.used(GOOD_FRAME_ROOM)).toEqual([{ head: 0, written: 0 }]);
    expect(seen.tell()).toEqual(bystandersAlone(mode));
    expect(booted.machine.ledger.entries).toEqual([]);
  });
});

describe.each(SHARED_MODES.flatMap((mode) => (['disk', 'ethernet'] as const).map((kind) => ({ mode, kind }))))(
  'when $mode, a driver that changes what its $kind is at',
  ({ mode, kind }) => {
    const setting = kind === 'disk' ? DISK_QUEUE : { [RECEIVE]: {} };
    /** Of a disk, that is the chain under way; of a network, the one that the next frame goes to. */
    const tamper = (steps: readonly Step[]): void => {
      const booted = withServices(mode);
      const { tell } = bystanders(booted);
      const memory = new DriverMemory(booted, ABUSER);
      new Requests(memory, [{ sector: 0, length: 16 * SECTOR }]);
      memory.script([...setUp(kind, ABUSER, setting), notify(kind, 0), ...steps]);
      runToEnd(booted, 50 * MS);
      booted.machine.run(booted.machine.cycles + 2 * MS);
      expect(tell()).toEqual(bystandersAlone(mode));
      expect(booted.machine.ledger.entries).toEqual([]);
      expect(booted.machine.layerConsole.text()).toBe('guest1: all is well\n');
    };
    const store = (offset: number, value: number): Step => ['store', pageOf(kind) + offset, value];

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
      tamper(Array.from({ length: 8 }, () => [...setUp(kind, ABUSER, setting), notify(kind, 0)]).flat());
    });
    it('makes its chain a circle', () => {
      const descriptors = dataOf(ABUSER);
      tamper([
        ['store', descriptors + 12, FLAG.NEXT | FLAG.WRITE],
        ['store', descriptors + 16 + 12, FLAG.NEXT | (1 << 16)],
      ]);
    });
  },
);

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
