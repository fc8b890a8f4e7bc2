// The names that a Linux kernel keeps of its own functions and data (`scripts/kallsyms.c` of its sources): names packed by a
// table of 256 tokens, and an offset for each. Found by their shape, for nothing in the image says where they are; an image
// without them, or with them cut or scrambled, has no names.

export interface KernelSymbol {
  readonly name: string;
  /** From the start of the image. */
  readonly address: number;
  /** As `nm` has it: t, d, b, r; capital letters are global. */
  readonly kind: string;
}

const TOKENS = 256;
const SYMBOLS_PER_MARKER = 256;
const MOST_SYMBOLS = 2 ** 20;
const MOST_TOKEN = 64;
const ALIGNMENT = 8;
const DIGIT_ZERO = 0x30;
/** The first byte of the image has this name. */
const ORIGIN = '_start';

const aligned = (at: number): number => Math.ceil(at / ALIGNMENT) * ALIGNMENT;

/** Digits are tokens of their own: ten one-letter strings in a row. */
const DIGITS = Uint8Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? DIGIT_ZERO + index / 2 : 0));

interface TokenTable {
  readonly tokens: readonly string[];
  /** Behind the table's index. */
  readonly end: number;
}

class Tables {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #word(at: number): number {
    return at >= 0 && at + 4 <= this.#bytes.length ? this.#view.getUint32(at, true) : 0;
  }

  #matches(at: number): boolean {
    return DIGITS.every((byte, index) => this.#bytes[at + index] === byte);
  }

  /** Tables of tokens that may have these digits: so many strings before them, the first one on a boundary. */
  #tableAround(digits: number): { readonly start: number; readonly table: TokenTable } | undefined {
    let second = digits;
    for (let token = DIGIT_ZERO; token > 1; token--) {
      const end = second - 1;
      second = this.#bytes.lastIndexOf(0, end - 1) + 1;
      if (end - second > MOST_TOKEN) return undefined;
    }
    for (let start = second - (second % ALIGNMENT); start > second - MOST_TOKEN && start >= 0; start -= ALIGNMENT) {
      const table = this.#tokens(start);
      if (table !== undefined) return { start, table };
    }
    return undefined;
  }

  /** The strings, and where the table ends; undefined unless the index behind it says the same. */
  #tokens(start: number): TokenTable | undefined {
    const tokens: string[] = [];
    const offsets: number[] = [];
    let at = start;
    for (let token = 0; token < TOKENS; token++) {
      const end = this.#bytes.indexOf(0, at);
      if (end < 0 || end - at > MOST_TOKEN) return undefined;
      offsets.push(at - start);
      tokens.push(String.fromCharCode(...this.#bytes.subarray(at, end)));
      at = end + 1;
    }
    const index = aligned(at);
    const end = index + 2 * TOKENS;
    if (end > this.#bytes.length) return undefined;
    if (!offsets.every((offset, token) => this.#view.getUint16(index + 2 * token, true) === offset)) return undefined;
    return { tokens, end };
  }

  /** Ends of names are marked every 256 of them; the marks lie before the tokens, the first of them is 0. */
  #markers(tokens: number): { readonly start: number; readonly count: number } | undefined {
    let at = tokens - 4;
    if (this.#word(at) === 0) at -= 4;
    let count = 1;
    while (at > 0 && this.#word(at) !== 0) {
      if (this.#word(at - 4) >= this.#word(at) || count * SYMBOLS_PER_MARKER > MOST_SYMBOLS) return undefined;
      at -= 4;
      count++;
    }
    return count > 1 ? { start: at, count } : undefined;
  }

  /** One packed name is so long, its length included. */
  #length(at: number): { readonly head: number; readonly size: number } {
    const first = this.#bytes[at] ?? 0;
    if (first < 0x80) return { head: 1, size: first };
    return { head: 2, size: (first & 0x7f) | ((this.#bytes[at + 1] ?? 0) << 7) };
  }

  #skip(at: number, names: number): number {
    let next = at;
    for (let name = 0; name < names; name++) {
      const { head, size } = this.#length(next);
      next += head + size;
    }
    return next;
  }

  /** Where the names begin, and how many there are. */
  #names(markers: { readonly start: number; readonly count: number }): { start: number; count: number } | undefined {
    const last = this.#word(markers.start + 4 * (markers.count - 1));
    const second = this.#word(markers.start + 4);
    const latest = markers.start - last;
    for (let start = latest - (latest % ALIGNMENT); start > latest - 2 ** 16 && start > ALIGNMENT; start -= ALIGNMENT) {
      const count = this.#word(start - ALIGNMENT);
      if (Math.ceil(count / SYMBOLS_PER_MARKER) !== markers.count) continue;
      if (this.#skip(start, SYMBOLS_PER_MARKER) === start + second) return { start, count };
    }
    return undefined;
  }

  #symbolsAt(digits: number): KernelSymbol[] | undefined {
    const around = this.#tableAround(digits);
    const markers = around && this.#markers(around.start);
    const names = markers && this.#names(markers);
    if (around === undefined || names === undefined) return undefined;
    const { table } = around;
    const offsets = aligned(table.end);
    const found: KernelSymbol[] = [];
    let at = names.start;
    for (let symbol = 0; symbol < names.count; symbol++) {
      const { head, size } = this.#length(at);
      let text = '';
      for (let byte = 0; byte < size; byte++) text += table.tokens[this.#bytes[at + head + byte] ?? 0] ?? '';
      at += head + size;
      found.push({ name: text.slice(1), kind: text.slice(0, 1), address: this.#word(offsets + 4 * symbol) });
    }
    return found;
  }

  read(): KernelSymbol[] {
    for (let at = this.#bytes.indexOf(DIGIT_ZERO); at >= 0; at = this.#bytes.indexOf(DIGIT_ZERO, at + 1)) {
      const found = this.#matches(at) ? this.#symbolsAt(at) : undefined;
      if (found !== undefined) return found;
    }
    return [];
  }
}

/** In the order of their addresses, as the kernel has them. */
export function readKernelSymbols(image: Uint8Array): KernelSymbol[] {
  const found = new Tables(image).read();
  const origin = found.find(({ name }) => name === ORIGIN)?.address ?? 0;
  return found.map((symbol) => ({ ...symbol, address: symbol.address - origin })).filter(({ address }) => address >= 0);
}
