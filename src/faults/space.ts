// What random faults of a guest are drawn from: bits of its memory, and the mutants of its code.

import type { Elf } from '../machine/index.ts';
import type { LoadedImage } from '../scenario/image-set.ts';
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

/** @param bias what loading adds to the addresses of the file */
export function spaceOf({ elf, linux }: LoadedImage, symbols: SymbolTable, bias: number): Space {
  return linux === undefined ? ownSpace(elf, symbols, bias) : strangeSpace(elf, symbols, bias);
}

/** Of a kernel that is too large to be analysed whole: no mutants, and of an instruction only the function it is in. */
function strangeSpace(elf: Elf, symbols: SymbolTable, bias: number): Space {
  return {
    get regions() {
      return regionsOf(elf, symbols, bias);
    },
    mutants: new Map(),
    instructionAt(address) {
      const found = symbols.find(address);
      const [text] = elf.sections.filter(({ name }) => name === '.text');
      const inText = text !== undefined && address - bias >= text.address && address - bias < text.address + text.size;
      if (found === undefined || !inText) return undefined;
      const bytes = elf.segments[0]?.bytes ?? new Uint8Array();
      let at = address - found.offset;
      for (;;) {
        const next = at + (((bytes[at - bias] ?? 0) & 3) === 3 ? 4 : 2);
        if (next > address) return at;
        at = next;
      }
    },
  };
}

/** Analyses the code when first asked to. */
function ownSpace(elf: Elf, symbols: SymbolTable, bias: number): Space {
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
