// Def-use pruning: a bit that flips between two accesses of its location does the same whenever it flips there, so one
// experiment, the pilot, stands for the whole class; and where the next access is a write, nothing happens at all and no
// experiment is needed. A pilot counts by the size of its class: pilots counted by heads are no rate.

import type { Random } from './random.ts';
import { drawWeighted } from './fault-space.ts';

/** An access to one location, a register or a word of memory, by the `at`-th instruction of the run. An instruction that
 * reads the location and writes it reads it first. */
export interface Access {
  readonly at: number;
  readonly kind: 'read' | 'write';
}

/** Flips of one bit of the location before any of the instructions `first` to `last`. */
export interface FaultClassOfBits {
  readonly location: string;
  readonly first: number;
  /** The access that ends the class: the pilot flips just before it. */
  readonly last: number;
  /** `read`: to be tried. `overwritten` and `unused`: known to change no output. */
  readonly fate: 'read' | 'overwritten' | 'unused';
  /** Faults in the class: instructions times bits of the location. */
  readonly weight: number;
}

/** @param accesses in the order of the run
 * @param length instructions of the run */
export function classesOf(
  location: string,
  bits: number,
  accesses: readonly Access[],
  length: number,
): FaultClassOfBits[] {
  const classes: FaultClassOfBits[] = [];
  let first = 0;
  for (const { at, kind } of accesses) {
    if (at < first || at >= length)
      throw new RangeError(`${location} is accessed at ${at}, after ${first} of ${length}`);
    const fate = kind === 'read' ? 'read' : 'overwritten';
    classes.push({ location, first, last: at, fate, weight: (at - first + 1) * bits });
    first = at + 1;
  }
  if (first < length) {
    classes.push({ location, first, last: length - 1, fate: 'unused', weight: (length - first) * bits });
  }
  return classes;
}

export interface Pruned {
  readonly live: readonly FaultClassOfBits[];
  /** Faults in live classes, and in those known to do nothing: the two arguments of the stratified estimator. */
  readonly weight: number;
  readonly known: number;
}

export function prune(classes: readonly FaultClassOfBits[]): Pruned {
  const live = classes.filter(({ fate }) => fate === 'read');
  const sum = (parts: readonly FaultClassOfBits[]) => parts.reduce((total, { weight }) => total + weight, 0);
  const weight = sum(live);
  return { live, weight, known: sum(classes) - weight };
}

export interface Pilot {
  readonly location: string;
  /** Instructions before the flip. */
  readonly at: number;
  readonly bit: number;
}

/** Draws in proportion to weight and with replacement: the share of failing pilots is then the share of failing faults among
 * the live ones, without a correction, and their number is binomial, so exact intervals hold. */
export function drawPilot({ live, weight }: Pruned, random: Random): Pilot {
  if (weight === 0) throw new RangeError('no fault of this space is ever read');
  const { location, first, last, weight: own } = drawWeighted(live, (part) => part.weight, random);
  return { location, at: last, bit: random.below(own / (last - first + 1)) };
}
