// What it costs to boot a kernel that has a warm-up, in each mode, and what makes the difference: exits by their cause, and
// the references of page-table walks. The guests beside it work meanwhile, on accounts of their own.

import { createMachine, INORDER, type Machine } from '../machine/index.ts';
import { bootScenario, planBoots } from '../scenario/boot.ts';
import type { ImageSet } from '../scenario/image-set.ts';
import type { Mode } from '../scenario/mode.ts';
import type { Guest, Scenario } from '../scenario/scenario.ts';
import { causeName } from './effort.ts';
import type { BootRow } from './records.ts';
import { BASELINE } from './tally.ts';

/** How exactly the first mark, or word, is met: 0.1 ms. */
const SLICE = 100_000;

export type BootSample = Omit<BootRow, 'ratio'>;

/** Kernels of ours are booted before anything is worth measuring. */
export function bootsLong({ guests, warmupTicks }: Scenario): Guest[] {
  return warmupTicks === undefined ? [] : guests.filter(({ image }) => image.kind !== 'built');
}

/** Counts from now on how often that guest is left for the layer, by the cause of the last trap before. */
function watchExits(
  machine: Machine,
  { index, hart: on }: Guest,
): { readonly causes: Map<string, number>; stop(): void } {
  const causes = new Map<string, number>();
  let cause = 'none';
  let running: number | undefined;
  const stops = [
    machine.probe.on('trap', (trap) => {
      if (trap.hart === on && trap.to !== 'VS') cause = causeName(trap.interrupt, trap.cause);
    }),
    machine.probe.on('party', ({ hart, party, world }) => {
      if (hart !== on) return;
      if (party !== 'guest' && running === index) causes.set(cause, (causes.get(cause) ?? 0) + 1);
      running = party === 'guest' ? world : undefined;
    }),
  ];
  return {
    causes,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Undefined for a guest that has told nothing by the end of its warm-up. */
export function measureBoot(mode: Mode, scenario: Scenario, images: ImageSet, guest: Guest): BootSample | undefined {
  const plan = planBoots(mode, scenario, images).find(({ guests }) => guests.some(({ name }) => name === guest.name));
  if (plan === undefined) return undefined;
  const machine = bootScenario(createMachine, plan);
  let marked = false;
  const stopListening = machine.probe.on('phase', (phase) => {
    marked ||= phase.guest === guest.index;
  });
  const exits = watchExits(machine, guest);
  const monitor = machine.monitors[guest.index];
  const isUp = (): boolean => marked || (monitor?.outputs.count ?? 0) > 0;
  while (!isUp() && machine.cycles < plan.warmup && machine.run(machine.cycles + SLICE).kind === 'limit');
  exits.stop();
  stopListening();
  const own = machine.accounting().guests[guest.index];
  if (!isUp() || own === undefined) return undefined;
  return {
    mode: mode.name,
    guest: guest.name,
    elapsed: machine.cycles,
    ...own,
    causes: [...exits.causes]
      .map(([cause, count]) => ({ cause, count }))
      .sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1)),
    walkCycles: own.refills * INORDER.walkStart + own.references * INORDER.walkReference,
  };
}

export function bootRows(samples: readonly BootSample[]): BootRow[] {
  const costOf = ({ cycles, layerCycles }: BootSample): number => cycles + layerCycles;
  return samples.map((sample) => {
    const native = samples.find(({ mode, guest }) => mode === BASELINE && guest === sample.guest);
    return { ...sample, ratio: native === undefined ? null : costOf(sample) / costOf(native) };
  });
}
