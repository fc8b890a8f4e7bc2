// The fault space of a party: which bits a random fault may hit, region by region, so that a draw is uniform over all of
// them and a rate can be weighed by the size of what it was drawn from. Times come from points.ts: bit and instruction are
// drawn apart, which makes the pair uniform over bit x instruction.

import type { Elf } from '../machine/index.ts';
import type { SymbolTable } from '../scenario/symbol-table.ts';
import type { Random } from './random.ts';
import type { Range } from './rig.ts';

export type RegionName = 'text' | 'data' | 'stack' | 'page tables';

/** Memory of one kind, in physical addresses; its ranges do not overlap. */
export interface Region {
  readonly name: RegionName;
  readonly ranges: readonly Range[];
}

export interface BitOfMemory {
  readonly address: number;
  readonly bit: number;
}

const BITS_OF_BYTE = 8;

/** Sections by what lies there. The planted bugs of guests (.saboteur) are outside the fault space. */
const SECTIONS = {
  text: ['.text', '.user'],
  data: ['.work', '.relocated', '.unrelocated', '.data', '.bss'],
  stack: ['.stacks'],
} as const;

/** Static page tables, a region of their own inside `.bss`: of unix; of the hypervisor for itself, for its guests' roots and
 * for the tables below them; of Linux, its kernel's root and what maps its first devices. What kernels allocate, for processes
 * and else, lies in their free memory and is not sampled. */
const TABLES = ['kernel_pagetable', 'root', 'gstage_roots', 'table_pool', 'swapper_pg_dir', 'fixmap_pmd', 'fixmap_pte'];

/** What remains of a range without another one. */
export function without(range: Range, { base, size }: Range): Range[] {
  const end = range.base + range.size;
  const parts = [
    { base: range.base, size: Math.min(end, base) - range.base },
    { base: Math.max(range.base, base + size), size: end - Math.max(range.base, base + size) },
  ];
  return parts.filter((part) => part.size > 0);
}

/** @param bias what loading adds to the addresses of the file */
export function regionsOf(elf: Pick<Elf, 'sections'>, symbols: SymbolTable, bias: number): Region[] {
  const tables = TABLES.filter((name) => symbols.has(name) && symbols.size(name) > 0)
    .map((name) => ({ base: symbols.address(name), size: symbols.size(name) }))
    .sort((a, b) => a.base - b.base);
  const outside = (range: Range) =>
    tables.reduce<Range[]>((parts, table) => parts.flatMap((part) => without(part, table)), [range]);
  const sections = (names: readonly string[]) =>
    elf.sections
      .filter(({ name, allocated, size }) => allocated && size > 0 && names.includes(name))
      .flatMap(({ address, size }) => outside({ base: address + bias, size }));
  const regions: Region[] = [
    ...Object.entries(SECTIONS).map(([name, names]) => ({
      name: name as keyof typeof SECTIONS,
      ranges: sections(names),
    })),
    { name: 'page tables', ranges: tables },
  ];
  return regions.filter(({ ranges }) => ranges.length > 0);
}

export function bitsOf({ ranges }: Region): number {
  return BITS_OF_BYTE * ranges.reduce((sum, { size }) => sum + size, 0);
}

/** The bit with that number, counted from the first byte of the region. */
export function bitAt({ name, ranges }: Region, index: number): BitOfMemory {
  let byte = Math.floor(index / BITS_OF_BYTE);
  for (const { base, size } of index >= 0 ? ranges : []) {
    if (byte < size) return { address: base + byte, bit: index % BITS_OF_BYTE };
    byte -= size;
  }
  throw new RangeError(`${name} has no bit ${index}`);
}

export function drawBit(region: Region, random: Random): BitOfMemory {
  return bitAt(region, random.below(bitsOf(region)));
}

/** One of several parts with a chance in proportion to its weight, a whole number. */
export function drawWeighted<T>(parts: readonly T[], weight: (part: T) => number, random: Random): T {
  let left = random.below(parts.reduce((sum, part) => sum + weight(part), 0));
  for (const part of parts) {
    left -= weight(part);
    if (left < 0) return part;
  }
  throw new RangeError('the weights of the parts changed while one was drawn');
}
