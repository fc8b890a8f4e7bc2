// The virtual Ethernet: frames from one guest's memory into another's, and into nobody else's. Hostile queues are the
// transport’s (abuse.test.ts); here it is what a card and a switch may be asked.
import { describe, expect, it } from 'vitest';
import { virtualSource } from '../../src/machine/board.ts';
import { VIRTIO } from '../../src/machine/devices/virtio/registers.ts';
import { type Booted, bootAssembled, type ModeName, runToEnd, SHARED_MODES } from '../onboard/boot-guests.ts';
import {
  BUFFERS,
  type Descriptor,
  dataOf,
  DriverMemory,
  FLAG,
  load,
  notify,
  type QueueSetup,
  type Step,
  STATUS,
  scripted,
  setUp,
} from './driver.ts';

const MS = 1_000_000;
const RECEIVE = 0;
const TRANSMIT = 1;
const HEADER_BYTES = 12;
/** What a card puts before each frame: one buffer, no offload. */
const HEADER = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
const ROOM = 0x800;
const QUEUES: Readonly<Record<number, QueueSetup>> = { [RECEIVE]: {}, [TRANSMIT]: {} };

const macOf = (guest: number): number[] => [0x52, 0x54, 0, 0x7a, 0xc0, guest + 1];
const EVERYBODY = [255, 255, 255, 255, 255, 255];
const NOBODY = [2, 0, 0, 0, 0, 9];
const frameOf = (to: readonly number[], from: number, length = 60): number[] => [
  ...to,
  ...macOf(from),
  ...Array.from({ length: length - 12 }, (_, index) => (index * 7 + from) & 255),
];

/** A guest's buffers and what it does; `receive` and `transmit` are the bytes of each chain, or its room. */
interface Part {
  readonly receive?: readonly number[];
  readonly transmit?: readonly (readonly number[])[];
  /** After set-up, and after what is to be sent was offered. */
  readonly steps?: readonly Step[];
}

const receiveAt = (index: number): number => BUFFERS + ROOM * index;
const transmitAt = (index: number): number => BUFFERS + ROOM * (8 + index);

interface Lan extends Booted {
  readonly memories: readonly DriverMemory[];
  /** Packets in the receive buffers of a guest, as the driver is told of them. */
  packets(guest: number): number[][];
}

/** The last guest runs first, so that those who receive are ready before the first one sends. */
function lan(mode: ModeName, parts: readonly Part[]): Lan {
  const booted = bootAssembled(
    mode,
    parts.map((_, guest) => ({ source: scripted(virtualSource(guest)), priority: 1 + guest })),
    { services: [{ kind: 'ethernet', of: parts.map((_, guest) => guest) }] },
  );
  const memories = parts.map(({ receive = [], transmit = [], steps = [] }, guest) => {
    const memory = new DriverMemory(booted, guest);
    const base = dataOf(guest);
    memory.descriptors(
      RECEIVE,
      receive.map((length, index) => ({ address: base + receiveAt(index), length, flags: FLAG.WRITE })),
    );
    memory.available(RECEIVE, [...receive.keys()]);
    transmit.forEach((bytes, index) => {
      memory.write(transmitAt(index), Uint8Array.from(bytes));
    });
    memory.descriptors(
      TRANSMIT,
      transmit.map(({ length }, index) => ({ address: base + transmitAt(index), length })),
    );
    memory.available(TRANSMIT, [...transmit.keys()]);
    memory.script([...setUp('ethernet', guest, QUEUES), notify('ethernet', RECEIVE), ...steps]);
    return memory;
  });
  return {
    ...booted,
    memories,
    packets: (guest) =>
      (memories[guest]?.used(RECEIVE) ?? []).map(({ head, written }) => [
        ...(memories[guest]?.read(receiveAt(head), written) ?? []),
      ]),
  };
}

const sent = (count: number): Step[] => [notify('ethernet', TRANSMIT), ['used', TRANSMIT, count]];
const plain = (frame: readonly number[]): number[] => [...Array(HEADER_BYTES).fill(0), ...frame];
const SIZES = [1536, 1536, 1536];
const heard: Step[] = [['used', RECEIVE, 1]];

