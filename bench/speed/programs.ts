// The bare programs of src/guests/programs: which there are, and the image of one with its request filled in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, images, layouts } from '../../images/index.ts';
import { parseElf } from '../../src/machine/elf.ts';

/** Turns that take about 10^8 instructions each, so that nothing of what a run begins with counts. */
export const PROGRAMS = {
  sieve: { number: constants.PROGRAM_SIEVE, turns: 20 },
  fib: { number: constants.PROGRAM_FIB, turns: 120 },
  list: { number: constants.PROGRAM_LIST, turns: 95 },
  bytes: { number: constants.PROGRAM_BYTES, turns: 88 },
  matmul: { number: constants.PROGRAM_MATMUL, turns: 60 },
  orbits: { number: constants.PROGRAM_ORBITS, turns: 80 },
  interpreter: { number: constants.PROGRAM_INTERPRETER, turns: 30 },
  compressor: { number: constants.PROGRAM_COMPRESSOR, turns: 125 },
  sorter: { number: constants.PROGRAM_SORTER, turns: 100 },
} as const;
export type ProgramName = keyof typeof PROGRAMS;

/** What kernels do all day: 20,000 switches of address space in a turn, or 20,000 system calls. They need translation. */
export const STORMS = {
  switches: { number: constants.PROGRAM_SWITCHES, turns: 10 },
  calls: { number: constants.PROGRAM_CALLS, turns: 30 },
} as const;
export type StormName = keyof typeof STORMS;

const rows: Readonly<Record<ProgramName | StormName, { readonly number: number; readonly turns: number }>> = {
  ...PROGRAMS,
  ...STORMS,
};
export const turnsOf = (name: ProgramName | StormName): number => rows[name].turns;

/** How a program's memory is translated: not at all in M-mode, in S-mode under Sv39 with leaves of that size, or in VS-mode
 * in two stages. */
export const LEAVES = {
  none: constants.LEAVES_NONE,
  '2M': constants.LEAVES_2M,
  '4K': constants.LEAVES_4K,
  '2M/2M': constants.LEAVES_2M_2M,
  '4K/4K': constants.LEAVES_4K_4K,
} as const;
export type Leaves = keyof typeof LEAVES;

export const PROGRAM_RAM = 8 * 2 ** 20;

/** The ELF file of the programs, set to run this one; undefined runs nothing and ends. */
export function programFile(name: ProgramName | StormName | undefined, turns: number, leaves: Leaves): Uint8Array {
  const path = join(import.meta.dirname, '..', '..', 'images', images.programs.file);
  const file = new Uint8Array(readFileSync(path));
  const { address } = images.programs.symbols.request;
  const segment = parseElf(file).segments.find(
    ({ virtualAddress, bytes }) => address >= virtualAddress && address < virtualAddress + bytes.length,
  );
  if (segment === undefined) throw new Error(`${path} does not hold its request\n  run \`npm run images\``);
  const { bytes, virtualAddress } = segment;
  const view = new DataView(bytes.buffer, bytes.byteOffset + (address - virtualAddress));
  const { program, turns: times, leaves: size } = layouts.request.fields;
  view.setUint32(program.offset, name === undefined ? constants.PROGRAM_EMPTY : rows[name].number, true);
  view.setUint32(times.offset, turns, true);
  view.setUint32(size.offset, LEAVES[leaves], true);
  return file;
}
