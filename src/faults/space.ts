// What random faults of a guest are drawn from: bits of its memory, and the mutants of its code.

import type { Elf } from '../machine/index.ts';
import type { SymbolTable } from '../scenario/symbol-table.ts';
import { type Region, regionsOf } from './fault-space.ts';
import { functionsOf } from './software/code.ts';
import { type Mutants, mutantsOf } from './software/operators.ts';

export interface Space {
  readonly regions: readonly Region[];
  readonly mutants: Mutants;
  /** Physical address of the kernel instruction that this byte belongs to; undefined where it is none. */
  instructionAt(address: number): number | undefined;
}

/** Analyses the code when first asked to.
 * @param bias what loading adds to the addresses of the file */
export function spaceOf(elf: Elf, symbols: SymbolTable, bias: number): Space {
  const regions = regionsOf(elf, symbols, bias);
  let mutants: Mutants | undefined;
  let starts: Map<number, number> | undefined;
  return {
    regions,
    get mutants() {
      mutants ??= mutantsOf(elf);
      return mutants;
    },
    instructionAt(address) {
      starts ??= instructionStarts(elf, bias);
      return starts.get(address);
    },
  };
}

function instructionStarts(elf: Elf, bias: number): Map<number, number> {
  const starts = new Map<number, number>();
  for (const { instructions } of functionsOf(elf))
    for (const { at, length } of instructions)
      for (let byte = 0; byte < length; byte++) starts.set(bias + at + byte, bias + at);
  return starts;
}
