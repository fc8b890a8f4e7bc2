/** Two 32-bit halves of a running digest. Not cryptographic: it tells runs apart, it does not resist an adversary. */
export interface DigestState {
  low: number;
  high: number;
}

/** A running, order-sensitive digest of 32-bit words, without allocation: two multiply-and-rotate lanes (MurmurHash3's
 * constants) with different seeds and order of steps. */
export class Digest {
  #low = 0x5ac0_1e57;
  #high = 0x7ac0_0001;

  add(word: number): void {
    const mixed = Math.imul(word, 0xcc9e2d51);
    const low = this.#low ^ Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
    this.#low = (Math.imul((low << 13) | (low >>> 19), 5) + 0xe6546b64) | 0;
    const high = Math.imul(this.#high ^ word, 0x85ebca6b);
    this.#high = (Math.imul((high << 17) | (high >>> 15), 0xc2b2ae35) + low) | 0;
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  save(): DigestState {
    return { low: this.#low, high: this.#high };
  }

  restore(state: DigestState): void {
    this.#low = state.low;
    this.#high = state.high;
  }
}
