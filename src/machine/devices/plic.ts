// The platform-level interrupt controller, to the letter of the RISC-V PLIC specification 1.0.0, with level-sensitive
// gateways. A context is the external interrupt of one hart in one mode: 2 * hart for M, 2 * hart
// + 1 for S. Every change is followed by an evaluation at once, also of an enable or threshold word.

import type { Device, InterruptLine } from './device.ts';
import { OWNER_LAYER, OWNER_RUNNING, REFUSED } from './device.ts';

/** Register blocks. Enable words lie 0x80 apart per context, threshold and claim 0x1000 apart. */
export const PLIC = {
  PRIORITY: 0x0,
  PENDING: 0x1000,
  ENABLE: 0x2000,
  ENABLE_STRIDE: 0x80,
  THRESHOLD: 0x20_0000,
  CLAIM: 0x20_0004,
  CONTEXT_STRIDE: 0x1000,
} as const;

/** Priorities and thresholds have 3 bits (WARL); priority 0 never interrupts. */
const PRIORITY_MASK = 7;

export interface PlicOptions {
  /** Sources 1..sources; at most 1023. */
  readonly sources: number;
  /** Two per hart. */
  readonly contexts: number;
  /** The external-interrupt pin of a context; called on changes only. */
  readonly output: (context: number, high: boolean) => void;
  /** Who owns a source: a guest's index or OWNER_LAYER. */
  readonly sourceOwner: (source: number) => number;
  /** Who runs on a hart: OWNER_RUNNING on that which accesses, else a guest's index or OWNER_LAYER. */
  readonly runsOn: (hart: number) => number;
}

export interface PlicState {
  priority: Uint8Array;
  threshold: Uint8Array;
  /** Bit masks, 32 sources a word: level of the line, pending (IP), claimed and not yet completed. */
  line: Uint32Array;
  pending: Uint32Array;
  claimed: Uint32Array;
  /** All words of context 0, then of context 1, ... */
  enable: Uint32Array;
  /** What each output shows: 0 or 1. */
  output: Uint8Array;
}

export class Plic implements Device {
  readonly name = 'plic';
  readonly size = 0x60_0000;
  readonly #options: PlicOptions;
  /** Words of a source mask. */
  readonly #words: number;
  readonly #priority: Uint8Array;
  readonly #threshold: Uint8Array;
  readonly #line: Uint32Array;
  readonly #pending: Uint32Array;
  readonly #claimed: Uint32Array;
  readonly #enable: Uint32Array;
  readonly #output: Uint8Array;

  constructor(options: PlicOptions) {
    this.#options = options;
    this.#words = (options.sources >>> 5) + 1;
    this.#priority = new Uint8Array(options.sources + 1);
    this.#threshold = new Uint8Array(options.contexts);
    this.#line = new Uint32Array(this.#words);
    this.#pending = new Uint32Array(this.#words);
    this.#claimed = new Uint32Array(this.#words);
    this.#enable = new Uint32Array(this.#words * options.contexts);
    this.#output = new Uint8Array(options.contexts);
  }

