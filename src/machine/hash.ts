/** A 64-bit digest of words, as two 32-bit lanes (MurmurHash3's mixing): for equality of states, not for security. */
export class StateHash {
  private low = 0x9e3779b9;
  private high = 0x85ebca6b;

  word(value: number): void {
    this.low = Math.imul(this.low ^ mix(value), 0x9e3779b1) | 0;
    this.low = (this.low << 13) | (this.low >>> 19);
    this.high = Math.imul(this.high + mix(value ^ 0x5bd1e995), 0x85ebca77) | 0;
    this.high = (this.high << 17) | (this.high >>> 15);
  }

  words(values: Int32Array): void {
    for (let i = 0; i < values.length; i++) this.word(values[i] ?? 0);
  }

  bytes(values: Uint8Array): void {
    this.word(values.length);
    for (let i = 0; i < values.length; i += 4) {
      this.word(
        (values[i] ?? 0) | ((values[i + 1] ?? 0) << 8) | ((values[i + 2] ?? 0) << 16) | ((values[i + 3] ?? 0) << 24),
      );
    }
  }

  /** Plain data: numbers, strings, booleans, null, bigints, arrays, typed arrays, records (keys in order). */
  value(value: unknown): void {
    if (value instanceof Uint8Array) this.bytes(value);
    else if (ArrayBuffer.isView(value)) this.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else if (Array.isArray(value)) {
      this.word(value.length);
      for (const item of value) this.value(item);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
        this.bytes(new TextEncoder().encode(key));
        this.value(item);
      }
    } else {
      this.bytes(new TextEncoder().encode(`${typeof value}:${String(value)}`));
    }
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    const lane = (value: number) => (mix(value) >>> 0).toString(16).padStart(8, '0');
    return lane(this.high) + lane(this.low);
  }
}

function mix(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
