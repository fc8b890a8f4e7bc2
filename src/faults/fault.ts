// A fault: where x when x what x how long, as one record. What is done is a closed union; the time is the k-th execution
// of one instruction of the faulty guest, so that one list of faults serves every mode.

import type { BitOfMemory } from './fault-space.ts';
import type { Mailbox } from './saboteur.ts';
import type { Patch } from './software/rewrite.ts';

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

/** WHERE and WHAT. Memory is named by physical address; a kernel's own data has that virtual address, too. Most acts are
 * transient: they happen once. */
export type Act =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'directed'; readonly mailbox: Omit<Mailbox, 'work'> }
  | { readonly kind: 'flip'; readonly register: number; readonly bit: number }
  | { readonly kind: 'flip-pc'; readonly bit: number }
  /** A CSR by the name that the guest has for it. */
  | { readonly kind: 'flip-csr'; readonly csr: string; readonly bit: number }
  | { readonly kind: 'flip-memory'; readonly bits: readonly BitOfMemory[] }
  /** Of the next instruction, as it is fetched this once; counted modulo its length. */
  | { readonly kind: 'flip-instruction'; readonly bit: number }
  /** The bit reads so whatever is written there, from now on. */
  | { readonly kind: 'stuck'; readonly at: BitOfMemory; readonly value: 0 | 1 }
  /** The bit flips now and `times` - 1 times more, every `period` cycles. */
  | { readonly kind: 'intermittent'; readonly at: BitOfMemory; readonly period: number; readonly times: number }
  /** Other code in the image of the guest, from before its first instruction on; the point is its first execution. */
  | {
      readonly kind: 'mutant';
      readonly operator: string;
      /** As linked, like the patches: the first instruction that is another one. */
      readonly at: number;
      readonly patches: readonly Patch[];
    }
  /** A register that the instruction of the point reads: sure to be activated. */
  | { readonly kind: 'flip-operand'; readonly choice: number; readonly bit: number }
  /** Code that the user gave, placed at `at` and called there once; a0 and up hold the arguments. */
  | {
      readonly kind: 'own';
      readonly text: string;
      readonly at: number;
      readonly code: readonly number[];
      readonly arguments: readonly bigint[];
    }
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
