// Consoles as whole lines with the name of who wrote them: several guests can talk at once and stay readable.
import type { Host } from './host.ts';

/** A guest that floods its console is cut off here. */
const LINES_PRINTED = 10_000;
const COLUMNS_KEPT = 400;

/** Prints a line when it is finished. */
export class LinePrinter {
  readonly #host: Host;
  readonly #width: number;
  readonly #texts = new Map<string, string>();
  #lines = 0;

  constructor(host: Host, names: readonly string[]) {
    this.#host = host;
    this.#width = Math.max(...names.map((name) => name.length));
  }

  put(name: string, byte: number): void {
    const text = this.#texts.get(name) ?? '';
    if (byte === 0x0a) this.#print(name, text);
    else if (byte !== 0x0d && text.length < COLUMNS_KEPT) {
      this.#texts.set(name, text + (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
    }
  }

  #print(name: string, text: string): void {
    this.#texts.set(name, '');
    this.#lines++;
    if (this.#lines <= LINES_PRINTED) this.#host.out(`${name.padEnd(this.#width)} | ${text}\n`);
    else if (this.#lines === LINES_PRINTED + 1) this.#host.out(`... further lines are not printed\n`);
  }

  /** Lines that were left without their end. */
  flush(): void {
    for (const [name, text] of this.#texts) if (text !== '') this.#print(name, text);
  }
}
