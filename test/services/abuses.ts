// What a driver can do wrong with a queue of any virtio device, and with requests to a disk.
import { board, RAM_BASE } from '../../src/machine/index.ts';
import { ramEnd, slotOf, SLOT_SIZE } from '../onboard/boot-guests.ts';
import type { Descriptor, QueueSetup } from './driver.ts';
import { BUFFERS, dataOf, FLAG, pageOf } from './driver.ts';

/** Guests by their numbers. */
export const ABUSER = 0;
export const NEIGHBOUR = 1;
export const GUESTS = 3;
const GUEST_MEMORY = { base: slotOf(ABUSER), end: slotOf(ABUSER) + SLOT_SIZE };
const NEIGHBOURS = dataOf(NEIGHBOUR) + BUFFERS;
const MMIO = board.find(({ kind }) => kind === 'plic')?.base ?? 0;

/** What the driver has done wrong when it notifies. */
export interface Abuse {
  readonly descriptors?: readonly Descriptor[];
  readonly heads?: readonly number[];
  readonly index?: number;
  readonly queue?: QueueSetup;
}

const own = dataOf(ABUSER) + BUFFERS;
const at = (address: number | bigint, length = 16): Abuse => ({ descriptors: [{ address, length }] });

export const CHAINS: Readonly<Record<string, Abuse>> = {
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
  'a buffer beyond RAM': at(ramEnd(GUESTS)),
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

export const QUEUES: Readonly<Record<string, QueueSetup>> = {
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
  'a used ring beyond RAM': { used: ramEnd(GUESTS) },
  'a used ring that leads out of its slot': { used: GUEST_MEMORY.end - 8 },
  'a used ring before all addresses': { used: 2 ** 53 - 4 },
  'descriptors on an odd address': { descriptors: dataOf(ABUSER) + 8 },
  'an available ring on an odd address': { available: dataOf(ABUSER) + 0x401 },
  'a used ring on an odd address': { used: dataOf(ABUSER) + 0x802 },
};

/** Requests to a disk that no disk could answer. */
export const REQUESTS: Readonly<Record<string, Abuse>> = {
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

/** Packets that no card could send. */
export const PACKETS: Readonly<Record<string, Abuse>> = {
  'a packet of nothing': at(own, 0),
  'a packet of a header': at(own, 12),
  'a packet of half a megabyte': at(own, 0x8_0000),
  'a packet in pieces that are too long together': {
    descriptors: Array.from({ length: 8 }, (_, n) => ({
      address: own,
      length: 1000,
      flags: n < 7 ? FLAG.NEXT : 0,
      next: n + 1,
    })),
  },
  'a packet with room only': { descriptors: [{ address: own, length: 72, flags: FLAG.WRITE }] },
};

/** What no card could write a packet to. */
export const ROOMS: Readonly<Record<string, Abuse>> = {
  'a buffer that is not to be written': at(own, 1536),
  'a buffer of no bytes': { descriptors: [{ address: own, length: 0, flags: FLAG.WRITE }] },
};
