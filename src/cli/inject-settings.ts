// What a campaign of random faults consists of: classes, modes, how many, and which part of it.

import { z } from 'zod';
import { catalogue, findClass, prunable, prunedFor } from '../faults/catalogue.ts';
import {
  canStrike,
  controlExperiments,
  type Design,
  directedExperiments,
  randomExperiments,
  separateExperiments,
} from '../faults/experiments.ts';
import { POSITIVE_CONTROL } from '../faults/controls.ts';
import { TRAJECTORIES } from '../faults/plan.ts';
import type { LayerClass } from '../faults/layer-fault.ts';
import { GUEST_REGIONS, LAYER_REGIONS, regionNames } from '../faults/regions.ts';
import { sampleSize } from '../faults/planning/sample-size.ts';
import { UsageError } from './errors.ts';
import { experimentTasks } from './campaign-session.ts';
import type { Task } from './tasks.ts';

const share = z.number().gt(0).lt(1);

/** How many faults per cell: so many, or for a half-width, or until an upper bound is met. */
const size = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('n'), n: z.int().min(1) }),
  z.object({ kind: z.literal('ci'), halfWidth: share }),
  z.object({ kind: z.literal('upper'), target: share }),
]);

const part = z
  .object({ index: z.int().min(1), of: z.int().min(1) })
  .refine(({ index, of }) => index <= of, 'a part is one of those there are');

export const injectSettings = z.object({
  /** All that share the hart, where none is named. */
  modes: z.array(z.string()).optional(),
  classes: z.array(z.string()).default(['HWF-1']),
  /** Parts of the fault space, in guests and layers. */
  regions: z.array(z.string()).default([]),
  seed: z.int().min(0).default(1),
  size: size.default({ kind: 'n', n: 100 }),
  part: part.default({ index: 1, of: 1 }),
  /** Faults that cannot matter are left out, equivalent ones tried once. */
  prune: z.boolean().default(false),
});

export type InjectSettings = z.output<typeof injectSettings>;
export type Part = InjectSettings['part'];

/** Runs of each control, in each mode. */
const CONTROL_RUNS = 10;

/** Random classes of those names; a name that is no class, such as HWF, means all that begin with it. */
export function expandClasses(names: readonly string[]): string[] {
  const found = names.flatMap((name) => {
    const own = findClass(name);
    const members = own !== undefined ? [own] : catalogue.filter(({ id }) => id.startsWith(`${name}-`));
    const runnable = members.filter(({ kind, expressible }) => kind === 'random' && expressible);
    if (runnable.length > 0) return runnable.map(({ id }) => id);
    const [first] = members;
    const what =
      first === undefined
        ? `there is no fault ${name}`
        : first.kind === 'random'
          ? `${name} cannot be run yet: ${first.why}`
          : `${name} is ${first.kind}: there is no chance in it`;
    throw new UsageError(
      'taco inject --class:',
      what,
      'see `taco list faults` for those that are random and can be run',
    );
  });
  return [...new Set(found)];
}

/** What these names of regions mean: classes of guests, and classes of layers. */
export function expandRegions(names: readonly string[]): { guest: string[]; layer: LayerClass[] } {
  const unknown = names.find((name) => !regionNames.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      'taco inject --region:',
      `there is no region ${unknown}`,
      `choose from ${regionNames.join(', ')}`,
    );
  }
  return {
    guest: [...new Set(names.flatMap((name) => GUEST_REGIONS[name] ?? []))],
    layer: [...new Set(names.flatMap((name) => LAYER_REGIONS[name] ?? []))],
  };
}

/** The same classes as pruning draws them. */
export function pruneClasses(classes: readonly string[]): string[] {
  return classes.map((name) => {
    const pruned = prunedFor(name);
    if (pruned !== undefined) return pruned.id;
    throw new UsageError(
      'taco inject --prune:',
      `not every use of what ${name} hits can be seen, so nothing of it can be left out`,
      `choose from ${prunable.join(', ')}, or leave --prune out`,
    );
  });
}

/** Each guest's fault space, as those classes divide it. */
export function usesTasks({ guests, seed, hasPlace }: Design, classes: readonly string[]): Task[] {
  return classes.flatMap((name) =>
    guests
      .filter((from) => canStrike(hasPlace, name, from))
      .flatMap((from) =>
        Array.from({ length: TRAJECTORIES }, (_, trajectory): Task => {
          return { kind: 'uses', class: name, from, seed, trajectory };
        }),
      ),
  );
}

export function checkModes(wanted: readonly string[] | undefined, shared: readonly string[]): string[] {
  const unknown = wanted?.find((mode) => !shared.includes(mode));
  if (unknown !== undefined) {
    throw new UsageError(
      'taco inject --mode:',
      `no experiment is made in mode ${unknown}`,
      `choose from ${shared.join(', ')}`,
    );
  }
  return shared.filter((mode) => wanted === undefined || wanted.includes(mode));
}

/** Faults per cell; for a bound that is to be met, undefined: the looks decide. */
export function faultsPerCell({ size }: InjectSettings): number | undefined {
  if (size.kind === 'n') return size.n;
  return size.kind === 'ci' ? sampleSize(size.halfWidth) : undefined;
}

export function partOf<T>(lists: readonly T[], { index, of }: Part): T[] {
  return lists.filter((_, position) => position % of === index - 1);
}

/** Known outcomes: they show that harness and detector work. The positive one needs modes in which something must fail,
 * whichever were asked for. */
export function controlTasks(
  design: Design,
  classes: readonly string[],
  shared: readonly string[],
  part: Part,
): Task[] {
  const separate = classes.flatMap((name) => separateExperiments(design, name, CONTROL_RUNS));
  const positive = directedExperiments({ ...design, modes: shared }, POSITIVE_CONTROL);
  return experimentTasks(partOf([...controlExperiments(design, CONTROL_RUNS), ...positive, ...separate], part));
}

/** Decided together: all modes and bystanders of it. */
export interface Cell {
  readonly class: string;
  readonly from: string;
}

export function cellsOf(design: Design, classes: readonly string[]): Cell[] {
  return classes.flatMap((name) => design.guests.map((from) => ({ class: name, from })));
}

/** The faults from number `first` on, short of `last`. */
export function faultTasks(
  design: Design,
  cells: readonly Cell[],
  range: { readonly first: number; readonly last: number },
  part: Part,
): Task[] {
  const lists = cells.flatMap(({ class: name, from }) =>
    randomExperiments({ ...design, guests: [from] }, name, range.last).slice(range.first),
  );
  return experimentTasks(partOf(lists, part));
}
