// What a UART sent, within bounds: the first bytes, the last bytes, how many there were and a digest of all of them.

import type { DigestState } from './digest.ts';
import { Digest } from './digest.ts';

const HEAD_LIMIT = 48 * 1024;
const TAIL_LIMIT = 16 * 1024;

export interface ConsoleState {
  /** All bytes ever sent. */
  bytes: number;
  digest: DigestState;
  head: Uint8Array;
  /** The last bytes beyond the head, oldest first. */
  tail: Uint8Array;
}

export class Console {
  #bytes = 0;
  readonly #digest = new Digest();
  /** Grows up to HEAD_LIMIT. */
  #head = new Uint8Array(1024);
  /** A ring, made when the head is full. */
  #tail = new Uint8Array(0);

  /** All bytes ever sent. */
  get bytes(): number {
    return this.#bytes;
  }

  put(byte: number): void {
    const index = this.#bytes++;
    this.#digest.add(byte);
    if (index < HEAD_LIMIT) {
      if (index === this.#head.length) this.#head = enlarged(this.#head, Math.min(HEAD_LIMIT, 2 * index));
      this.#head[index] = byte;
    } else {
      if (this.#tail.length === 0) this.#tail = new Uint8Array(TAIL_LIMIT);
      this.#tail[(index - HEAD_LIMIT) % TAIL_LIMIT] = byte;
    }
  }

  /** Bytes that are no longer kept, between head and tail. */
  get omitted(): number {
    return Math.max(0, this.#bytes - HEAD_LIMIT - TAIL_LIMIT);
  }

  /** What is kept as text (UTF-8), with a line in the place of what is not. */
  text(): string {
    const head = new TextDecoder().decode(this.#keptHead());
    if (this.#bytes <= HEAD_LIMIT) return head;
    const gap = this.omitted > 0 ? `\n[${this.omitted} bytes left out]\n` : '';
    return head + gap + new TextDecoder().decode(this.#keptTail());
  }

  /** Digest of every byte sent, 16 hexadecimal digits. */
  digest(): string {
    return this.#digest.hex();
  }

  #keptHead(): Uint8Array {
    return this.#head.slice(0, Math.min(this.#bytes, HEAD_LIMIT));
  }

  #keptTail(): Uint8Array {
    const sent = Math.max(0, this.#bytes - HEAD_LIMIT);
    if (sent <= TAIL_LIMIT) return this.#tail.slice(0, sent);
    const oldest = sent % TAIL_LIMIT;
    const tail = new Uint8Array(TAIL_LIMIT);
    tail.set(this.#tail.subarray(oldest));
    tail.set(this.#tail.subarray(0, oldest), TAIL_LIMIT - oldest);
    return tail;
  }

  save(): ConsoleState {
    return { bytes: this.#bytes, digest: this.#digest.save(), head: this.#keptHead(), tail: this.#keptTail() };
  }

  restore(state: ConsoleState): void {
    this.#bytes = state.bytes;
    this.#digest.restore(state.digest);
    this.#head = enlarged(state.head, Math.max(1024, state.head.length));
    this.#tail = new Uint8Array(state.bytes > HEAD_LIMIT ? TAIL_LIMIT : 0);
    const first = Math.max(0, state.bytes - HEAD_LIMIT - state.tail.length);
    state.tail.forEach((byte, index) => {
      this.#tail[(first + index) % TAIL_LIMIT] = byte;
    });
  }
}

function enlarged(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}
