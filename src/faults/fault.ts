// A fault: where x when x what x how long, as one record. What is done is a closed union; the time is the k-th execution
// of one instruction of the faulty guest, so that one list of faults serves every mode.

import type { Mailbox } from './saboteur.ts';

/** WHEN: before the `count`-th execution of the instruction at `pc`, counted over all address spaces of the guest. */
export interface Point {
  /** Counted from the start of that unit of the guest's work: unit n starts at the poll that follows n others. From the
   * reset vector for unit 0. */
  readonly unit: number;
  readonly privilege: 'U' | 'S';
  readonly pc: bigint;
  readonly count: number;
  /** Digest of what the guest's next instructions depend on, at this point of the native run; undefined for a directed
   * act, whose meaning does not hang on it. */
  readonly context: string | undefined;
}

/** WHERE and WHAT. Every act but the directed ones is transient: it happens once. */
export type Act =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'directed'; readonly mailbox: Omit<Mailbox, 'work'> }
  | { readonly kind: 'flip'; readonly register: number; readonly bit: number }
  /** A register that the instruction of the point reads: sure to be activated. */
  | { readonly kind: 'flip-operand'; readonly choice: number; readonly bit: number }
  | { readonly kind: 'rewrite'; readonly register: number }
  | { readonly kind: 'delay'; readonly cycles: number };

export interface Fault {
  /** Index of the guest that is hit. */
  readonly from: number;
  readonly when: Point;
  readonly what: Act;
  /** Seed of the inputs of the run. */
  readonly inputSeed: number;
}
