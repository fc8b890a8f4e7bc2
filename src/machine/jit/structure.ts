import type { Region } from './region.ts';

/**
 * Blocks in the order of their addresses, those between the head of a loop and the last jump back to it in a loop of their
 * own. The outermost is a loop, too: its head is the place where control that comes from outside is dealt out.
 */
export interface Scope {
  /** First block, and last. The outermost scope begins at no block. */
  readonly first: number;
  readonly last: number;
  readonly items: readonly Item[];
  /** Control may come to the middle of it: its head has to look where to go. */
  dealt: boolean;
}
export type Item = number | Scope;

export const firstOf = (item: Item): number => (typeof item === 'number' ? item : item.first);
const lastOf = (item: Item): number => (typeof item === 'number' ? item : item.last);
export const holds = (item: Item, block: number): boolean => firstOf(item) <= block && block <= lastOf(item);

/** Number of each block by the offset it begins at. */
export function blockNumbers({ blocks }: Region): ReadonlyMap<number, number> {
  return new Map(blocks.map(({ instructions }, i) => [instructions[0]?.offset ?? -1, i]));
}

/** Blocks that a block goes to by itself or by its last instruction, within the region. */
export function successors(region: Region, numbers: ReadonlyMap<number, number>, block: number): number[] {
  const { falls, target } = region.blocks[block] ?? {};
  return [falls, target].flatMap((offset) => {
    const number = offset === undefined ? undefined : numbers.get(offset);
    return number === undefined ? [] : [number];
  });
}

/** The last jump back to each head, widened until no two loops overlap but one lies within the other. */
function loops(region: Region, numbers: ReadonlyMap<number, number>): Map<number, number> {
  const ends = new Map<number, number>();
  region.blocks.forEach((_, block) => {
    for (const to of successors(region, numbers, block)) if (to <= block) ends.set(to, block);
  });
  const heads = [...ends.keys()].sort((a, b) => a - b);
  for (let changed = true; changed; ) {
    changed = false;
    for (const outer of heads) {
      for (const inner of heads) {
        const outerEnd = ends.get(outer) ?? outer;
        const innerEnd = ends.get(inner) ?? inner;
        if (outer < inner && inner <= outerEnd && outerEnd < innerEnd) {
          ends.set(outer, innerEnd);
          changed = true;
        }
      }
    }
  }
  return ends;
}

/** The scopes of a region; every block that can be entered is dealt to through all the loops around it. */
export function structure(region: Region): Scope {
  const numbers = blockNumbers(region);
  const ends = loops(region, numbers);
  const scope = (first: number, last: number, from: number): Scope => {
    const items: Item[] = from > first ? [first] : [];
    for (let block = from; block <= last; ) {
      const end = ends.get(block);
      const item = end === undefined ? block : scope(block, end, block + 1);
      items.push(item);
      block = lastOf(item) + 1;
    }
    return { first, last, items, dealt: false };
  };
  const root = scope(0, region.blocks.length - 1, 0);
  for (const entry of region.entries) deal(root, entry);
  region.blocks.forEach((_, block) => {
    for (const to of successors(region, numbers, block)) if (to > block) dealInto(root, block, to);
  });
  root.dealt = true;
  return root;
}

/** Control may come to that block from the head of every loop around it. */
function deal(scope: Scope, block: number): void {
  if (block !== scope.first) scope.dealt = true;
  for (const item of scope.items) if (typeof item !== 'number' && holds(item, block)) deal(item, block);
}

/** A jump forward into loops that do not hold where it comes from. */
function dealInto(scope: Scope, from: number, to: number): void {
  for (const item of scope.items) {
    if (typeof item === 'number' || !holds(item, to)) continue;
    if (holds(item, from)) dealInto(item, from, to);
    else deal(item, to);
  }
}
