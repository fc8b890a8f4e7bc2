// A driver of virtual devices as a test wants it: the guest carries out a list of stores, loads and waits that lies in its
// memory, and the host lays out the queues there, sound or not, before the machine starts.
import { VIRTIO } from '../../src/machine/devices/virtio/registers.ts';
import { type VirtualKind, virtualDevice } from '../../src/machine/virtual-devices.ts';
import type { Booted } from '../onboard/boot-guests.ts';
import { DATA_OFFSET, END, slotOf } from '../onboard/boot-guests.ts';

/** Where things lie, from DATA on. */
const SCRIPT = 0x4_0000;
const STEP_BYTES = 24;
const QUEUE_ROOM = 0x1000;
const AVAILABLE = 0x400;
const USED = 0x800;
export const BUFFERS = 0x8000;

/** 0 stands where no script was laid out yet: the guest waits for one. */
const OPERATIONS = { store: 1, load: 2, used: 3, claim: 4, complete: 5, reboot: 6, spin: 7, end: 8 } as const;

export type Step =
  /** A store to a register of a virtual device. */
  | readonly ['store', number, number]
  /** A load, which is reported. */
  | readonly ['load', number]
  /** Waits in WFI for an interrupt of the virtual devices until the used index in a room is that. */
  | readonly ['used', number, number]
  /** The same, but looks again and again. */
  | readonly ['spin', number, number]
  /** Reports which source the PLIC gives; and then completes it. */
  | readonly ['claim']
  | readonly ['complete']
  /** Asks to be started anew; its next life waits for another script. */
  | readonly ['reboot'];

export const pageOf = (kind: VirtualKind): number => virtualDevice(kind, 0).base;
export const dataOf = (guest: number): number => slotOf(guest) + DATA_OFFSET;
/** Rooms for queues: queue n lies in room n unless it is said where. */
const roomAt = (guest: number, room: number): number => dataOf(guest) + QUEUE_ROOM * room;

/** Carries the script out, and ends; s1 = the next step. A heartbeat tells that it begins. */
export const scripted = (source: number): string => `
  li t0, MONITOR + MONITOR_HEARTBEAT
  sd t0, 0(t0)
  li s5, 1 << ${source}
  li s2, PLIC + PLIC_S_ENABLE
  sw s5, 0(s2)
  li s3, PLIC + PLIC_S_CLAIM
  li t0, 0x200
  csrw sie, t0
  li s1, DATA + ${SCRIPT}
  li s6, MONITOR + MONITOR_REPORT
1:
  ld t0, 0(s1)
  beqz t0, 1b
  ld t1, 8(s1)
  ld t2, 16(s1)
  addi s1, s1, ${STEP_BYTES}
  li t3, ${OPERATIONS.store}
  beq t0, t3, 2f
  li t3, ${OPERATIONS.load}
  beq t0, t3, 3f
  li t3, ${OPERATIONS.used}
  beq t0, t3, 4f
  li t3, ${OPERATIONS.claim}
  beq t0, t3, 5f
  li t3, ${OPERATIONS.complete}
  beq t0, t3, 7f
  li t3, ${OPERATIONS.spin}
  beq t0, t3, 8f
  li t3, ${OPERATIONS.reboot}
  beq t0, t3, 6f
  ${END}
2:
  sw t2, 0(t1)
  j 1b
3:
  lwu t2, 0(t1)
  sd t2, 0(s6)
  j 1b
4:
  lhu t3, 0(t1)
  beq t3, t2, 1b
  wfi
  j 4b
5:
  lwu t3, 0(s3)
  sd t3, 0(s6)
  mv s7, t3
  j 1b
8:
  lhu t3, 0(t1)
  beq t3, t2, 1b
  j 8b
7:
  sw s7, 0(s3)
  j 1b
6:
  li a0, 1
  li a1, 0
  li a6, 0
  li a7, 0x53525354
  ecall
`;

export interface Descriptor {
  readonly address: number | bigint;
  readonly length: number;
  readonly flags?: number;
  readonly next?: number;
}

/** 2.7.5 of VIRTIO 1.2. */
export const FLAG = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;
export const STATUS = { SET_UP: 15, NEEDS_RESET: 64 } as const;

/** A guest's memory as the host prepares and reads it. */
export class DriverMemory {
  readonly booted: Booted;
  readonly guest: number;

  constructor(booted: Booted, guest: number) {
    this.booted = booted;
    this.guest = guest;
  }

