// virtio entropy device (VIRTIO 1.2, 5.4). Its bytes are a function of seed and position: nothing for secrets.

import type { Chain } from './chain.ts';
import { broken, done, type Served, type VirtioModel } from './model.ts';

/** Bytes given for one request at most; the driver asks again. */
const REQUEST_BYTES_MAX = 4096;
/** 10 microseconds. */
const LATENCY_CYCLES = 10_000;

export interface EntropyState {
  /** 32-bit words given so far. */
  position: number;
}

export class Entropy implements VirtioModel {
  readonly deviceId = 4;
  readonly features = 0;
  readonly queues = 1;
  readonly config = new Uint8Array(0);
  readonly latencyCycles = LATENCY_CYCLES;
  readonly #seed: number;
  #position = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** It speaks only when asked. */
  connect(): void {}

  serve(_queue: number, chain: Chain): Served {
    if (chain.writableBytes === 0) return broken('a request for entropy without room for it');
    const length = Math.min(chain.writableBytes, REQUEST_BYTES_MAX);
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.#word());
    chain.write(0, new Uint8Array(words.buffer, 0, length));
    return done(length);
  }

  /** MurmurHash3's finalizer over seed and position. */
  #word(): number {
    const low = this.#position >>> 0;
    const high = Math.floor(this.#position / 2 ** 32);
    this.#position++;
    let mixed = this.#seed ^ Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  /** The stream goes on over a reset of the device. */
  reset(): void {}

  save(): EntropyState {
    return { position: this.#position };
  }

  restore(state: EntropyState): void {
    this.#position = state.position;
  }
}
