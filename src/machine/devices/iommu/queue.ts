// One of the two queues in memory (chapter 4): where it lies, how far both sides are, its control and status register.

import { pageAddress } from './memory.ts';
import { QUEUE_CSR } from './registers.ts';

/** Entries a queue may have, as a logarithm less one: 4096. What software asks beyond is cut (cqb and fqb are WARL). */
const SIZE_FIELD_MAX = 11;
const SIZE_FIELD = 0x1f;
const PPN_LOW = 0xffff_fc00;
const PPN_HIGH = 0x003f_ffff;

export interface QueueState {
  baseLow: number;
  baseHigh: number;
  head: number;
  tail: number;
  csr: number;
}

export class Queue {
  readonly #entryBytes: number;
  /** Bits of the status register that software clears by writing ones. */
  readonly #errors: number;
  #baseLow = 0;
  #baseHigh = 0;
  head = 0;
  tail = 0;
  csr = 0;

  constructor(entryBytes: number, errors: number) {
    this.#entryBytes = entryBytes;
    this.#errors = errors;
  }

  get on(): boolean {
    return (this.csr & QUEUE_CSR.ON) !== 0;
  }

  get failed(): boolean {
    return (this.csr & this.#errors) !== 0;
  }

  get interrupts(): boolean {
    return (this.csr & QUEUE_CSR.INTERRUPT_ENABLE) !== 0;
  }

  get isEmpty(): boolean {
    return this.head === this.tail;
  }

  get isFull(): boolean {
    return this.after(this.tail) === this.head;
  }

  base(half: 0 | 1): number {
    return half === 0 ? this.#baseLow : this.#baseHigh;
  }

  /** Ignored while the queue is on, which leaves a driver's mistake without effect. */
  setBase(half: 0 | 1, value: number): void {
    if (this.on) return;
    if (half === 1) this.#baseHigh = value & PPN_HIGH;
    else this.#baseLow = ((value & PPN_LOW) | Math.min(value & SIZE_FIELD, SIZE_FIELD_MAX)) >>> 0;
    this.head = this.index(this.head);
    this.tail = this.index(this.tail);
  }

  /** The part of a number that is an index into the queue. */
  index(value: number): number {
    return (value & ((2 << (this.#baseLow & SIZE_FIELD)) - 1)) >>> 0;
  }

  after(index: number): number {
    return this.index(index + 1);
  }

  entryAddress(index: number): number {
    const ppn = (BigInt(this.#baseHigh) << 22n) | BigInt(this.#baseLow >>> 10);
    return pageAddress(ppn) + index * this.#entryBytes;
  }

  /** A store to the status register. True where it turned the queue on: errors are gone then, and the IOMMU's side of the
   * queue begins anew. */
  writeCsr(value: number): boolean {
    const enabled = value & QUEUE_CSR.ENABLE;
    const starts = enabled !== 0 && !this.on;
    const errors = starts ? 0 : this.csr & this.#errors & ~value;
    this.csr = enabled | (value & QUEUE_CSR.INTERRUPT_ENABLE) | errors | (enabled !== 0 ? QUEUE_CSR.ON : 0);
    return starts;
  }

  save(): QueueState {
    return { baseLow: this.#baseLow, baseHigh: this.#baseHigh, head: this.head, tail: this.tail, csr: this.csr };
  }

  restore(state: QueueState): void {
    this.#baseLow = state.baseLow;
    this.#baseHigh = state.baseHigh;
    this.head = state.head;
    this.tail = state.tail;
    this.csr = state.csr;
  }
}
