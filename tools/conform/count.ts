import type { Harness } from './batch.ts';
import { Region } from './compare.ts';
import type { Mode, Program, Segment } from './program.ts';

/** Instructions of random programs that were run and compared. */
export interface Counts {
  programs: number;
  instructions: number;
  /** By the mode that their body was entered in; what set it up ran in M-mode. */
  readonly modes: Record<Mode, number>;
  traps: number;
  interrupts: number;
  /** As they stand in the code of what was compared, whether they ran or not, and how many stand there in all. */
  floating: number;
  compressed: number;
  placed: number;
}

export const noCounts = (): Counts => ({
  programs: 0,
  instructions: 0,
  modes: { M: 0, S: 0, U: 0, VS: 0, VU: 0 },
  traps: 0,
  interrupts: 0,
  floating: 0,
  compressed: 0,
  placed: 0,
});

export function addCounts(to: Counts, { modes, ...others }: Counts): void {
  for (const key of Object.keys(others) as (keyof typeof others)[]) to[key] += others[key];
  for (const mode of Object.keys(modes) as Mode[]) to.modes[mode] += modes[mode];
}

/** The share of instructions that ran with V = 1. */
export const virtualShare = ({ instructions, modes }: Counts): number =>
  instructions === 0 ? 0 : (modes.VS + modes.VU) / instructions;

const WIDE_FLOATING = [0x07, 0x27, 0x43, 0x47, 0x4b, 0x4f, 0x53];

/** By opcode: loads, stores and arithmetic; c.fld, c.fsd and both of them with sp. */
const isFloating = (half: number): boolean =>
  (half & 3) === 3 ? WIDE_FLOATING.includes(half & 0x7f) : (half & 1) === 0 && ((half >>> 13) & 3) === 1;

/** The end of a segment: ecall, then a halfword 0. */
const ECALL = 0x73;

function countCode(counts: Counts, region: Region, segment: number): void {
  for (let at = region.start(segment); ; ) {
    const half = region.half(at);
    const short = (half & 3) !== 3;
    if (half === ECALL && region.half(at + 2) === 0 && region.half(at + 4) === 0) return;
    counts.placed++;
    if (short) counts.compressed++;
    if (isFloating(half)) counts.floating++;
    at += short ? 2 : 4;
  }
}

/** What the handlers ran for the traps of a segment, of which the last one ended it. */
function handled(region: Region, segment: number, harness: Harness): number {
  const end = region.logged(segment);
  let sum = 0;
  for (let i = region.logged(segment - 1); i < end; i++) {
    const { level, cause } = region.entry(i);
    const length = harness.handlerLength[String(level)];
    if (length !== undefined)
      sum += i === end - 1 ? length.end : isInterrupt(cause) ? length.interrupt : length.exception;
  }
  return sum;
}
const isInterrupt = (cause: bigint) => cause >> 63n === 1n;

/**
 * Counts a program's segments up to one, from minstret of this machine at both ends of each. What the handlers ran is taken
 * off, which is right to one or two instructions for each trap.
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
    let ran = region.retired(s) - handled(region, s, harness);
    for (let i = region.logged(s - 1); i < region.logged(s); i++) {
      counts.traps++;
      if (isInterrupt(region.entry(i).cause)) counts.interrupts++;
    }
    const words = (items: Segment['items']) => items.reduce((sum, item) => sum + (item?.bytes ?? 0) / 4, 0);
    // A program may have written minstret.
    if (ran < 0 || ran > 100_000) ran = Math.round(words(segment.items));
    const setup = segment.mode === 'M' ? 0 : Math.min(Math.round(words(segment.items.slice(0, segment.setup))), ran);
    counts.instructions += ran;
    counts.modes.M += setup;
    counts.modes[segment.mode] += ran - setup;
    countCode(counts, region, s);
  });
}
