// Digests of bytes and registers, to compare states, not to defend against anybody: FNV-1a over 32-bit words, twice
// with different offsets, because one 32-bit hash is too small for a campaign of thousands.

const PRIME = 0x0100_0193;

export class StateDigest {
  #low = 0x811c_9dc5;
  #high = 0x1b87_3593;

  word(value: number): this {
    this.#low = Math.imul(this.#low ^ value, PRIME);
    this.#high = Math.imul(this.#high ^ value ^ (this.#low >>> 15), PRIME);
    return this;
  }

  bytes(data: Uint8Array): this {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const whole = data.length & ~3;
    for (let offset = 0; offset < whole; offset += 4) this.word(view.getInt32(offset, true));
    for (let offset = whole; offset < data.length; offset++) this.word(data[offset] ?? 0);
    return this.word(data.length);
  }

  register(value: bigint): this {
    return this.word(Number(value & 0xffff_ffffn)).word(Number((value >> 32n) & 0xffff_ffffn));
  }

  hex(): string {
    const text = (half: number) => (half >>> 0).toString(16).padStart(8, '0');
    return text(this.#high) + text(this.#low);
  }
}
