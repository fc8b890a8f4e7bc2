/** First in, first out, of at most `limit` bytes. */
export class ByteQueue {
  readonly limit: number;
  readonly #bytes: Uint8Array;
  #first = 0;
  #size = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.#bytes = new Uint8Array(limit);
  }

  get size(): number {
    return this.#size;
  }

  /** False when full: the byte is not taken. */
  push(byte: number): boolean {
    if (this.#size === this.limit) return false;
    this.#bytes[(this.#first + this.#size) % this.limit] = byte;
    this.#size++;
    return true;
  }

  /** The oldest byte; 0 when empty. */
  shift(): number {
    if (this.#size === 0) return 0;
    const byte = this.#bytes[this.#first] ?? 0;
    this.#first = (this.#first + 1) % this.limit;
    this.#size--;
    return byte;
  }

  clear(): void {
    this.#first = 0;
    this.#size = 0;
  }

  /** The bytes, oldest first; equal queues save equally whatever their history. */
  save(): Uint8Array {
    return Uint8Array.from({ length: this.#size }, (_, index) => this.#bytes[(this.#first + index) % this.limit] ?? 0);
  }

  restore(bytes: Uint8Array): void {
    this.clear();
    for (const byte of bytes) this.push(byte);
  }
}
