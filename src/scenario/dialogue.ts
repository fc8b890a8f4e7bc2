// What is awaited of a console, byte by byte as it is said. Nothing here knows of time: whoever runs the machine asks at
// moments of its own, and equal moments give equal answers.
import type { Cue } from './stranger.ts';

/** Of a console that says much while nothing is typed, the end is kept. */
const KEPT_CHARACTERS = 4096;

/** One character a byte, so that a text can be looked for in what a console said whatever its encoding. */
const asBytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

/** Waits for one text, for as long as it takes. */
export class Awaited {
  readonly #text: string;
  #heard = '';
  #seen = false;

  constructor(text: string) {
    this.#text = asBytes(text);
  }

  get seen(): boolean {
    return this.#seen;
  }

  hear(byte: number): void {
    if (this.#seen) return;
    this.#heard = (this.#heard + String.fromCharCode(byte)).slice(-this.#text.length);
    this.#seen = this.#heard === this.#text;
  }
}

/** The typist: each cue once, in order, and never on words that were said before the last one was given. */
export class Dialogue {
  readonly #cues: readonly Cue[];
  #next = 0;
  #heard = '';

  constructor(cues: readonly Cue[]) {
    this.#cues = cues;
  }

  hear(byte: number): void {
    this.#heard += String.fromCharCode(byte);
    if (this.#heard.length > 2 * KEPT_CHARACTERS) this.#heard = this.#heard.slice(-KEPT_CHARACTERS);
  }

  /** What is to be typed now, if the next cue has come. */
  answer(): Uint8Array | undefined {
    const cue = this.#cues[this.#next];
    if (cue === undefined) return undefined;
    const text = asBytes(cue.after);
    const at = this.#heard.indexOf(text);
    if (at < 0) return undefined;
    this.#heard = this.#heard.slice(at + text.length);
    this.#next++;
    return new TextEncoder().encode(cue.type);
  }

  /** The text that is waited for in vain, if one is. */
  get awaited(): string | undefined {
    return this.#cues[this.#next]?.after;
  }
}
