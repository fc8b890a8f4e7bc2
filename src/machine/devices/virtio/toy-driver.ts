// For tests: some RAM, and a driver that lays out queues in it as a kernel would.

import { Clock } from '../../clock.ts';
import { DESCRIPTOR, DESCRIPTOR_BYTES } from './descriptors.ts';
import { VirtioMmio } from './mmio.ts';
import type { VirtioModel } from './model.ts';
import type { RamPort } from '../ram-port.ts';
import { STATUS, VIRTIO } from './registers.ts';

export const TOY_RAM = { base: 0x8000_0000, size: 0x40_0000 } as const;
export const OWNER = 2;
/** Entries of each queue. */
export const ENTRIES = 8;
const QUEUE_ROOM = 0x1_0000;
const AVAILABLE = 0x4000;
const USED = 0x8000;
const BUFFERS = 8 * QUEUE_ROOM;

/** RAM that counts what is done to it. */
export class ToyRam implements RamPort {
  readonly bytes = new Uint8Array(TOY_RAM.size);
  readonly view = new DataView(this.bytes.buffer);
  readonly worlds = new Set<number>();
  accesses = 0;
  moved = 0;

  covers(paddr: number, length: number): boolean {
    return paddr >= TOY_RAM.base && paddr + length <= TOY_RAM.base + TOY_RAM.size;
  }

  read(paddr: number, length: number, world: number): Uint8Array | undefined {
    this.#count(length, world);
    if (!this.covers(paddr, length)) return undefined;
    return this.bytes.slice(paddr - TOY_RAM.base, paddr - TOY_RAM.base + length);
  }

  write(paddr: number, bytes: Uint8Array, world: number): boolean {
    this.#count(bytes.length, world);
    if (!this.covers(paddr, bytes.length)) return false;
    this.bytes.set(bytes, paddr - TOY_RAM.base);
    return true;
  }

  takeCycles(): number {
    return 0;
  }

  #count(length: number, world: number): void {
    this.accesses++;
    this.moved += length;
    this.worlds.add(world);
  }
}

export interface ToyDescriptor {
  readonly paddr: number;
  readonly length: number;
  readonly flags?: number;
  readonly next?: number;
}

export interface Used {
  readonly head: number;
  readonly written: number;
}

export class ToyDriver {
  readonly clock: Clock;
  readonly ram = new ToyRam();
  readonly device: VirtioMmio;
  pin = false;
  #free = BUFFERS;
  readonly #nextDescriptor: number[] = [];
  readonly #queues: number;

  constructor(model: VirtioModel, clock = new Clock(), name = 'virtio0') {
    this.clock = clock;
    this.#queues = model.queues;
    const line = {
      set: (high: boolean) => {
        this.pin = high;
      },
    };
    this.device = new VirtioMmio({ name, model, port: this.ram, world: OWNER, clock, line });
  }

  get(offset: number): number {
    return this.device.read(offset, 4, OWNER);
  }

  put(offset: number, value: number): void {
    this.device.write(offset, 4, value, OWNER);
  }

