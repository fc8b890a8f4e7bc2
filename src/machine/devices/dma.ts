// One DMA channel: copies RAM to RAM. Where no IOMMU stands between, its addresses are physical, and it reaches whatever its
// owner names.

import type { ClockTarget, Scheduler } from '../clock.ts';
import type { Device, InterruptLine } from './device.ts';
import { REFUSED } from './device.ts';
import type { RamPort } from './ram-port.ts';

/** Registers. SRC, DST and LENGTH have 64 bits, the others 32. */
export const DMA = { SRC: 0x00, DST: 0x08, LENGTH: 0x10, CONTROL: 0x18, STATUS: 0x1c } as const;
export const DMA_CONTROL = { START: 1, INTERRUPT_ENABLE: 2 } as const;
/** A store of DONE or ERROR to STATUS clears that bit. The line is high while DONE and INTERRUPT_ENABLE are set. */
export const DMA_STATUS = { BUSY: 1, DONE: 2, ERROR: 4 } as const;
/** Bytes one transfer may copy at most. */
export const DMA_LENGTH_MAX = 0x10_0000;

/** Cycles of a transfer: fixed, and one per 8 bytes. */
const SETUP_CYCLES = 100;
const BYTES_PER_CYCLE = 8;

const REGISTER_NAMES = ['SRC', 'SRC+4', 'DST', 'DST+4', 'LENGTH', 'LENGTH+4', 'CONTROL', 'STATUS'];
const SRC_WORD = DMA.SRC >>> 2;
const DST_WORD = DMA.DST >>> 2;
const LENGTH_WORD = DMA.LENGTH >>> 2;
const PARAMETER_WORDS = 6;

/** Tags of its events: the bytes are to be copied; they were, or were not, and the transfer ends. */
const TAG = { COPY: 0, COPIED: 1, FAILED: 2 } as const;

export interface DmaState {
  /** Halves of SRC, DST, LENGTH as the guest reads them. */
  parameters: Uint32Array;
  /** The same as they were when the transfer began. */
  started: Uint32Array;
  startedBy: number;
  interruptEnable: boolean;
  status: number;
}

export interface DmaOptions {
  readonly name: string;
  readonly port: RamPort;
  readonly clock: Scheduler;
  readonly line: InterruptLine;
}

export class Dma implements Device, ClockTarget {
  readonly name: string;
  readonly size = 0x1000;
  readonly #port: RamPort;
  readonly #clock: Scheduler;
  readonly #line: InterruptLine;
  readonly #parameters = new Uint32Array(PARAMETER_WORDS);
  readonly #started = new Uint32Array(PARAMETER_WORDS);
  #startedBy = 0;
  #interruptEnable = false;
  #status = 0;

  constructor(options: DmaOptions) {
    this.name = options.name;
    this.#port = options.port;
    this.#clock = options.clock;
    this.#line = options.line;
    this.#clock.register(this);
  }

  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    if (width !== 4 || offset > DMA.STATUS) return REFUSED;
    if (offset === DMA.CONTROL) return this.#interruptEnable ? DMA_CONTROL.INTERRUPT_ENABLE : 0;
    if (offset === DMA.STATUS) return this.#status;
    return this.#parameters[offset >>> 2] ?? 0;
  }

  write(offset: number, width: 1 | 2 | 4, value: number, world: number): boolean {
    if (width !== 4 || offset > DMA.STATUS) return false;
    if (offset === DMA.CONTROL) {
      this.#interruptEnable = (value & DMA_CONTROL.INTERRUPT_ENABLE) !== 0;
      if ((value & DMA_CONTROL.START) !== 0) this.#start(world);
    } else if (offset === DMA.STATUS) {
      this.#status &= ~(value & (DMA_STATUS.DONE | DMA_STATUS.ERROR));
    } else {
      this.#parameters[offset >>> 2] = value;
    }
    this.#updateLine();
    return true;
  }

  /** A start while busy is ignored; stores to the parameters meanwhile concern the next transfer. */
  #start(world: number): void {
    if ((this.#status & DMA_STATUS.BUSY) !== 0) return;
    this.#started.set(this.#parameters);
    this.#startedBy = world;
    this.#status = DMA_STATUS.BUSY;
    // A length that will be refused takes no time to copy.
    const length = this.#value(LENGTH_WORD);
    const copyCycles = length <= DMA_LENGTH_MAX ? Math.ceil(length / BYTES_PER_CYCLE) : 0;
    this.#clock.schedule(SETUP_CYCLES + copyCycles, this, TAG.COPY);
  }

  fire(tag: number): void {
    if (tag !== TAG.COPY) return this.#finish(tag === TAG.COPIED);
    const isCopied = this.#copy();
    const waitCycles = this.#port.takeCycles();
    if (waitCycles > 0) this.#clock.schedule(waitCycles, this, isCopied ? TAG.COPIED : TAG.FAILED);
    else this.#finish(isCopied);
  }

  /** All bytes at once, as the world that started the transfer; none where a byte of either side may not be touched. */
  #copy(): boolean {
    const src = this.#value(SRC_WORD);
    const dst = this.#value(DST_WORD);
    const length = this.#value(LENGTH_WORD);
    if (length > DMA_LENGTH_MAX) return false;
    if (!this.#port.covers(src, length, false) || !this.#port.covers(dst, length, true)) return false;
    const bytes = this.#port.read(src, length, this.#startedBy);
    return bytes !== undefined && this.#port.write(dst, bytes, this.#startedBy);
  }

  #finish(isCopied: boolean): void {
    this.#status = DMA_STATUS.DONE | (isCopied ? 0 : DMA_STATUS.ERROR);
    this.#updateLine();
  }

  /** A parameter of the running transfer; inexact beyond 2^53, where there is no RAM. */
  #value(word: number): number {
    return (this.#started[word] ?? 0) + (this.#started[word + 1] ?? 0) * 2 ** 32;
  }

  #updateLine(): void {
    this.#line.set(this.#interruptEnable && (this.#status & DMA_STATUS.DONE) !== 0);
  }

  registerName(offset: number): string {
    return REGISTER_NAMES[offset >>> 2] ?? 'unimplemented';
  }

  save(): DmaState {
    return {
      parameters: this.#parameters.slice(),
      started: this.#started.slice(),
      startedBy: this.#startedBy,
      interruptEnable: this.#interruptEnable,
      status: this.#status,
    };
  }

  /** The event of a running transfer is restored with the clock. */
  restore(state: DmaState): void {
    this.#parameters.set(state.parameters);
    this.#started.set(state.started);
    this.#startedBy = state.startedBy;
    this.#interruptEnable = state.interruptEnable;
    this.#status = state.status;
  }
}
