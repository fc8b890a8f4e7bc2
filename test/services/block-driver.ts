// Requests to a virtio disk as DriverMemory lays them out: three descriptors each, in one queue of 64.
import { BLOCK_REQUEST } from '../../src/machine/devices/virtio/block.ts';
import type { Descriptor, DriverMemory } from './driver.ts';
import { BUFFERS, dataOf, FLAG } from './driver.ts';

export const SECTOR = 512;
export const DISK_QUEUE = { 0: { size: 64 } } as const;
const HEADER_BYTES = 16;
const SLOT_BYTES = 32;
const DATA = BUFFERS + 0x800;

export interface Request {
  readonly type?: number;
  readonly sector: number | bigint;
  /** To be written; a read without. */
  readonly data?: Uint8Array;
  /** Bytes to be read. */
  readonly length?: number;
  /** Lengths that its data is cut into; one piece by default. */
  readonly cuts?: readonly number[];
}

function header(type: number, sector: number | bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  view.setUint32(0, type, true);
  view.setBigUint64(8, BigInt(sector), true);
  return new Uint8Array(view.buffer);
}

/** Requests that were offered, and what became of them. */
export class Requests {
  readonly #memory: DriverMemory;
  readonly #data: { readonly at: number; readonly length: number }[] = [];
  readonly heads: number[] = [];

  /** Offers them all, in the room of queue 0 or another. */
  constructor(memory: DriverMemory, requests: readonly Request[], room = 0) {
    this.#memory = memory;
    const descriptors: Descriptor[] = [];
    let next = DATA;
    requests.forEach(({ type, sector, data, length = data?.length ?? SECTOR, cuts = [length] }, index) => {
      const at = BUFFERS + SLOT_BYTES * index;
      const base = dataOf(memory.guest);
      memory.write(at, header(type ?? (data ? BLOCK_REQUEST.WRITE : BLOCK_REQUEST.READ), sector));
      memory.write(at + HEADER_BYTES, Uint8Array.of(0xff));
      if (data) memory.write(next, data);
      this.heads.push(descriptors.length);
      descriptors.push({ address: base + at, length: HEADER_BYTES, flags: FLAG.NEXT, next: descriptors.length + 1 });
      let from = next;
      for (const cut of cuts) {
        const flags = FLAG.NEXT | (data ? 0 : FLAG.WRITE);
        descriptors.push({ address: base + from, length: cut, flags, next: descriptors.length + 1 });
        from += cut;
      }
      descriptors.push({ address: base + at + HEADER_BYTES, length: 1, flags: FLAG.WRITE });
      this.#data.push({ at: next, length });
      next += length;
    });
    memory.descriptors(room, descriptors);
    memory.available(room, this.heads);
  }

  get count(): number {
    return this.heads.length;
  }

  statuses(): number[] {
    return this.heads.map((_, index) => this.#memory.read(BUFFERS + SLOT_BYTES * index + HEADER_BYTES, 1)[0] ?? -1);
  }

  data(index: number): Uint8Array {
    const { at, length } = this.#data[index] ?? { at: 0, length: 0 };
    return this.#memory.read(at, length).slice();
  }
}

/** Different bytes for each key. */
export const pattern = (key: number, length = SECTOR): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + key * 31 + (index >> 8)) % 251);
