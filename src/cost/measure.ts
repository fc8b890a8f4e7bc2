// One workload of `bench` in one mode: the cost between its two phase marks.

import { createMachine, type Machine, type Snapshot } from '../machine/index.ts';
import { bootScenario, planBoots } from '../scenario/boot.ts';
import type { ImageSet } from '../scenario/image-set.ts';
import type { Mode } from '../scenario/mode.ts';
import { unshifted } from '../scenario/placement.ts';
import type { Guest, Scenario } from '../scenario/scenario.ts';
import { costBetween, type GuestCost, type Moment } from './account.ts';
import { expectedResult } from './oracle.ts';
import { modeUnder, planUnder, settingOf } from './settings.ts';
import type { Workload } from './workloads.ts';

/** The measuring kernel takes the first guest's slot. */
export const GUEST = 0;
/** Cycles that a workload may take. */
const PATIENCE = 2_000_000_000;

/** Whom the measuring kernel shares the machine with. */
export type Company = 'alone' | 'with another bench' | 'with the second guest';

export interface CostBench {
  readonly mode: string;
  readonly settings: readonly string[];
  readonly machine: Machine;
  readonly reset: Snapshot;
}

export interface CostSample {
  readonly workload: string;
  readonly mode: string;
  /** Names of settings; none: as chosen. */
  readonly settings: readonly string[];
  readonly cost: GuestCost;
}

function benchIn(guest: Guest): Guest {
  return {
    ...guest,
    name: `bench${guest.index === GUEST ? '' : guest.index}`,
    image: { kind: 'built', name: 'bench' },
    initrd: undefined,
    init: undefined,
    budget: undefined,
    bootargs: 'panic=halt',
    dma: true,
  };
}

/** The scenario with the measuring kernel: no budget, and by default no neighbour. */
export function benchScenario(scenario: Scenario, company: Company = 'alone'): Scenario {
  // Where a slot lies costs nothing; a DMA channel, which knows no translation, needs it where the guest believes it is.
  const [first, second] = unshifted(scenario.guests);
  if (first === undefined) throw new RangeError('a scenario without guests');
  if (company === 'alone') return { ...scenario, guests: [benchIn(first)] };
  if (second === undefined) throw new RangeError('a scenario without a second guest');
  return { ...scenario, guests: [benchIn(first), company === 'with another bench' ? benchIn(second) : second] };
}

/** `scenario` and `images` are those of `benchScenario`. */
export function bootBench(
  mode: Mode,
  scenario: Scenario,
  images: ImageSet,
  settings: readonly string[] = [],
): CostBench {
  const setting = settingOf(settings);
  const [plan] = planBoots(modeUnder(mode, setting), scenario, images);
  if (plan === undefined) throw new RangeError(`mode ${mode.name} boots nothing`);
  const machine = bootScenario(createMachine, planUnder(plan, setting));
  return { mode: mode.name, settings, machine, reset: machine.snapshot() };
}

/** From reset, all measuring kernels told to do this workload and nothing else.
 * @param bug what the other guest is told to have */
export function startWorkload({ machine, reset, settings }: CostBench, { id, rounds }: Workload, bug = 0): void {
  machine.restore(reset);
  const args = [BigInt(id), BigInt(rounds), BigInt(settingOf(settings).tickRate ?? 0)];
  machine.monitors.forEach((monitor, guest) => {
    monitor.setMailbox({ bug: guest === GUEST ? 0n : BigInt(bug), target: 0n, value: 0n, work: 0n, args });
  });
}

function runTo(machine: Machine, cycle: number): Moment {
  machine.run(cycle);
  return { cycles: machine.cycles, accounting: machine.accounting() };
}

export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** Runs the workload to its end: the cycles of its marks. Its result was computed here, too, and must be the same. */
export function runWorkload(bench: CostBench, workload: Workload, bug = 0): Span {
  const { machine, mode } = bench;
  startWorkload(bench, workload, bug);
  const marks = new Map<number, number>();
  const stopListening = machine.probe.on('phase', ({ guest, id, cycle }) => {
    if (guest === GUEST) marks.set(id, cycle);
  });
  while (machine.monitors[GUEST]?.ended === false && machine.cycles < PATIENCE) {
    if (machine.run(Math.min(PATIENCE, machine.cycles + PATIENCE / 100)).kind !== 'limit') break;
  }
  stopListening();
  const [begin, end] = [marks.get(workload.id << 1), marks.get((workload.id << 1) | 1)];
  if (begin === undefined || end === undefined) {
    throw new Error(`workload ${workload.name} did not end in mode ${mode} within ${PATIENCE} cycles`);
  }
  const [word] = machine.monitors[GUEST]?.outputs.words() ?? [];
  const expected = expectedResult(workload.name, workload.rounds);
  if (word !== expected) {
    throw new Error(`workload ${workload.name} in mode ${mode} gave ${word}, which should be ${expected}`);
  }
  return { begin, end };
}

/** Two runs: the first finds the cycles of the phase marks, the second takes the accounts there. */
export function measure(bench: CostBench, workload: Workload): CostSample {
  const { machine, mode, settings } = bench;
  const { begin, end } = runWorkload(bench, workload);
  startWorkload(bench, workload);
  const before = runTo(machine, begin);
  const after = runTo(machine, end);
  return { workload: workload.name, mode, settings, cost: costBetween(before, after) };
}
