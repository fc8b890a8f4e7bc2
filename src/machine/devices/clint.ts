// The SiFive CLINT: software interrupt and timer comparison of each hart's M-mode. mtime and mtimecmp are the harts' own
// state, reached through a capability, because the interpreter compares them without asking a device.

import type { Device } from './device.ts';
import { REFUSED } from './device.ts';

/** Register blocks: msip per hart (4 bytes), mtimecmp per hart (8 bytes), one mtime. */
export const CLINT = { MSIP: 0x0, MTIMECMP: 0x4000, MTIME: 0xbff8 } as const;

/** mtime and each hart's mtimecmp and MSIP, as unsigned 32-bit halves. Ticks of mtime. */
export interface HartTimer {
  setSoftware(hart: number, high: boolean): void;
  compareLow(hart: number): number;
  compareHigh(hart: number): number;
  setCompare(hart: number, low: number, high: number): void;
  timeLow(): number;
  timeHigh(): number;
  setTime(low: number, high: number): void;
}

export interface ClintState {
  /** msip of each hart, 0 or 1. */
  software: number[];
}

export class Clint implements Device {
  readonly name = 'clint';
  readonly size = 0x1_0000;
  readonly #timer: HartTimer;
  readonly #software: Uint8Array;

  constructor(harts: number, timer: HartTimer) {
    this.#software = new Uint8Array(harts);
    this.#timer = timer;
  }

  /** Registers of absent harts and the gaps between the blocks read zero, as in the SiFive and QEMU devices; accesses
   * below 32 bits are refused, as in QEMU. */
  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    if (width !== 4) return REFUSED;
    const timer = this.#timer;
    if (offset === CLINT.MTIME) return timer.timeLow() >>> 0;
    if (offset === CLINT.MTIME + 4) return timer.timeHigh() >>> 0;
    if (offset < CLINT.MTIMECMP) return this.#software[offset >>> 2] ?? 0;
    const hart = (offset - CLINT.MTIMECMP) >>> 3;
    if (hart >= this.#software.length) return 0;
    return ((offset & 4) === 0 ? timer.compareLow(hart) : timer.compareHigh(hart)) >>> 0;
  }

  write(offset: number, width: 1 | 2 | 4, value: number, _world: number): boolean {
    if (width !== 4) return false;
    const timer = this.#timer;
    if (offset === CLINT.MTIME) timer.setTime(value, timer.timeHigh());
    else if (offset === CLINT.MTIME + 4) timer.setTime(timer.timeLow(), value);
    else if (offset < CLINT.MTIMECMP) this.#setSoftware(offset >>> 2, value & 1);
    else this.#setCompare((offset - CLINT.MTIMECMP) >>> 3, (offset & 4) !== 0, value);
    return true;
  }

  #setSoftware(hart: number, bit: number): void {
    if (hart >= this.#software.length) return;
    this.#software[hart] = bit;
    this.#timer.setSoftware(hart, bit !== 0);
  }

  #setCompare(hart: number, isHigh: boolean, value: number): void {
    if (hart >= this.#software.length) return;
    if (isHigh) this.#timer.setCompare(hart, this.#timer.compareLow(hart), value);
    else this.#timer.setCompare(hart, value, this.#timer.compareHigh(hart));
  }

  registerName(offset: number): string {
    if (offset >= CLINT.MTIME && offset < CLINT.MTIME + 8) return 'mtime';
    const isSoftware = offset < CLINT.MTIMECMP;
    const hart = isSoftware ? offset >>> 2 : (offset - CLINT.MTIMECMP) >>> 3;
    if (hart >= this.#software.length) return 'unimplemented';
    return `${isSoftware ? 'msip' : 'mtimecmp'}${hart}`;
  }

  save(): ClintState {
    return { software: [...this.#software] };
  }

  /** The harts' part (MSIP, mtimecmp, mtime) is restored with the harts. */
  restore(state: ClintState): void {
    this.#software.set(state.software);
  }
}
