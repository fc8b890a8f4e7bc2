// A guest's console, cut into what each tool said: between two lines of the script that runs them. A line that comes where
// none of its kind may is no line of the script's.

/** Of a guest that never stops talking, that is enough. */
const MOST_CHARACTERS = 1 << 18;

export interface Section {
  readonly text: string;
  /** Exit code of the tool. */
  readonly status: number;
}

export interface Transcript {
  /** By name; the first of a name counts. */
  readonly sections: ReadonlyMap<string, Section>;
  /** Why a tool was not run, by its name. */
  readonly without: ReadonlyMap<string, string>;
}

/** Collects a console, byte by byte. */
export class Listener {
  #text = '';

  hear(byte: number): void {
    if (this.#text.length < MOST_CHARACTERS) this.#text += String.fromCharCode(byte);
  }

  get text(): string {
    return this.#text;
  }
}

export function readTranscript(console: string): Transcript {
  const sections = new Map<string, Section>();
  const without = new Map<string, string>();
  let open: { readonly name: string; text: string } | undefined;
  // A terminal ends its lines with both.
  for (const line of console.replaceAll('\r\n', '\n').split('\n').slice(0, -1)) {
    const begun = /^taco: begin ([a-z]{1,20})$/.exec(line);
    const ended = /^taco: end ([a-z]{1,20}) (\d{1,3})$/.exec(line);
    const absent = /^taco: without ([a-z]{1,20}): ([ -~]{1,80})$/.exec(line);
    if (begun) open = { name: begun[1] ?? '', text: '' };
    else if (ended && open && ended[1] === open.name) {
      if (!sections.has(open.name)) sections.set(open.name, { text: open.text, status: Number(ended[2]) });
      open = undefined;
    } else if (open) open.text += `${line}\n`;
    else if (absent?.[1] !== undefined && absent[2] !== undefined && !without.has(absent[1]))
      without.set(absent[1], absent[2]);
  }
  return { sections, without };
}
