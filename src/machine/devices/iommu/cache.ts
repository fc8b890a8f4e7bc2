/** A few entries that are kept until something takes them: an invalidation, or a newer entry when there is no room. In order
 * of their age; a hit changes nothing. Entries are never changed. */
export class Cache<Entry extends object> {
  readonly #capacity: number;
  #entries: Entry[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  find(matches: (entry: Entry) => boolean): Entry | undefined {
    return this.#entries.find(matches);
  }

  add(entry: Entry): void {
    if (this.#entries.length >= this.#capacity) this.#entries.shift();
    this.#entries.push(entry);
  }

  drop(matches: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !matches(entry));
  }

  save(): Entry[] {
    return this.#entries.slice();
  }

  restore(entries: readonly Entry[]): void {
    this.#entries = entries.slice();
  }
}
