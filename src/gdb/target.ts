import type { DataWatch, DebugStop } from '../machine/index.ts';

/** What became of a machine that was let run for a while. */
export type Progress =
  | { readonly kind: 'running' }
  | { readonly kind: 'stopped'; readonly stop: DebugStop }
  /** Nothing will ever happen again, though all is there to be looked at. */
  | { readonly kind: 'stuck' }
  | { readonly kind: 'over' };

/** What the protocol needs of a machine; threads are harts, from 0. */
export interface Target {
  readonly threads: number;
  describeThread(thread: number): string;
  /** The number is that of the target description; undefined where there is no such register. */
  readRegister(thread: number, number: number): bigint | undefined;
  /** False where it cannot be written. */
  writeRegister(thread: number, number: number, value: bigint): boolean;
  /** As many bytes as can be read, none where the first cannot. */
  readMemory(thread: number, address: bigint, length: number): Uint8Array;
  /** All of it or, then false, nothing. */
  writeMemory(thread: number, address: bigint, bytes: Uint8Array): boolean;
  setBreakpoint(address: bigint, on: boolean): void;
  watchData(watches: readonly DataWatch[]): void;
  /** Before the first `advance` after a stop; `stepping` is the thread that makes one step. */
  resume(stepping: number | undefined): void;
  /** Runs for a bounded time. */
  advance(): Progress;
  /** Answers a `monitor` command in text. */
  monitor(command: string): string;
}