  script(steps: readonly Step[]): void {
    const words = [...steps, ['end'] as const].flatMap((step) => {
      const [operation, at = 0, value = 0] = step;
      return [
        OPERATIONS[operation],
        operation === 'used' || operation === 'spin' ? roomAt(this.guest, at) + USED + 2 : at,
        value,
      ];
    });
    this.write(SCRIPT, new Uint8Array(BigUint64Array.from(words, BigInt).buffer));
  }

  /** Bytes at an offset from DATA. */
  write(offset: number, bytes: Uint8Array): void {
    this.booted.machine.write(dataOf(this.guest) + offset, bytes);
  }

  read(offset: number, length: number): Uint8Array {
    return this.booted.machine.read(dataOf(this.guest) + offset, length);
  }

  descriptors(room: number, descriptors: readonly Descriptor[]): void {
    const view = new DataView(new ArrayBuffer(16 * descriptors.length));
    descriptors.forEach(({ address, length, flags = 0, next = 0 }, index) => {
      view.setBigUint64(16 * index, BigInt(address), true);
      view.setUint32(16 * index + 8, length, true);
      view.setUint16(16 * index + 12, flags, true);
      view.setUint16(16 * index + 14, next, true);
    });
    this.write(QUEUE_ROOM * room, new Uint8Array(view.buffer));
  }

  /** Offers these chains by their heads. */
  available(room: number, heads: readonly number[], index = heads.length): void {
    const words = Uint16Array.from([0, index, ...heads]);
    this.write(QUEUE_ROOM * room + AVAILABLE, new Uint8Array(words.buffer));
  }

  /** The used index, as if the device had said so. */
  use(room: number, index: number): void {
    this.write(QUEUE_ROOM * room + USED + 2, Uint8Array.of(index));
  }

  /** What came back: heads and bytes written. */
  used(room: number): { head: number; written: number }[] {
    const bytes = this.read(QUEUE_ROOM * room + USED, 4 + 8 * 64);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: view.getUint16(2, true) }, (_, index) => ({
      head: view.getUint32(4 + 8 * index, true),
      written: view.getUint32(8 + 8 * index, true),
    }));
  }
}

export interface QueueSetup {
  readonly size?: number;
  readonly room?: number;
  /** Other than where DriverMemory lays them out. */
  readonly descriptors?: number;
  readonly available?: number;
  readonly used?: number;
}

/** Stores of a driver that sets the device and its queues up. */
export function setUp(kind: VirtualKind, guest: number, queues: Readonly<Record<number, QueueSetup>>): Step[] {
  const page = pageOf(kind);
  const store = (offset: number, value: number): Step => ['store', page + offset, value];
  return [
    store(VIRTIO.STATUS, 0),
    store(VIRTIO.STATUS, 3),
    store(VIRTIO.DRIVER_FEATURES_SELECT, 1),
    store(VIRTIO.DRIVER_FEATURES, 1),
    store(VIRTIO.STATUS, 11),
    ...Object.entries(queues).flatMap(([name, setup]): Step[] => {
      const base = roomAt(guest, setup.room ?? Number(name));
      const { size = 8, descriptors = base, available = base + AVAILABLE, used = base + USED } = setup;
      return [
        store(VIRTIO.QUEUE_SELECT, Number(name)),
        store(VIRTIO.QUEUE_SIZE, size),
        ...(
          [
            [VIRTIO.QUEUE_DESCRIPTORS_LOW, descriptors],
            [VIRTIO.QUEUE_AVAILABLE_LOW, available],
            [VIRTIO.QUEUE_USED_LOW, used],
          ] as const
        ).flatMap(([offset, address]): Step[] => [
          store(offset, address % 2 ** 32),
          store(offset + 4, Math.floor(address / 2 ** 32)),
        ]),
        store(VIRTIO.QUEUE_READY, 1),
      ];
    }),
    store(VIRTIO.STATUS, STATUS.SET_UP),
  ];
}

export const notify = (kind: VirtualKind, queue: number): Step => ['store', pageOf(kind) + VIRTIO.QUEUE_NOTIFY, queue];
export const load = (kind: VirtualKind, offset: number): Step => ['load', pageOf(kind) + offset];
/** What a driver does on an interrupt: which source, why, and that is done. */
export const acknowledge = (kind: VirtualKind): Step[] => [
  ['claim'],
  load(kind, VIRTIO.INTERRUPT_STATUS),
  ['store', pageOf(kind) + VIRTIO.INTERRUPT_ACK, 3],
  ['complete'],
];
