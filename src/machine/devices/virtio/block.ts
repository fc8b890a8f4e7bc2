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
/** What a driver is asked to keep to, so that no request takes long: header and status take two descriptors. */
const SEGMENT_BYTES_MAX = 0x8000;
const SEGMENTS_MAX = QUEUE_SIZE_MAX - 2;

/** Whole sectors that pass through the host at once, however long a request is. */
const PIECE_BYTES = 0x1_0000;
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
    const room = chain.writableBytes - 1;
    const status = this.#perform(header.getUint32(0, true), sector, chain, room);
    // The answer is written whole, so that nothing older shows through.
    if (status !== BLOCK_STATUS.OK) eachPiece(room, (at, length) => chain.write(at, new Uint8Array(length)));
    chain.write(room, Uint8Array.of(status));
    return done(chain.writableBytes);
  }

  /** Fills the room for data where it succeeds. */
  #perform(type: number, sector: number, chain: Chain, room: number): number {
    switch (type) {
      case BLOCK_REQUEST.READ:
        return this.#read(sector, chain, room);
      case BLOCK_REQUEST.WRITE:
        return room === 0 ? this.#write(sector, chain) : BLOCK_STATUS.ERROR;
      case BLOCK_REQUEST.FLUSH:
        // What is written is never lost.
        return room === 0 ? BLOCK_STATUS.OK : BLOCK_STATUS.ERROR;
      case BLOCK_REQUEST.IDENTIFY:
        if (room !== IDENTITY_BYTES) return BLOCK_STATUS.ERROR;
        chain.write(0, this.#identity);
        return BLOCK_STATUS.OK;
      default:
        return BLOCK_STATUS.UNSUPPORTED;
    }
  }

  #read(sector: number, chain: Chain, room: number): number {
    const disk = this.#disk;
    if (!disk.holds(sector, room)) return BLOCK_STATUS.ERROR;
    const piece = new Uint8Array(Math.min(room, PIECE_BYTES));
    eachPiece(room, (at, length) => {
      disk.read(sector + at / SECTOR_BYTES, piece.subarray(0, length));
      chain.write(at, piece.subarray(0, length));
    });
    return BLOCK_STATUS.OK;
  }

  #write(sector: number, chain: Chain): number {
    const disk = this.#disk;
    const offered = chain.readableBytes - HEADER_BYTES;
    if (this.#readOnly || !disk.holds(sector, offered)) return BLOCK_STATUS.ERROR;
    eachPiece(offered, (at, length) => disk.write(sector + at / SECTOR_BYTES, chain.read(HEADER_BYTES + at, length)));
    return BLOCK_STATUS.OK;
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

function eachPiece(bytes: number, visit: (at: number, length: number) => void): void {
  for (let at = 0; at < bytes; at += PIECE_BYTES) visit(at, Math.min(PIECE_BYTES, bytes - at));
}
