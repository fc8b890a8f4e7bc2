// Results on disk: append-only shards that survive a kill at any byte. Opening repairs what a kill can do, sets aside what
// a failing disk does, and refuses what belongs to other images, another scenario or another seed.

import { RefusedFolder, StorageFailed } from './errors.ts';
import type { Folder } from './folder.ts';
import { differences, type Header } from './header.ts';
import type { Result, Results } from './results.ts';
import { encodeLine, readShard, type ShardText } from './shard.ts';

/** A shard is read whole, so this bounds what reading takes. */
const SHARD_BYTES = 8 * 2 ** 20;
const SHARD_NAME = /^\d{3,}\.jsonl$/;
const FIRST = 1;

export interface StoreOptions<Row> {
  readonly folder: Folder;
  readonly header: Header;
  readonly results: Results<Row>;
  /** Told, in a sentence, of everything that was repaired. */
  readonly say: (sentence: string) => void;
  /** Damaged lines are set aside and found out again; without it they are refused. */
  readonly repair: boolean;
  readonly shardBytes?: number;
}

const nameOf = (number: number): string => `${String(number).padStart(3, '0')}.jsonl`;
const numberOf = (name: string): number => Number.parseInt(name, 10);

export function shardNames(folder: Folder): string[] {
  return folder
    .names()
    .filter((name) => SHARD_NAME.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

/** What a file system said, in words. */
export function problemOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'is full: there is no room left on the disk';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return `may not be written (${code})`;
  return `cannot be written (${typeof code === 'string' ? code : String(error)})`;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export class Store<Row> {
  readonly #options: StoreOptions<Row>;
  #number = FIRST;
  #size = 0;

  private constructor(options: StoreOptions<Row>) {
    this.#options = options;
  }

  /** Reads everything that is there into `results`, and stands ready to append. */
  static open<Row>(options: StoreOptions<Row>): Store<Row> {
    const store = new Store(options);
    for (const name of shardNames(options.folder)) {
      store.#number = numberOf(name);
      store.#size = store.#load(name);
    }
    if (store.#size === 0 && options.repair) store.#write([encodeLine(JSON.stringify(options.header))]);
    return store;
  }

  /** On the disk when this returns, as far as the system is concerned: a kill of this process loses none of it. */
  append(fresh: readonly Result<Row>[]): void {
    const added = fresh.filter((result) => this.#options.results.add(result, this.#place()));
    if (added.length === 0) return;
    if (this.#size > (this.#options.shardBytes ?? SHARD_BYTES)) {
      this.#number++;
      this.#size = 0;
      this.#write([encodeLine(JSON.stringify(this.#options.header))]);
    }
    this.#write(added.map(({ key, rows }) => encodeLine(JSON.stringify({ key, rows }))));
  }

  #place(name = nameOf(this.#number)): string {
    return `${this.#options.folder.name}/${name}`;
  }

  /** All of it, or an error and the file as it was. */
  #write(lines: readonly Uint8Array[]): void {
    const { folder } = this.#options;
    const name = nameOf(this.#number);
    const bytes = join(lines);
    let done = 0;
    try {
      while (done < bytes.length) done += folder.append(name, bytes.subarray(done));
    } catch (error) {
      throw new StorageFailed(this.#place(), `${problemOf(error)}${this.#undo(name, done)}`);
    }
    this.#size += bytes.length;
  }

  /** Takes a half-written line away again, so that even a reader without repair finds whole lines. */
  #undo(name: string, written: number): string {
    if (written === 0) return '';
    try {
      this.#options.folder.truncate(name, this.#size);
      return '';
    } catch (error) {
      return `, and its last line stays cut off: it ${problemOf(error)}`;
    }
  }

  /** Answers the size of what is whole. */
  #load(name: string): number {
    const { folder, results } = this.#options;
    const text = this.#mend(name, readShard(folder.read(name)));
    const [header, ...rows] = text.lines;
    if (header === undefined) return 0;
    this.#check(name, header.json ?? '');
    for (const { number, json } of rows) {
      if (json === undefined) continue;
      const result = this.#parse(name, number, json);
      results.add(result, `${this.#place(name)}:${number}`);
    }
    return text.whole;
  }

  #check(name: string, json: string): void {
    const found: unknown = JSON.parse(json);
    const unlike = differences(found as Record<string, unknown>, this.#options.header);
    if (unlike === '') return;
    throw new RefusedFolder(
      `${this.#place(name)}:1`,
      `was recorded with ${unlike}`,
      'resume it with what it was recorded with (see env.json beside it), or give another folder with --out',
    );
  }

  /** The checksum is right, so another program wrote it if the shape is not. */
  #parse(name: string, number: number, json: string): Result<Row> {
    const value = JSON.parse(json) as { key?: unknown; rows?: unknown };
    if (typeof value.key === 'string' && Array.isArray(value.rows)) return value as Result<Row>;
    throw new RefusedFolder(
      `${this.#place(name)}:${number}`,
      'is no result of this program',
      'move the file away: what it holds is found out again',
    );
  }

  #mend(name: string, text: ShardText): ShardText {
    const { folder, repair, say } = this.#options;
    const [header] = text.lines;
    if (header !== undefined && header.json === undefined) {
      throw new RefusedFolder(
        `${this.#place(name)}:1`,
        'has a damaged header, so nobody knows what its rows belong to',
        'move the file away and resume: what it holds is found out again',
      );
    }
    const damaged = text.lines.filter(({ json }) => json === undefined);
    const torn = folder.read(name).length - text.whole;
    if (!repair) {
      const bad = damaged[0]?.number ?? (torn > 0 ? text.lines.length + 1 : undefined);
      if (bad === undefined) return text;
      throw new RefusedFolder(
        `${this.#place(name)}:${bad}`,
        damaged.length > 0 ? 'is damaged: its checksum does not fit' : 'was cut off',
        'resume that campaign first (--resume): what is missing is found out again',
      );
    }
    if (torn > 0) {
      this.#attempt(name, () => folder.truncate(name, text.whole));
      say(`${this.#place(name)}:${text.lines.length + 1}  was cut off: ${torn} bytes taken away`);
    }
    return damaged.length === 0 ? text : this.#setAside(name, text);
  }

  /** Damaged lines go to a file beside the shard, in case somebody wants to know what the disk does. */
  #setAside(name: string, text: ShardText): ShardText {
    const { folder, say } = this.#options;
    const aside = name.replace('.jsonl', '.damaged');
    const damaged = text.lines.filter(({ json }) => json === undefined);
    const whole = text.lines.filter(({ json }) => json !== undefined);
    const bytes = join(whole.map((line) => line.bytes));
    this.#attempt(name, () => {
      folder.replace(aside, join(damaged.map((line) => line.bytes)));
      folder.replace(name, bytes);
    });
    for (const { number } of damaged) {
      say(
        `${this.#place(name)}:${number}  is damaged: its checksum does not fit; moved to ${aside}, to be found out again`,
      );
    }
    return { lines: whole, whole: bytes.length };
  }

  #attempt(name: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      throw new StorageFailed(this.#place(name), problemOf(error));
    }
  }
}

/** What the rows of a folder were recorded with; undefined in one without shards. Untrusted, and checked no further. */
export function headerOf(folder: Folder): Header | undefined {
  for (const name of shardNames(folder)) {
    const json = readShard(folder.read(name)).lines[0]?.json;
    if (json !== undefined) return JSON.parse(json) as Header;
  }
  return undefined;
}
