// A guest that uses its disk, console and network as it should, and one that it talks to, beside whatever a third does; and
// all that can be told of them, byte for byte.
import { virtualSource } from '../../src/machine/board.ts';
import { VIRTIO } from '../../src/machine/devices/virtio/registers.ts';
import type { AssembledGuest, Booted, ModeName } from '../onboard/boot-guests.ts';
import { bootAssembled, runToEnd } from '../onboard/boot-guests.ts';
import { ABUSER, GUESTS, NEIGHBOUR } from './abuses.ts';
import { DISK_QUEUE, pattern, Requests, SECTOR } from './block-driver.ts';
import { dataOf, DriverMemory, FLAG, load, notify, pageOf, type QueueSetup, scripted, setUp } from './driver.ts';

export const MS = 1_000_000;
export const TRANSMIT = 1;
const RECEIVE = 0;
const PEER = 2;
/** Rooms of the network's queues, and where its packets lie. */
const ROOM = { [RECEIVE]: 2, [TRANSMIT]: 3 } as const;
const NETWORK: Readonly<Record<number, QueueSetup>> = {
  [RECEIVE]: { room: ROOM[RECEIVE] },
  [TRANSMIT]: { room: ROOM[TRANSMIT] },
};
const PACKETS = 0x3_1000;
const PACKET_ROOM = 0x800;
const HEADER_BYTES = 12;
/** Of a 16550A. */
const MODEM_CONTROL = 4;
const DTR_RTS = 3;
const EVERYBODY = [255, 255, 255, 255, 255, 255];

const macOf = (guest: number): number[] => [0x52, 0x54, 0, 0x7a, 0xc0, guest + 1];
const packet = (to: readonly number[], from: number): Uint8Array =>
  Uint8Array.from([...Array(HEADER_BYTES).fill(0), ...to, ...macOf(from), ...pattern(from, 300)]);

/** The abuser does its worst first, and then has little of the hart; the peer is ready before the neighbour sends.
 * @param abuser in place of one that carries out scripts */
export function withServices(mode: ModeName, abuser: string = scripted(virtualSource(ABUSER))): Booted {
  const all = Array.from({ length: GUESTS }, (_, guest) => guest);
  const disk = { size: 64 * SECTOR, pool: undefined, quota: undefined };
  const guests: AssembledGuest[] = [
    { source: abuser, priority: 3, budget: '2ms/10ms' },
    { source: scripted(virtualSource(NEIGHBOUR)), priority: 1 },
    { source: scripted(virtualSource(PEER)), priority: 2 },
  ];
  return bootAssembled(mode, guests, {
    services: [
      { kind: 'console', of: all },
      { kind: 'disk', of: all, disk },
      { kind: 'ethernet', of: all },
      { kind: 'serial', of: [ABUSER, PEER] },
    ],
  });
}

/** Offers a frame to the sender itself, which nobody gets. */
export function offerFrame(memory: DriverMemory, room: number): void {
  const bytes = packet(macOf(memory.guest), memory.guest);
  memory.write(PACKETS, bytes);
  memory.descriptors(room, [{ address: dataOf(memory.guest) + PACKETS, length: bytes.length }]);
  memory.available(room, [0]);
}

/** Offers these packets, and rooms to receive so many. */
function network(memory: DriverMemory, packets: readonly Uint8Array[], rooms: number): () => unknown {
  const at = (index: number): number => PACKETS + PACKET_ROOM * index;
  const receiveAt = (index: number): number => at(packets.length + index);
  const base = dataOf(memory.guest);
  packets.forEach((bytes, index) => {
    memory.write(at(index), bytes);
  });
  memory.descriptors(
    ROOM[TRANSMIT],
    packets.map(({ length }, index) => ({ address: base + at(index), length })),
  );
  memory.available(ROOM[TRANSMIT], [...packets.keys()]);
  const received = Array.from({ length: rooms }, (_, index) => ({
    address: base + receiveAt(index),
    length: 1536,
    flags: FLAG.WRITE,
  }));
  memory.descriptors(ROOM[RECEIVE], received);
  memory.available(ROOM[RECEIVE], [...received.keys()]);
  return () => ({
    sent: memory.used(ROOM[TRANSMIT]),
    received: memory
      .used(ROOM[RECEIVE])
      .slice(0, rooms)
      .map(({ head, written }) => memory.read(receiveAt(head), written)),
  });
}

