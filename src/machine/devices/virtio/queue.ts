// A split virtqueue from the device's side: the two rings around the descriptor table (VIRTIO 1.2, 2.7).

import type { Chain } from './chain.ts';
import { type Access, DESCRIPTOR_BYTES, walkChain } from './descriptors.ts';
import type { RamPort } from '../ram-port.ts';

/** Entries a queue may have; a power of two. */
export const QUEUE_SIZE_MAX = 256;
/** Areas of a queue, in the order of their registers. */
export const AREA = { DESCRIPTORS: 0, AVAILABLE: 1, USED: 2 } as const;
/** In bytes, by area. */
const ALIGNMENTS = [16, 2, 4] as const;

const AVAILABLE_NO_INTERRUPT = 1;
/** Both rings begin with flags and index, 16 bits each. */
const RING_HEADER_BYTES = 4;
const AVAILABLE_ENTRY_BYTES = 2;
const USED_ENTRY_BYTES = 8;
const INDEX_MASK = 0xffff;

export interface QueueState {
  size: number;
  ready: boolean;
  /** Low and high half of the address of each area. */
  areas: Uint32Array;
  /** Chains given back since the queue became ready, modulo 2^16: they are returned in order. */
  returned: number;
}

/** What a look at the queue yields. A chain stays the next one until it is given back. */
export type Next =
  | { readonly kind: 'empty' }
  | { readonly kind: 'chain'; readonly chain: Chain; readonly wantsInterrupt: boolean }
  | { readonly kind: 'fault'; readonly reason: string };

const fault = (reason: string): Next => ({ kind: 'fault', reason });

export class Virtqueue {
  readonly #access: Access;
  #size = 0;
  #ready = false;
  readonly #areas = new Uint32Array(6);
  #returned = 0;

  constructor(port: RamPort, world: number) {
    this.#access = { port, world };
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** A store while the queue is ready is a driver's mistake (4.2.2.2) and has no effect. */
  setSize(size: number): void {
    if (!this.#ready) this.#size = size;
  }

  setArea(area: number, half: 0 | 1, value: number): void {
    if (!this.#ready) this.#areas[2 * area + half] = value;
  }

  /** Makes the queue ready, and empty; or says what is wrong with it. */
  enable(): string | undefined {
    if (this.#ready) return undefined;
    const size = this.#size;
    if (size < 1 || size > QUEUE_SIZE_MAX || (size & (size - 1)) !== 0) return `a queue of ${size} entries`;
    const lengths = [
      size * DESCRIPTOR_BYTES,
      RING_HEADER_BYTES + size * AVAILABLE_ENTRY_BYTES,
      RING_HEADER_BYTES + size * USED_ENTRY_BYTES,
    ];
    for (const [area, length] of lengths.entries()) {
      const paddr = this.#area(area);
      if (paddr % (ALIGNMENTS[area] ?? 1) !== 0) return `a misaligned queue area at 0x${paddr.toString(16)}`;
      if (!this.#access.port.covers(paddr, length, area === AREA.USED))
        return `a queue area at 0x${paddr.toString(16)}, outside RAM`;
    }
    this.#returned = 0;
    this.#ready = true;
    return undefined;
  }

  disable(): void {
    this.#ready = false;
  }

  reset(): void {
    this.#ready = false;
    this.#size = 0;
    this.#areas.fill(0);
    this.#returned = 0;
  }

  /** The oldest chain that was not given back. */
  next(): Next {
    if (!this.#ready) return { kind: 'empty' };
    const ring = this.#area(AREA.AVAILABLE);
    const flags = this.#half(ring);
    const index = this.#half(ring + 2);
    const place = ring + RING_HEADER_BYTES + (this.#returned % this.#size) * AVAILABLE_ENTRY_BYTES;
    const head = this.#half(place);
    if (flags === undefined || index === undefined || head === undefined) return fault('an available ring outside RAM');
    const waiting = (index - this.#returned) & INDEX_MASK;
    if (waiting === 0) return { kind: 'empty' };
    if (waiting > this.#size) return fault(`${waiting} chains in a queue of ${this.#size}`);
    const table = { paddr: this.#area(AREA.DESCRIPTORS), entries: this.#size };
    const chain = walkChain(this.#access, table, head);
    if (typeof chain === 'string') return fault(chain);
    return { kind: 'chain', chain, wantsInterrupt: (flags & AVAILABLE_NO_INTERRUPT) === 0 };
  }

  /** Gives the next chain back, `written` bytes of its writable part filled. */
  giveBack(chain: Chain, written: number): void {
    const { port, world } = this.#access;
    const ring = this.#area(AREA.USED);
    const entry = new DataView(new ArrayBuffer(USED_ENTRY_BYTES));
    entry.setUint32(0, chain.head, true);
    entry.setUint32(4, written, true);
    const place = ring + RING_HEADER_BYTES + (this.#returned % this.#size) * USED_ENTRY_BYTES;
    this.#returned = (this.#returned + 1) & INDEX_MASK;
    port.write(place, new Uint8Array(entry.buffer), world);
    port.write(ring + 2, Uint8Array.of(this.#returned & 0xff, this.#returned >>> 8), world);
  }

  #area(area: number): number {
    return (this.#areas[2 * area] ?? 0) + (this.#areas[2 * area + 1] ?? 0) * 2 ** 32;
  }

  #half(paddr: number): number | undefined {
    const bytes = this.#access.port.read(paddr, 2, this.#access.world);
    return bytes && (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  }

  save(): QueueState {
    return { size: this.#size, ready: this.#ready, areas: this.#areas.slice(), returned: this.#returned };
  }

  restore(state: QueueState): void {
    this.#size = state.size;
    this.#ready = state.ready;
    this.#areas.set(state.areas);
    this.#returned = state.returned;
  }
}
