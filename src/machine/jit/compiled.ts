// What is known of a compiled region: where it lies in the table, what leads into it, and what it depends on.

import { PAGE } from '../memory.ts';
import type { Region } from './region.ts';

/** A function of the table and the places that lead to it. */
export interface Compiled {
  readonly index: number;
  /** Entry, counted from 1, by the offset in the page. */
  readonly entries: ReadonlyMap<number, number>;
  /** Per halfword: whether the region depends on it. */
  readonly covers: Uint8Array;
  /** Where the operations are whose places the entries took: number of the original by offset. */
  readonly originals: Map<number, number>;
  /** Instructions that have a site, by offset, and since when the misses of each are counted. */
  readonly sites: readonly number[];
  readonly since: number[];
  /** Since when it is counted how often all of them were emptied. */
  emptiedSince: number;
  /** What `moments` was when it was last counted. */
  moment: number;
}

export function describe(
  { blocks, entries }: Region,
  index: number,
  sites: readonly number[],
  { now, moment }: { now: number; moment: number },
): Compiled {
  const covers = new Uint8Array(PAGE / 2);
  const offsets = new Map<number, number>();
  blocks.forEach(({ instructions }, block) => {
    const [first] = instructions;
    if (first !== undefined && entries.has(block)) offsets.set(first.offset, block + 1);
    for (const { offset, decoded } of instructions) {
      // What follows an instruction can decide its load-use cost.
      covers.fill(1, offset >>> 1, (offset + decoded.length + 4) >>> 1);
    }
  });
  return {
    index,
    entries: offsets,
    covers,
    originals: new Map(),
    sites,
    since: sites.map(() => now),
    emptiedSince: now,
    moment,
  };
}
