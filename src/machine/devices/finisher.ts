// sifive_test, as QEMU's `virt` has it: a store ends or resets the whole machine.

import type { Device } from './device.ts';
import { REFUSED } from './device.ts';

/** The words it knows; each may carry a 16-bit code in its upper half. */
export const FINISHER = { PASS: 0x5555, FAIL: 0x3333, RESET: 0x7777 } as const;

export interface Finish {
  readonly kind: 'pass' | 'fail' | 'reset';
  readonly code: number;
}

export interface FinisherState {
  /** The last word that was understood, or null. */
  finish: Finish | null;
}

export class Finisher implements Device {
  readonly name = 'finisher';
  readonly size = 0x1000;
  readonly #onFinish: (finish: Finish, world: number) => void;
  #finish: Finish | null = null;

  constructor(onFinish: (finish: Finish, world: number) => void) {
    this.#onFinish = onFinish;
  }

  /** QEMU takes accesses of 2 and 4 bytes, and every offset reads zero. */
  read(_offset: number, width: 1 | 2 | 4, _world: number): number {
    return width === 1 ? REFUSED : 0;
  }

  /** Offsets other than 0 and words it does not know have no effect. */
  write(offset: number, width: 1 | 2 | 4, value: number, world: number): boolean {
    if (width === 1) return false;
    const kind = offset === 0 ? finishKind(value & 0xffff) : undefined;
    if (kind !== undefined) {
      this.#finish = { kind, code: value >>> 16 };
      this.#onFinish(this.#finish, world);
    }
    return true;
  }

  registerName(offset: number): string {
    return offset === 0 ? 'FINISH' : 'unimplemented';
  }

  save(): FinisherState {
    return { finish: this.#finish };
  }

  restore(state: FinisherState): void {
    this.#finish = state.finish;
  }
}

function finishKind(word: number): Finish['kind'] | undefined {
  if (word === FINISHER.PASS) return 'pass';
  if (word === FINISHER.FAIL) return 'fail';
  return word === FINISHER.RESET ? 'reset' : undefined;
}