describe.each(SHARED_MODES)('the virtual Ethernet, when %s,', (mode) => {
  it('tells each guest its address', () => {
    const steps = [
      load('ethernet', VIRTIO.DEVICE_ID),
      load('ethernet', VIRTIO.CONFIG),
      load('ethernet', VIRTIO.CONFIG + 4),
    ];
    const booted = lan(mode, [{ steps }, { steps }]);
    runToEnd(booted, 20 * MS);
    for (const guest of [0, 1]) {
      expect(booted.reports(guest)).toEqual([1n, 0x7a005452n, BigInt(0x01c0 + 0x100 * guest)]);
    }
  });

  it.each([14, 15, 60, 1513, 1514, 1518])(
    'carries a frame of %i bytes, and nothing else, to whom it is for',
    (length) => {
      const frame = frameOf(macOf(2), 0, length);
      const booted = lan(mode, [
        { transmit: [plain(frame)], steps: sent(1) },
        { receive: SIZES },
        { receive: SIZES, steps: [...heard, ['claim']] },
      ]);
      runToEnd(booted, 20 * MS);
      expect([0, 1, 2].map((guest) => booted.packets(guest))).toEqual([[], [], [[...HEADER, ...frame]]]);
      expect(booted.memories[0]?.used(TRANSMIT)).toEqual([{ head: 0, written: 0 }]);
      expect(booted.reports(2)).toEqual([BigInt(virtualSource(2))]);
      // Behind the frame the buffer is as it was.
      expect([...(booted.memories[2]?.read(receiveAt(0) + HEADER_BYTES + length, 8) ?? [])]).toEqual(Array(8).fill(0));
      expect(booted.machine.ledger.entries).toEqual([]);
    },
  );

  it.each([
    ['for all', EVERYBODY],
    ['for a group', [0x33, 0x33, 0, 0, 0, 1]],
    ['for nobody known', NOBODY],
  ])('carries a frame %s to all others', (_, to) => {
    const frame = frameOf(to, 0);
    const booted = lan(mode, [
      { receive: SIZES, transmit: [plain(frame)], steps: sent(1) },
      { receive: SIZES, steps: heard },
      { receive: SIZES, steps: heard },
    ]);
    runToEnd(booted, 20 * MS);
    const packet = [...HEADER, ...frame];
    expect([0, 1, 2].map((guest) => booted.packets(guest))).toEqual([[], [packet], [packet]]);
  });

  it('keeps frames in order, and loses those for which there is no buffer', () => {
    const frames = [1, 2, 3, 4, 5].map((n) => frameOf(macOf(1), 0, 60 + n));
    const booted = lan(mode, [{ transmit: frames.map(plain), steps: sent(5) }, { receive: SIZES }]);
    runToEnd(booted, 20 * MS);
    expect(booted.packets(1)).toEqual(frames.slice(0, 3).map((frame) => [...HEADER, ...frame]));
    expect(booted.memories[0]?.used(TRANSMIT)).toHaveLength(5);
    expect([booted.layerVariable('ethernet_delivered'), booted.layerVariable('ethernet_lost')]).toEqual([3, 2]);
  });

  it('takes no frame to itself, nor to a guest without a driver, and a buffer that is too small stays', () => {
    const frames = [frameOf(macOf(0), 0), frameOf(macOf(1), 0), frameOf(macOf(2), 0, 200), frameOf(macOf(2), 0, 60)];
    const booted = lan(mode, [
      { receive: SIZES, transmit: frames.map(plain), steps: sent(4) },
      { steps: [] },
      { receive: [100], steps: heard },
    ]);
    runToEnd(booted, 20 * MS);
    expect([0, 1, 2].map((guest) => booted.packets(guest))).toEqual([[], [], [[...HEADER, ...(frames[3] ?? [])]]]);
  });

  it('takes a packet in pieces, and gives one in pieces, whatever their lengths', () => {
    const frame = frameOf(macOf(1), 0, 301);
    const booted = lan(mode, [
      { transmit: [plain(frame)], steps: sent(1) },
      { receive: SIZES, steps: heard },
    ]);
    const pieces = (guest: number, at: number, lengths: readonly number[], flags: number): Descriptor[] =>
      lengths.map((length, index) => ({
        address: dataOf(guest) + at + lengths.slice(0, index).reduce((sum, bytes) => sum + bytes, 0),
        length,
        flags: flags | (index + 1 < lengths.length ? FLAG.NEXT : 0),
        next: index + 1,
      }));
    booted.memories[0]?.descriptors(TRANSMIT, pieces(0, transmitAt(0), [7, 5, 1, 90, 210], 0));
    booted.memories[1]?.descriptors(RECEIVE, pieces(1, receiveAt(0), [12, 14, 3, 400], FLAG.WRITE));
    booted.memories[1]?.available(RECEIVE, [0]);
    runToEnd(booted, 20 * MS);
    expect(booted.packets(1)).toEqual([[...HEADER, ...frame]]);
  });
});

