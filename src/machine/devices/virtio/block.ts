// virtio block device (VIRTIO 1.2, 5.2) over a disk held in memory.

import type { Chain } from './chain.ts';
import { Disk, type DiskState, SECTOR_BYTES } from './disk.ts';
import { broken, done, type Served, type VirtioModel } from './model.ts';
import { QUEUE_SIZE_MAX } from './queue.ts';

const FEATURE = { SIZE_MAX: 1 << 1, SEG_MAX: 1 << 2, READ_ONLY: 1 << 5, BLOCK_SIZE: 1 << 6, FLUSH: 1 << 9 } as const;

/** A request: type, a reserved word, sector (64 bits); data; one byte of status, which the device writes. */
export const BLOCK_REQUEST = { READ: 0, WRITE: 1, FLUSH: 4, IDENTIFY: 8 } as const;
export const BLOCK_STATUS = { OK: 0, ERROR: 1, UNSUPPORTED: 2 } as const;
const HEADER_BYTES = 16;
const IDENTITY_BYTES = 20;

const CONFIG_BYTES = 60;
/** Limits of a request that keep it well below CHAIN_BYTES_MAX: header and status take two descriptors. */
const SEGMENT_BYTES_MAX = 0x8000;
const SEGMENTS_MAX = QUEUE_SIZE_MAX - 2;

/** 20 microseconds: a fast solid-state disk. */
const LATENCY_CYCLES = 20_000;

export interface BlockOptions {
  readonly image: Uint8Array;
  readonly readOnly: boolean;
  /** What the device calls itself, at most 20 characters of ASCII. */
  readonly identity: string;
}

export interface BlockState {
  disk: DiskState;
}

export class Block implements VirtioModel {
  readonly deviceId = 2;
  readonly features: number;
  readonly queues = 1;
  readonly config = new Uint8Array(CONFIG_BYTES);
  readonly latencyCycles = LATENCY_CYCLES;
  readonly #disk: Disk;
  readonly #readOnly: boolean;
  readonly #identity = new Uint8Array(IDENTITY_BYTES);

  constructor(options: BlockOptions) {
    this.#disk = new Disk(options.image);
    this.#readOnly = options.readOnly;
    this.#identity.set(new TextEncoder().encode(options.identity).subarray(0, IDENTITY_BYTES));
    const { SIZE_MAX, SEG_MAX, BLOCK_SIZE, FLUSH, READ_ONLY } = FEATURE;
    this.features = SIZE_MAX | SEG_MAX | BLOCK_SIZE | FLUSH | (options.readOnly ? READ_ONLY : 0);
    const fields = new DataView(this.config.buffer);
    fields.setBigUint64(0, BigInt(this.#disk.sectors), true);
    fields.setUint32(8, SEGMENT_BYTES_MAX, true);
    fields.setUint32(12, SEGMENTS_MAX, true);
    fields.setUint32(20, SECTOR_BYTES, true);
  }

  /** It never has anything to tell unasked. */
  connect(): void {}

  serve(_queue: number, chain: Chain): Served {
    if (chain.readableBytes < HEADER_BYTES || chain.writableBytes < 1) {
      return broken('a block request without room for header and status');
    }
    const header = new DataView(chain.read(0, HEADER_BYTES).buffer);
    // Inexact beyond 2^53, where there is no disk.
    const sector = header.getUint32(8, true) + header.getUint32(12, true) * 2 ** 32;
    // The answer is written whole, so that nothing older shows through: zeros where a request fails.
    const answer = new Uint8Array(chain.writableBytes);
    const data = answer.subarray(0, -1);
    answer[data.length] = this.#perform(header.getUint32(0, true), sector, chain, data);
    chain.write(0, answer);
    return done(answer.length);
  }

  #perform(type: number, sector: number, chain: Chain, answer: Uint8Array): number {
    const disk = this.#disk;
    const offered = chain.readableBytes - HEADER_BYTES;
    switch (type) {
      case BLOCK_REQUEST.READ:
        if (!disk.holds(sector, answer.length)) return BLOCK_STATUS.ERROR;
        disk.read(sector, answer);
        return BLOCK_STATUS.OK;
      case BLOCK_REQUEST.WRITE:
        if (this.#readOnly || !disk.holds(sector, offered)) return BLOCK_STATUS.ERROR;
        disk.write(sector, chain.read(HEADER_BYTES, offered));
        return BLOCK_STATUS.OK;
      case BLOCK_REQUEST.FLUSH:
        return BLOCK_STATUS.OK; // what is written is never lost
      case BLOCK_REQUEST.IDENTIFY:
        if (answer.length < IDENTITY_BYTES) return BLOCK_STATUS.ERROR;
        answer.set(this.#identity);
        return BLOCK_STATUS.OK;
      default:
        return BLOCK_STATUS.UNSUPPORTED;
    }
  }

  /** A reset of the device leaves the disk as it is. */
  reset(): void {}

  save(): BlockState {
    return { disk: this.#disk.save() };
  }

  restore(state: BlockState): void {
    this.#disk.restore(state.disk);
  }
}