  /** Steps 1 to 8 of 3.1.1, accepting what is offered. */
  start(): void {
    this.begin();
    for (let queue = 0; queue < this.#queues; queue++) this.setUp(queue);
    this.put(VIRTIO.STATUS, this.get(VIRTIO.STATUS) | STATUS.DRIVER_OK);
  }

  /** As far as FEATURES_OK. */
  begin(): void {
    this.put(VIRTIO.STATUS, 0);
    this.put(VIRTIO.STATUS, STATUS.ACKNOWLEDGE | STATUS.DRIVER);
    for (const half of [0, 1]) {
      this.put(VIRTIO.DEVICE_FEATURES_SELECT, half);
      this.put(VIRTIO.DRIVER_FEATURES_SELECT, half);
      this.put(VIRTIO.DRIVER_FEATURES, this.get(VIRTIO.DEVICE_FEATURES));
    }
    this.put(VIRTIO.STATUS, STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK);
  }

  /** Physical addresses of a queue's areas. */
  areas(queue: number): { readonly descriptors: number; readonly available: number; readonly used: number } {
    const base = TOY_RAM.base + queue * QUEUE_ROOM;
    return { descriptors: base, available: base + AVAILABLE, used: base + USED };
  }

  setUp(queue: number, entries = ENTRIES): void {
    const { descriptors, available, used } = this.areas(queue);
    this.ram.bytes.fill(0, queue * QUEUE_ROOM, (queue + 1) * QUEUE_ROOM);
    this.#nextDescriptor[queue] = 0;
    this.put(VIRTIO.QUEUE_SELECT, queue);
    this.put(VIRTIO.QUEUE_SIZE, entries);
    this.put(VIRTIO.QUEUE_DESCRIPTORS_LOW, descriptors);
    this.put(VIRTIO.QUEUE_AVAILABLE_LOW, available);
    this.put(VIRTIO.QUEUE_USED_LOW, used);
    this.put(VIRTIO.QUEUE_READY, 1);
  }

  /** Room in RAM, filled with `bytes`. */
  place(bytes: Uint8Array): number {
    const at = this.#free;
    this.#free += (bytes.length + 15) & ~15;
    this.ram.bytes.set(bytes, at);
    return TOY_RAM.base + at;
  }

  describe(table: number, index: number, { paddr, length, flags = 0, next = 0 }: ToyDescriptor): void {
    const at = table - TOY_RAM.base + index * DESCRIPTOR_BYTES;
    this.ram.view.setBigUint64(at, BigInt(paddr), true);
    this.ram.view.setUint32(at + 8, length, true);
    this.ram.view.setUint16(at + 12, flags, true);
    this.ram.view.setUint16(at + 14, next, true);
  }

  /** Makes a chain available without a notification. */
  publish(queue: number, head: number, count = 1): void {
    const at = this.areas(queue).available - TOY_RAM.base;
    const index = this.ram.view.getUint16(at + 2, true);
    this.ram.view.setUint16(at + 4 + 2 * (index % ENTRIES), head, true);
    this.ram.view.setUint16(at + 2, (index + count) & 0xffff, true);
  }

  /** A chain of these readable pieces and of writable ones of these lengths; returns the addresses of the latter. */
  offer(queue: number, readable: readonly Uint8Array[], room: readonly number[]): number[] {
    const answers = room.map((length) => this.place(new Uint8Array(length).fill(0xee)));
    const pieces: ToyDescriptor[] = [
      ...readable.map((bytes) => ({ paddr: this.place(bytes), length: bytes.length })),
      ...answers.map((paddr, index) => ({ paddr, length: room[index] ?? 0, flags: DESCRIPTOR.WRITE })),
    ];
    const first = this.#nextDescriptor[queue] ?? 0;
    pieces.forEach(({ paddr, length, flags = 0 }, index) => {
      const isLast = index === pieces.length - 1;
      const next = (first + index + 1) % ENTRIES;
      const chained = isLast ? flags : flags | DESCRIPTOR.NEXT;
      this.describe(this.areas(queue).descriptors, (first + index) % ENTRIES, { paddr, length, flags: chained, next });
    });
    this.#nextDescriptor[queue] = (first + pieces.length) % ENTRIES;
    this.publish(queue, first);
    return answers;
  }

  notify(queue: number): void {
    this.put(VIRTIO.QUEUE_NOTIFY, queue);
  }

  advance(cycles: number): void {
    const end = this.clock.now + cycles;
    while (this.clock.nextCycle() <= end) {
      this.clock.now = this.clock.nextCycle();
      this.clock.runDue();
    }
    this.clock.now = end;
  }

  bytes(paddr: number, length: number): Uint8Array {
    return this.ram.bytes.slice(paddr - TOY_RAM.base, paddr - TOY_RAM.base + length);
  }

  /** All that was given back since the queue was set up, at most ENTRIES. */
  used(queue: number): Used[] {
    const at = this.areas(queue).used - TOY_RAM.base;
    return Array.from({ length: this.ram.view.getUint16(at + 2, true) }, (_, index) => ({
      head: this.ram.view.getUint32(at + 4 + 8 * (index % ENTRIES), true),
      written: this.ram.view.getUint32(at + 8 + 8 * (index % ENTRIES), true),
    }));
  }

  /** Offers one chain, waits for it and returns what came back in its writable pieces. */
  ask(queue: number, readable: readonly Uint8Array[], room: readonly number[]): Uint8Array {
    const answers = this.offer(queue, readable, room);
    this.notify(queue);
    this.advance(1_000_000);
    const pieces = answers.map((paddr, index) => [...this.bytes(paddr, room[index] ?? 0)]);
    return Uint8Array.from(pieces.flat());
  }
}