  /** The wire into a source's gateway. */
  line(source: number): InterruptLine {
    if (source < 1 || source > this.#options.sources) throw new RangeError(`the PLIC has no source ${source}`);
    return { set: (high) => this.#setLine(source, high) };
  }

  #setLine(source: number, high: boolean): void {
    const word = source >>> 5;
    const bit = 1 << source;
    if (!high) {
      // "Interrupt Gateways": a request once forwarded cannot be retracted, it stays pending although the line drops.
      this.#line[word] = at(this.#line, word) & ~bit;
      return;
    }
    this.#line[word] = at(this.#line, word) | bit;
    if ((at(this.#claimed, word) & bit) === 0) {
      this.#pending[word] = at(this.#pending, word) | bit;
      this.#evaluate();
    }
  }

  /** Widths other than 32 bits are refused; registers of absent sources and contexts and the gaps read zero. */
  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    if (width !== 4) return REFUSED;
    if (offset < PLIC.PENDING) return this.#priority[offset >>> 2] ?? 0;
    if (offset < PLIC.ENABLE) return this.#pending[(offset - PLIC.PENDING) >>> 2] ?? 0;
    if (offset < PLIC.THRESHOLD) {
      const index = this.#enableIndex(offset);
      return index < 0 ? 0 : at(this.#enable, index);
    }
    const context = contextOf(offset);
    if (context >= this.#options.contexts) return 0;
    if (isThreshold(offset)) return at(this.#threshold, context);
    return isClaim(offset) ? this.#claim(context) : 0;
  }

  /** Pending words are read-only; a store to them, to a gap or to what is absent has no effect. */
  write(offset: number, width: 1 | 2 | 4, value: number, _world: number): boolean {
    if (width !== 4) return false;
    if (offset < PLIC.PENDING) {
      const source = offset >>> 2;
      if (source === 0 || source > this.#options.sources) return true;
      this.#priority[source] = value & PRIORITY_MASK;
    } else if (offset < PLIC.ENABLE) {
      return true;
    } else if (offset < PLIC.THRESHOLD) {
      const index = this.#enableIndex(offset);
      if (index < 0) return true;
      this.#enable[index] = value & this.#implemented(index % this.#words);
    } else {
      const context = contextOf(offset);
      if (context >= this.#options.contexts) return true;
      if (isThreshold(offset)) this.#threshold[context] = value & PRIORITY_MASK;
      else if (isClaim(offset)) this.#complete(context, value);
    }
    this.#evaluate();
    return true;
  }

  /** Takes the request of highest priority, the lowest number among equals, clears its pending bit and returns its
   * number; 0 if there is none. The threshold does not matter to a claim ("Interrupt Claim Process"). */
  #claim(context: number): number {
    const source = this.#best(context, 0);
    if (source === 0) return 0;
    const word = source >>> 5;
    const bit = 1 << source;
    this.#pending[word] = at(this.#pending, word) & ~bit;
    this.#claimed[word] = at(this.#claimed, word) | bit;
    this.#evaluate();
    return source;
  }

  /** "Interrupt Completion": a number that is not of a source enabled for this context is ignored, and whether this
   * context made the claim is not checked. A line still high becomes pending again. */
  #complete(context: number, source: number): void {
    if (source < 1 || source > this.#options.sources) return;
    const word = source >>> 5;
    const bit = 1 << source;
    if ((at(this.#enable, context * this.#words + word) & bit) === 0) return;
    if ((at(this.#claimed, word) & bit) === 0) return;
    this.#claimed[word] = at(this.#claimed, word) & ~bit;
    this.#pending[word] = at(this.#pending, word) | (at(this.#line, word) & bit);
  }

  #evaluate(): void {
    for (let context = 0; context < this.#output.length; context++) {
      const high = this.#best(context, at(this.#threshold, context)) === 0 ? 0 : 1;
      if (high === this.#output[context]) continue;
      this.#output[context] = high;
      this.#options.output(context, high === 1);
    }
  }

  /** The request of a context that a claim would take, if its priority exceeds `floor`; else 0. */
  #best(context: number, floor: number): number {
    let best = 0;
    let bestPriority = floor;
    for (let word = 0; word < this.#words; word++) {
      let requests = at(this.#pending, word) & at(this.#enable, context * this.#words + word);
      while (requests !== 0) {
        const source = word * 32 + 31 - Math.clz32(requests & -requests);
        requests &= requests - 1;
        const priority = at(this.#priority, source);
        if (priority > bestPriority) {
          best = source;
          bestPriority = priority;
        }
      }
    }
    return best;
  }

  /** Index into the enable words, or -1 for a word that is absent. */
  #enableIndex(offset: number): number {
    const context = Math.floor((offset - PLIC.ENABLE) / PLIC.ENABLE_STRIDE);
    const word = ((offset - PLIC.ENABLE) % PLIC.ENABLE_STRIDE) >>> 2;
    return context < this.#options.contexts && word < this.#words ? context * this.#words + word : -1;
  }

  /** Which bits of a source mask are sources: all but 0 and those beyond the last. */
  #implemented(word: number): number {
    const beyond = this.#options.sources + 1 - word * 32;
    return (beyond >= 32 ? 0xffff_ffff : (1 << beyond) - 1) & (word === 0 ? ~1 : ~0);
  }

  /** Per source: its priority word and its bit of each S context's enable words. M contexts are the layer's, S contexts of
   * other harts theirs who run there. A load of a word that sources share, or a store that changes none of its bits,
   * touches nobody: OWNER_RUNNING. */
  owners(offset: number, _width: 1 | 2 | 4, value: number, write: boolean): number[] {
    if (offset < PLIC.PENDING) {
      const source = offset >>> 2;
      return [source >= 1 && source <= this.#options.sources ? this.#options.sourceOwner(source) : OWNER_LAYER];
    }
    if (offset < PLIC.ENABLE) return [write ? OWNER_LAYER : OWNER_RUNNING];
    if (offset >= PLIC.THRESHOLD) return [this.#contextOwner(contextOf(offset))];
    const index = this.#enableIndex(offset);
    const owner = index < 0 ? OWNER_LAYER : this.#contextOwner(Math.floor(index / this.#words));
    if (owner !== OWNER_RUNNING) return [owner];
    const word = index % this.#words;
    const changed = write ? (value ^ at(this.#enable, index)) & this.#implemented(word) : 0;
    if (changed === 0) return [OWNER_RUNNING];
    const owners = new Set<number>();
    for (let bit = 0; bit < 32; bit++) {
      if ((changed & (1 << bit)) !== 0) owners.add(this.#options.sourceOwner(word * 32 + bit));
    }
    return [...owners];
  }

  #contextOwner(context: number): number {
    if ((context & 1) === 0) return OWNER_LAYER;
    return context < this.#options.contexts ? this.#options.runsOn(context >>> 1) : OWNER_RUNNING;
  }

  /** Said of priorities: the driver of a kernel gives each source the one that it has. */
  keeps(offset: number, _width: 1 | 2 | 4, value: number): boolean {
    return offset < PLIC.PENDING && this.#priority[offset >>> 2] === (value & PRIORITY_MASK);
  }

  registerName(offset: number): string {
    if (offset < PLIC.PENDING) return `priority${offset >>> 2}`;
    if (offset < PLIC.ENABLE) return `pending[${(offset - PLIC.PENDING) >>> 2}]`;
    if (offset < PLIC.THRESHOLD) {
      const index = this.#enableIndex(offset);
      return index < 0 ? 'unimplemented' : `enable${Math.floor(index / this.#words)}[${index % this.#words}]`;
    }
    const context = contextOf(offset);
    if (context >= this.#options.contexts) return 'unimplemented';
    if (isThreshold(offset)) return `threshold${context}`;
    return isClaim(offset) ? `claim${context}` : 'unimplemented';
  }

  save(): PlicState {
    return {
      priority: this.#priority.slice(),
      threshold: this.#threshold.slice(),
      line: this.#line.slice(),
      pending: this.#pending.slice(),
      claimed: this.#claimed.slice(),
      enable: this.#enable.slice(),
      output: this.#output.slice(),
    };
  }

  /** The outputs' receivers restore the pins themselves: the harts' pending bits are the harts' state. */
  restore(state: PlicState): void {
    this.#priority.set(state.priority);
    this.#threshold.set(state.threshold);
    this.#line.set(state.line);
    this.#pending.set(state.pending);
    this.#claimed.set(state.claimed);
    this.#enable.set(state.enable);
    this.#output.set(state.output);
  }
}

/** An element known to exist. */
function at(array: Uint8Array | Uint32Array, index: number): number {
  return array[index] ?? 0;
}

const contextOf = (offset: number): number => Math.floor((offset - PLIC.THRESHOLD) / PLIC.CONTEXT_STRIDE);
const isThreshold = (offset: number): boolean => offset % PLIC.CONTEXT_STRIDE === PLIC.THRESHOLD % PLIC.CONTEXT_STRIDE;
const isClaim = (offset: number): boolean => offset % PLIC.CONTEXT_STRIDE === PLIC.CLAIM % PLIC.CONTEXT_STRIDE;
