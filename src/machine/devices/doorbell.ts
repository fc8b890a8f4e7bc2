// The doorbell: how a layer raises the interrupts of virtual devices and cross interrupts, since a PLIC's pending bits
// cannot be written. Each of its sources is a level line: raised until lowered.

import type { Device, InterruptLine } from './device.ts';
import { REFUSED } from './device.ts';

/** A 32-bit store of n raises or lowers the line of PLIC source n. Both read as the mask of raised lines, one bit per
 * source. */
export const DOORBELL = { RAISE: 0x0, LOWER: 0x4 } as const;

export interface DoorbellState {
  /** Bit n: the line of source n is high. */
  raised: number;
}

export class Doorbell implements Device {
  readonly name = 'doorbell';
  readonly size = 0x1000;
  readonly #lines: ReadonlyMap<number, InterruptLine>;
  #raised = 0;

  /** Lines by their sources, which are below 32. */
  constructor(lines: ReadonlyMap<number, InterruptLine>) {
    if ([...lines.keys()].some((source) => source >= 32)) throw new RangeError('the doorbell drives sources below 32');
    this.#lines = lines;
  }

  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    if (width !== 4 || offset > DOORBELL.LOWER) return REFUSED;
    return this.#raised >>> 0;
  }

  /** A source that is not the doorbell's has no line here: no effect. */
  write(offset: number, width: 1 | 2 | 4, value: number, _world: number): boolean {
    if (width !== 4 || offset > DOORBELL.LOWER) return false;
    const line = this.#lines.get(value);
    if (line === undefined) return true;
    const isHigh = offset === DOORBELL.RAISE;
    if (isHigh) this.#raised |= 1 << value;
    else this.#raised &= ~(1 << value);
    line.set(isHigh);
    return true;
  }

  registerName(offset: number): string {
    if (offset === DOORBELL.RAISE) return 'RAISE';
    return offset === DOORBELL.LOWER ? 'LOWER' : 'unimplemented';
  }

  save(): DoorbellState {
    return { raised: this.#raised };
  }

  /** The PLIC restores the lines' levels itself. */
  restore(state: DoorbellState): void {
    this.#raised = state.raised;
  }
}
