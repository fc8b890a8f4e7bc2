// One workload of `bench` in one mode: the cost between its two phase marks, neighbour absent.

import { createMachine, type Machine, type Snapshot } from '../machine/index.ts';
import { bootScenario, planBoots } from '../scenario/boot.ts';
import type { ImageSet } from '../scenario/image-set.ts';
import type { Mode } from '../scenario/mode.ts';
import type { Guest, Scenario } from '../scenario/scenario.ts';
import { costBetween, type GuestCost, type Moment } from './account.ts';
import type { Workload } from './workloads.ts';

/** The measuring kernel takes the first guest's slot. */
const GUEST = 0;
/** Cycles that a workload may take. */
const PATIENCE = 2_000_000_000;
const DEFAULT_ROUNDS = 0n;

export interface CostBench {
  readonly mode: string;
  readonly machine: Machine;
  readonly reset: Snapshot;
}

export interface CostSample {
  readonly workload: string;
  readonly mode: string;
  readonly cost: GuestCost;
}

/** The scenario with the measuring kernel alone: no neighbour, no budget. */
export function benchScenario(scenario: Scenario): Scenario {
  const [first] = scenario.guests;
  if (first === undefined) throw new RangeError('a scenario without guests');
  const bench: Guest = {
    ...first,
    name: 'bench',
    image: { kind: 'built', name: 'bench' },
    budget: undefined,
    bootargs: 'panic=halt',
  };
  return { ...scenario, guests: [bench] };
}

/** `scenario` and `images` are those of `benchScenario`. */
export function bootBench(mode: Mode, scenario: Scenario, images: ImageSet): CostBench {
  const [plan] = planBoots(mode, scenario, images);
  if (plan === undefined) throw new RangeError(`mode ${mode.name} boots nothing`);
  const machine = bootScenario(createMachine, plan);
  return { mode: mode.name, machine, reset: machine.snapshot() };
}

function start(bench: CostBench, workload: Workload): void {
  const { machine, reset } = bench;
  machine.restore(reset);
  const args = [BigInt(workload.id), DEFAULT_ROUNDS];
  machine.monitors[GUEST]?.setMailbox({ bug: 0n, target: 0n, value: 0n, work: 0n, args });
}

function runTo(machine: Machine, cycle: number): Moment {
  machine.run(cycle);
  return { cycles: machine.cycles, accounting: machine.accounting() };
}

/** Two runs: the first finds the cycles of the phase marks, the second takes the accounts there. */
export function measure(bench: CostBench, workload: Workload): CostSample {
  const { machine, mode } = bench;
  start(bench, workload);
  const marks: { readonly id: number; readonly cycle: number }[] = [];
  const stopListening = machine.probe.on('phase', ({ id, cycle }) => marks.push({ id, cycle }));
  machine.run(PATIENCE);
  stopListening();
  const begin = marks.find(({ id }) => id === workload.id << 1);
  const end = marks.find(({ id }) => id === ((workload.id << 1) | 1));
  if (begin === undefined || end === undefined) {
    throw new Error(`workload ${workload.name} did not end in mode ${mode} within ${PATIENCE} cycles`);
  }
  start(bench, workload);
  const before = runTo(machine, begin.cycle);
  const after = runTo(machine, end.cycle);
  return { workload: workload.name, mode, cost: costBetween(before, after, GUEST) };
}