/** It writes and reads its disk, speaks, sends a frame to all, and hears its peer's answer. */
function neighbour(booted: Booted): () => unknown {
  const memory = new DriverMemory(booted, NEIGHBOUR);
  const requests = new Requests(memory, [
    { sector: 5, data: pattern(1, 3 * SECTOR) },
    { sector: 5, length: 3 * SECTOR },
    { sector: 60, length: 9 * SECTOR },
  ]);
  const frames = network(memory, [packet(EVERYBODY, NEIGHBOUR)], 1);
  const text = new TextEncoder().encode('all is well\n');
  memory.write(0x3_0000, text);
  memory.descriptors(TRANSMIT, [{ address: dataOf(NEIGHBOUR) + 0x3_0000, length: text.length }]);
  memory.available(TRANSMIT, [0]);
  memory.script([
    ...setUp('disk', NEIGHBOUR, DISK_QUEUE),
    ...setUp('console', NEIGHBOUR, { [TRANSMIT]: {} }),
    ...setUp('ethernet', NEIGHBOUR, NETWORK),
    notify('disk', 0),
    notify('console', TRANSMIT),
    notify('ethernet', TRANSMIT),
    ['used', 0, 3],
    ['used', TRANSMIT, 1],
    ['used', ROOM[RECEIVE], 1],
    load('disk', VIRTIO.STATUS),
    load('console', VIRTIO.STATUS),
    load('ethernet', VIRTIO.STATUS),
    load('disk', VIRTIO.INTERRUPT_STATUS),
  ]);
  return () => ({
    reports: booted.reports(NEIGHBOUR),
    statuses: requests.statuses(),
    data: [requests.data(1), requests.data(2)],
    used: [memory.used(0), memory.used(TRANSMIT)],
    frames: frames(),
    said: booted.machine.layerConsole
      .text()
      .split('\n')
      .filter((line) => line.startsWith('guest1')),
    memory: booted.machine.read(dataOf(NEIGHBOUR), 0x1_0000),
  });
}

/** It answers what it hears, to the one who said it. */
function peer(booted: Booted): () => unknown {
  const memory = new DriverMemory(booted, PEER);
  const frames = network(memory, [packet(macOf(NEIGHBOUR), PEER)], 1);
  memory.script([
    // It listens to what comes on its serial line, too, though it takes none of it.
    ['store', pageOf('serial') + MODEM_CONTROL, DTR_RTS],
    ...setUp('ethernet', PEER, NETWORK),
    notify('ethernet', RECEIVE),
    ['used', ROOM[RECEIVE], 1],
    notify('ethernet', TRANSMIT),
    load('ethernet', VIRTIO.STATUS),
  ]);
  return () => ({ reports: booted.reports(PEER), frames: frames() });
}

export interface Bystanders {
  areDone(): boolean;
  tell(): unknown;
}

export function bystanders(booted: Booted): Bystanders {
  const all = [neighbour(booted), peer(booted)];
  return {
    areDone: () => [NEIGHBOUR, PEER].every((guest) => booted.monitor(guest).ended),
    tell: () => all.map((tell) => tell()),
  };
}

const undisturbed = new Map<string, unknown>();

/** The same beside a guest that does nothing. */
export function bystandersAlone(mode: ModeName): unknown {
  const known = undisturbed.get(mode);
  if (known !== undefined) return known;
  const booted = withServices(mode);
  const { tell } = bystanders(booted);
  new DriverMemory(booted, ABUSER).script([]);
  runToEnd(booted, 50 * MS);
  const result = tell();
  undisturbed.set(mode, result);
  return result;
}