const status = load('ethernet', VIRTIO.STATUS);
const BROKEN = BigInt(STATUS.SET_UP | STATUS.NEEDS_RESET);
const WELL = BigInt(STATUS.SET_UP);

describe.each(SHARED_MODES)('what is asked of a card that it cannot do, when %s,', (mode) => {
  it.each([
    ['a frame that ends within its header', plain(frameOf(macOf(2), 1, 13))],
    ['no frame at all', Array(HEADER_BYTES).fill(0)],
    ['half a header', [0, 0, 0]],
    ['a frame that is too long', plain(frameOf(macOf(2), 1, 1519))],
    ['a checksum to be made', [1, ...plain(frameOf(macOf(2), 1)).slice(1)]],
    ['a frame to be cut up', [0, 1, ...plain(frameOf(macOf(2), 1)).slice(2)]],
  ])('breaks the sender’s card alone: %s', (_, packet) => {
    const after = frameOf(macOf(2), 0);
    const booted = lan(mode, [
      { transmit: [plain(after)], steps: [...sent(1), status] },
      { transmit: [packet], steps: [notify('ethernet', TRANSMIT), status, notify('ethernet', TRANSMIT)] },
      { receive: SIZES, steps: [...heard, status] },
    ]);
    runToEnd(booted, 20 * MS);
    expect([0, 1, 2].map((guest) => booted.reports(guest))).toEqual([[WELL], [BROKEN], [WELL]]);
    expect(booted.memories[1]?.used(TRANSMIT)).toEqual([]);
    expect(booted.packets(2)).toEqual([[...HEADER, ...after]]);
  });

  it('breaks the receiver’s card alone: a buffer to receive into that has no room', () => {
    const booted = lan(mode, [
      { transmit: [plain(frameOf(macOf(2), 1))], steps: [...sent(1), status] },
      { receive: [0], steps: [] },
    ]);
    booted.memories[1]?.descriptors(RECEIVE, [{ address: dataOf(1), length: 100 }]);
    runToEnd(booted, 20 * MS);
    expect(booted.reports(0)).toEqual([WELL]);
    expect(booted.memories[1]?.used(RECEIVE)).toEqual([]);
  });

  it('never writes to memory of another: a receive buffer in the sender’s slot breaks the card that offers it', () => {
    const booted = lan(mode, [
      { transmit: [plain(frameOf(macOf(1), 0))], steps: [...sent(1), status] },
      { receive: [100], steps: [] },
    ]);
    booted.memories[1]?.descriptors(RECEIVE, [{ address: dataOf(0) + receiveAt(7), length: 1526, flags: FLAG.WRITE }]);
    runToEnd(booted, 20 * MS);
    expect(booted.reports(0)).toEqual([WELL]);
    expect([...(booted.memories[0]?.read(receiveAt(7), 64) ?? [])]).toEqual(Array(64).fill(0));
  });
});
