// Def-use pruning: a bit that flips between two accesses of its location does the same whenever it flips there, so one
// experiment, the pilot, stands for the whole class; and where the next access is a write, nothing happens at all and no
// experiment is needed. A pilot counts by the size of its class: pilots counted by heads are no rate.

import type { Random } from './random.ts';

export type AccessKind = 'read' | 'write';

/** Flips of the bits of `count` neighbouring locations before any of the instructions `first` to `last`. The pilot flips
 * just before `last`, which reads them. */
export interface LiveClass {
  readonly location: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

export interface Pilot {
  readonly location: number;
  /** Instructions before the flip. */
  readonly at: number;
  readonly bit: number;
}

/** Fields of a class in the table below. */
const FIELDS = 4;
const FIRST_ROOM = 1 << 12;

/** The fault space of one run, from the accesses to its locations: registers, or bytes of memory. Told of millions of
 * accesses, so what it keeps are numbers in tables. */
export class DefUse {
  /** Bits of a location. */
  readonly bits: number;
  /** Instant at which the class that is open began, for each location. */
  readonly #since: Float64Array;
  #classes = new Uint32Array(FIELDS * FIRST_ROOM);
  /** Faults of a bit in all classes up to each one: location x instant. */
  #upTo = new Float64Array(FIRST_ROOM);
  #size = 0;
  #length = 0;

  constructor(locations: number, bits: number) {
    this.#since = new Float64Array(locations);
    this.bits = bits;
  }

  /** Of `count` locations by the `at`-th instruction of the run, in the order of the run. An instruction that reads a
   * location and writes it reads it first. What an instant does to a location after its first access there belongs to the
   * same moment, in which nothing can flip. */
  access(location: number, count: number, at: number, kind: AccessKind): void {
    const end = location + count;
    for (let from = location; from < end; ) {
      const first = this.#since[from];
      if (first === undefined || at < first - 1)
        throw new RangeError(`location ${from} of ${this.#since.length} is accessed at ${at}, after ${first}`);
      let to = from + 1;
      while (to < end && this.#since[to] === first) to++;
      if (at >= first) {
        if (kind === 'read') this.#keep({ location: from, count: to - from, first, last: at });
        this.#since.fill(at + 1, from, to);
      }
      from = to;
    }
  }

  /** The run is over after so many instructions: what was not accessed any more is never used, and an access of the next
   * instruction, which did not run, is none. */
  end(length: number): void {
    while (this.#size > 0 && this.classAt(this.#size - 1).last >= length) this.#size--;
    this.#length = length;
  }

  #keep({ location, count, first, last }: LiveClass): void {
    if (this.#size === this.#upTo.length) {
      const classes = new Uint32Array(2 * this.#classes.length);
      classes.set(this.#classes);
      this.#classes = classes;
      const upTo = new Float64Array(2 * this.#upTo.length);
      upTo.set(this.#upTo);
      this.#upTo = upTo;
    }
    this.#classes.set([location, count, first, last], FIELDS * this.#size);
    this.#upTo[this.#size] = this.#before(this.#size) + count * (last - first + 1);
    this.#size++;
  }

  #before(index: number): number {
    return this.#upTo[index - 1] ?? 0;
  }

  /** Classes of which each needs an experiment for each of its bits. */
  get size(): number {
    return this.#size;
  }

  /** Faults in these classes. */
  get live(): number {
    return this.bits * this.#before(this.#size);
  }

  /** Faults known to do nothing: overwritten before they are read, or never used again. */
  get known(): number {
    return this.bits * this.#since.length * this.#length - this.live;
  }

  classAt(index: number): LiveClass {
    const [location = 0, count = 0, first = 0, last = 0] = this.#classes.subarray(FIELDS * index, FIELDS * (index + 1));
    if (index >= this.#size) throw new RangeError(`there is no class ${index} of ${this.#size}`);
    return { location, count, first, last };
  }

  /** Draws in proportion to weight and with replacement: the share of failing pilots is then the share of failing faults
   * among the live ones, without a correction, and their number is binomial, so exact intervals hold. */
  draw(random: Random): Pilot {
    if (this.#size === 0) throw new RangeError('no fault of this space is ever read');
    const wanted = random.below(this.#before(this.#size));
    let [low, high] = [0, this.#size - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#upTo[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    const { location, count, last } = this.classAt(low);
    return { location: location + random.below(count), at: last, bit: random.below(this.bits) };
  }
}
