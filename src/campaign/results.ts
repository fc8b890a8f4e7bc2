// The set of results: one per key. What is kept of a row is the caller's choice, so that memory does not grow with what
// only the disk needs.

import { canonical } from './canonical.ts';
import { DeterminismError } from './errors.ts';

/** SHA-256 in hexadecimal: handed in, because hashing belongs to the host. */
export type Hash = (text: string) => string;

export interface Result<Row> {
  readonly key: string;
  readonly rows: readonly Row[];
}

interface Known<Row> {
  readonly digest: string;
  readonly rows: readonly Row[];
  /** Where it was read or made, for messages. */
  readonly place: string;
}

export class Results<Row> {
  /** Results that came again and agreed. */
  duplicates = 0;
  readonly #known = new Map<string, Known<Row>>();
  readonly #hash: Hash;
  readonly #keep: (row: Row) => Row;

  constructor(hash: Hash, keep: (row: Row) => Row = (row) => row) {
    this.#hash = hash;
    this.#keep = keep;
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  get size(): number {
    return this.#known.size;
  }

  /** True when it is new; false when it agrees with what is there. */
  add({ key, rows }: Result<Row>, place: string): boolean {
    const digest = this.#hash(canonical(rows));
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (known.digest !== digest) throw new DeterminismError(key, known.place, place);
      this.duplicates++;
      return false;
    }
    this.#known.set(key, { digest, rows: rows.map(this.#keep), place });
    return true;
  }

  /** Nothing for a key without a result. */
  rows(key: string): readonly Row[] {
    return this.#known.get(key)?.rows ?? [];
  }

  all(): Result<Row>[] {
    return [...this.#known].map(([key, { rows }]) => ({ key, rows }));
  }

  /** Of the results of those keys: the same whatever their order, and whoever found them in how many goes. */
  hashOf(keys: readonly string[]): string {
    const lines = keys.flatMap((key) => {
      const known = this.#known.get(key);
      return known === undefined ? [] : [`${key} ${known.digest}\n`];
    });
    return this.#hash(lines.sort().join(''));
  }
}
