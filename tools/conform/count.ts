import type { Harness } from './batch.ts';
import { Region } from './compare.ts';
import type { Program, Segment } from './program.ts';

/** Instructions of random programs that were run and compared. */
export interface Counts {
  programs: number;
  instructions: number;
  /** Those of bodies entered in VS or VU-mode. */
  virtual: number;
  traps: number;
}

export const noCounts = (): Counts => ({ programs: 0, instructions: 0, virtual: 0, traps: 0 });

/**
 * Counts a program's segments up to one, from minstret of this machine at both ends of each. What the handlers ran is taken
 * off at their usual length, which is right to a few instructions for each trap.
 */
export function countProgram(
  counts: Counts,
  memory: Uint8Array,
  slot: number,
  program: Program,
  harness: Harness,
  upTo: number,
): void {
  const region = new Region(memory, slot, harness.dumped.length);
  counts.programs++;
  program.segments.slice(0, upTo).forEach((segment, s) => {
    let ran = region.retired(s);
    for (let i = region.logged(s - 1); i < region.logged(s); i++) {
      ran -= harness.handlerLength[String(region.entry(i).level)] ?? 0;
      counts.traps++;
    }
    const words = (items: Segment['items']) => items.reduce((sum, item) => sum + (item?.bytes ?? 0) / 4, 0);
    const setup = words(segment.items.slice(0, segment.setup));
    // A program may have written minstret.
    if (ran < 0 || ran > 100_000) ran = Math.round(words(segment.items));
    counts.instructions += ran;
    if (segment.mode === 'VS' || segment.mode === 'VU') counts.virtual += Math.max(Math.round(ran - setup), 0);
  });
}
