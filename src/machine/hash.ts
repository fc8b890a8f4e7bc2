const ENCODER = new TextEncoder();

/** A 64-bit digest of words, as two 32-bit lanes (MurmurHash3's mixing): for equality of states, not for security. */
export class StateHash {
  private low = 0x9e3779b9;
  private high = 0x85ebca6b;

  word(value: number): void {
    this.low = stirLow(this.low, value);
    this.high = stirHigh(this.high, value);
  }

  words(values: Int32Array): void {
    // In locals the lanes stay in registers.
    let { low, high } = this;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      low = stirLow(low, value);
      high = stirHigh(high, value);
    }
    this.low = low;
    this.high = high;
  }

  bytes(values: Uint8Array): void {
    this.word(values.length);
    if (values.byteOffset % 4 === 0 && values.length % 4 === 0) {
      this.words(new Int32Array(values.buffer, values.byteOffset, values.length / 4));
      return;
    }
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
        this.bytes(encodedKey(key));
        this.value(item);
      }
    } else {
      this.bytes(ENCODER.encode(`${typeof value}:${String(value)}`));
    }
  }

  lanes(): readonly number[] {
    return [this.low, this.high];
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    const lane = (value: number) => (mix(value) >>> 0).toString(16).padStart(8, '0');
    return lane(this.high) + lane(this.low);
  }
}

/** Names of fields: few, and met again and again. */
const keys = new Map<string, Uint8Array>();
const KEPT_KEYS = 4096;

function encodedKey(key: string): Uint8Array {
  const known = keys.get(key);
  if (known !== undefined) return known;
  if (keys.size >= KEPT_KEYS) keys.clear();
  const encoded = ENCODER.encode(key);
  keys.set(key, encoded);
  return encoded;
}

function stirLow(lane: number, value: number): number {
  const stirred = Math.imul(lane ^ mix(value), 0x9e3779b1);
  return (stirred << 13) | (stirred >>> 19);
}

function stirHigh(lane: number, value: number): number {
  const stirred = Math.imul(lane + mix(value ^ 0x5bd1e995), 0x85ebca77);
  return (stirred << 17) | (stirred >>> 15);
}

function mix(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
