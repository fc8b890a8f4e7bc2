export interface WordLogState {
  /** All words ever added. */
  count: number;
  /** The first of them, low and high half by turns. */
  kept: Uint32Array;
}

/** Counts 64-bit words and keeps the first `limit` of them: what a guest can make the host remember is bounded. */
export class WordLog {
  readonly #limit: number;
  /** Grows up to 2 * limit. */
  #kept = new Uint32Array(16);
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  add(low: number, high: number): void {
    const index = this.#count++;
    if (index >= this.#limit) return;
    if (2 * index === this.#kept.length) {
      const larger = new Uint32Array(this.#kept.length * 2);
      larger.set(this.#kept);
      this.#kept = larger;
    }
    this.#kept[2 * index] = low;
    this.#kept[2 * index + 1] = high;
  }

  /** Halves of a kept word, unsigned; 0 for one that is not kept. */
  low(index: number): number {
    return this.#kept[2 * index] ?? 0;
  }

  high(index: number): number {
    return this.#kept[2 * index + 1] ?? 0;
  }

  /** Words kept: min(count, limit). */
  get kept(): number {
    return Math.min(this.#count, this.#limit);
  }

  /** The kept words, for inspection. */
  words(): bigint[] {
    return Array.from({ length: this.kept }, (_, index) => joinHalves(this.low(index), this.high(index)));
  }

  save(): WordLogState {
    return { count: this.#count, kept: this.#kept.slice(0, 2 * this.kept) };
  }

  restore(state: WordLogState): void {
    let room = 16;
    while (room < state.kept.length) room *= 2;
    this.#kept = new Uint32Array(room);
    this.#kept.set(state.kept);
    this.#count = state.count;
  }
}

/** An unsigned 64-bit value of its unsigned halves. */
function joinHalves(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
