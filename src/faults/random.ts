// The campaign's random numbers: Philox4x32-10 (Salmon et al., SC'11), a counter-based generator. The n-th number of a
// stream is a function of (key, n) alone, so a stream can be split by name and no experiment depends on another's order.

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

export type Words4 = readonly [number, number, number, number];
export type Words2 = readonly [number, number];

/** High 32 bits of the 64-bit product of two unsigned words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x1_0000) + Math.floor(carry / 0x1_0000)) >>> 0;
}

/** One block of Philox4x32-10. */
export function philox(counter: Words4, key: Words2): Words4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** FNV-1a over the UTF-16 units of a name: it need only tell names apart, Philox does the mixing. */
function hashName(name: string): Words2 {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let index = 0; index < name.length; index++) {
    low = Math.imul(low ^ name.charCodeAt(index), 0x01000193) >>> 0;
    high = Math.imul(high ^ (name.charCodeAt(index) + index), 0x01000193) >>> 0;
  }
  return [low, high];
}

/** Counters of drawn blocks stay below this word, so that no draw shares a block with a split. */
const SPLIT = 0xffff_ffff;

export class Random {
  readonly #key: Words2;
  #block = 0;
  #words: Words4 = [0, 0, 0, 0];
  #used = 4;

  private constructor(key: Words2) {
    this.#key = key;
  }

  static seeded(seed: number): Random {
    return new Random([seed >>> 0, Math.floor(seed / 0x1_0000_0000) >>> 0]);
  }

  /** A stream of its own, the same whatever was drawn from this one before. */
  split(name: string): Random {
    const [low, high] = hashName(name);
    const [k0, k1] = philox([low, high, 0, SPLIT], this.#key);
    return new Random([k0, k1]);
  }

  word(): number {
    if (this.#used === 4) {
      this.#words = philox([this.#block, 0, 0, 0], this.#key);
      this.#block++;
      this.#used = 0;
    }
    return this.#words[this.#used++ as 0 | 1 | 2 | 3];
  }

  /** Uniform in [0, bound), without bias; bound up to 2^53. */
  below(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1) throw new RangeError(`below(${bound}) needs a positive integer`);
    const range = 2 ** 53;
    const limit = range - (range % bound);
    for (;;) {
      const value = (this.word() >>> 11) * 2 ** 32 + this.word();
      if (value < limit) return value % bound;
    }
  }
}
