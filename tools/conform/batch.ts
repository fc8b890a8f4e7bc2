import { assembleProgram } from '../../src/machine/isa/assemble.ts';
import { COUNT_CELL, LEVELS } from './handlers.ts';
import { harnessText } from './harness.ts';
import { RAM_BASE, REGION_BYTES, REGIONS, regionOf, SLOTS } from './layout.ts';
import { type Program, regionChunks } from './program.ts';
import { RESETS } from './csr-rules.ts';

/** The memory of a batch before it runs, from RAM_BASE on. */
export interface Batch {
  readonly programs: readonly Program[];
  readonly image: Uint8Array;
}

/** What ran a batch: its memory afterwards, until it runs the next one, or why there is none. */
export type Ran = { readonly memory: Uint8Array } | { readonly stuck: string };

/** Runs batches; close() gives back what it holds. */
export interface Runner {
  readonly name: string;
  run(batch: Batch, harness: Harness): Promise<Ran>;
  close(): void;
}

/** li, sll, csrc, j */
const INTERRUPT_LENGTH = 4;

export interface Harness {
  readonly code: Uint8Array;
  /** CSRs in the order of the dump. */
  readonly dumped: readonly string[];
  readonly tohost: number;
  /** How many instructions the handler of a level runs for a trap. */
  readonly handlerLength: Readonly<Record<string, HandlerLength>>;
}

/** By what it makes of a trap; a few more where M-mode returns to itself, or asked to raise interrupts. */
export interface HandlerLength {
  readonly exception: number;
  readonly interrupt: number;
  readonly end: number;
}

export function buildHarness(dumped: readonly string[]): Harness {
  const { bytes, symbols } = assembleProgram(harnessText(dumped, RESETS), RAM_BASE);
  const at = (name: string) => Number(symbols.get(name) ?? 0);
  const length = (prefix: string): HandlerLength => {
    const label = (name: string) => at(`${prefix}_${name}`) / 4;
    const toEnd = label('skip') - label('handler');
    return {
      exception: label('marked') - label('handler') + label('interrupt') - label('skip'),
      interrupt: label('exception') - label('handler') + label('interrupt') - label('return') + INTERRUPT_LENGTH,
      end: toEnd,
    };
  };
  return {
    code: bytes,
    dumped,
    tohost: at('tohost'),
    handlerLength: {
      [LEVELS.machine]: length('_m'),
      [LEVELS.hypervisor]: length('_hs'),
      [LEVELS.guest]: length('_vs'),
    },
  };
}

/** Room for the largest image: many are made, one at a time. */
export const newImage = (): Uint8Array => new Uint8Array(REGIONS - RAM_BASE + SLOTS * REGION_BYTES);

/** The batch of programs, made in `room`. */
export function buildBatch(harness: Harness, programs: readonly Program[], room: Uint8Array): Batch {
  if (programs.length > SLOTS) throw new RangeError(`${programs.length} programs, a batch holds ${SLOTS}`);
  const image = room.subarray(0, REGIONS - RAM_BASE + programs.length * REGION_BYTES).fill(0);
  image.set(harness.code);
  new DataView(image.buffer, image.byteOffset).setBigUint64(COUNT_CELL - RAM_BASE, BigInt(programs.length), true);
  programs.forEach((program, slot) => {
    for (const { address, bytes } of regionChunks(program, slot)) image.set(bytes, address - RAM_BASE);
  });
  return { programs, image };
}

/** A program's region in the memory of a batch. */
export function regionIn(memory: Uint8Array, slot: number): Uint8Array {
  const at = regionOf(slot) - RAM_BASE;
  return memory.subarray(at, at + REGION_BYTES);
}
