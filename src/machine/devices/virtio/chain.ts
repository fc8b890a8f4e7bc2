import type { RamPort } from '../ram-port.ts';

/** A run of bytes in RAM. */
export interface Segment {
  readonly paddr: number;
  readonly length: number;
}

/** A descriptor chain that was found sound: all of it lies in RAM, and it is not too long. How the driver cut its buffers
 * into segments means nothing (VIRTIO 1.2, 2.7.4 "Message Framing"), so models see two plain strings of bytes. */
export class Chain {
  /** Index of the first descriptor: the chain's name in both rings. */
  readonly head: number;
  /** Bytes the driver offers, and bytes it has room for. */
  readonly readableBytes: number;
  readonly writableBytes: number;
  readonly #readable: readonly Segment[];
  readonly #writable: readonly Segment[];
  readonly #port: RamPort;
  readonly #world: number;

  constructor(
    head: number,
    readable: readonly Segment[],
    writable: readonly Segment[],
    access: { readonly port: RamPort; readonly world: number },
  ) {
    this.head = head;
    this.readableBytes = total(readable);
    this.writableBytes = total(writable);
    this.#readable = readable;
    this.#writable = writable;
    this.#port = access.port;
    this.#world = access.world;
  }

  /** Bytes of the readable part; fewer where it ends sooner. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.readableBytes - offset)));
    eachPiece(this.#readable, offset, bytes.length, (paddr, size, at) => {
      const piece = this.#port.read(paddr, size, this.#world);
      if (piece !== undefined) bytes.set(piece, at);
    });
    return bytes;
  }

  /** Stores into the writable part; what exceeds it is lost. */
  write(offset: number, bytes: Uint8Array): void {
    const length = Math.max(0, Math.min(bytes.length, this.writableBytes - offset));
    eachPiece(this.#writable, offset, length, (paddr, size, at) => {
      this.#port.write(paddr, bytes.subarray(at, at + size), this.#world);
    });
  }
}

function total(segments: readonly Segment[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}

/** Visits the pieces of segments that make up `length` bytes from `offset`; `at` counts from the first of these bytes. */
function eachPiece(
  segments: readonly Segment[],
  offset: number,
  length: number,
  visit: (paddr: number, size: number, at: number) => void,
): void {
  const end = offset + length;
  let start = 0;
  for (const segment of segments) {
    const from = Math.max(offset, start);
    const size = Math.min(end, start + segment.length) - from;
    if (size > 0) visit(segment.paddr + (from - start), size, from - offset);
    start += segment.length;
  }
}
