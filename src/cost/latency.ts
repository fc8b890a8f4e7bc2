// How long a guest waits: the response of its real-time task by its own reports, and interrupts on their way to a handler,
// while the other guest is idle, works, or is broken.

import { constants } from '../../images/index.ts';
import { createMachine, type Machine, type Monitor } from '../machine/index.ts';
import { bootScenario, planBoots } from '../scenario/boot.ts';
import type { ImageSet } from '../scenario/image-set.ts';
import type { Mode } from '../scenario/mode.ts';
import type { Guest, Scenario } from '../scenario/scenario.ts';
import { type CostBench, GUEST, runWorkload } from './measure.ts';
import type { LatencyRow } from './records.ts';
import { inStep } from './settings.ts';
import { DEVICE_LATENCY, TIMER_LATENCY, type Workload } from './workloads.ts';

/** A tick of mtime is 100 ns, a cycle one. */
const TICK_NS = 100;
const PATIENCE = 2_000_000_000;
const SLICE = 1_000_000;

/** What the other guests do, by the bug that each is told to have from its first unit of work on; 0 is none. */
export const NEIGHBOURS = {
  idle: constants.BUG_WFI_MASKED,
  busy: 0,
  'in a panic': constants.BUG_PANIC,
  'in a loop': constants.BUG_SPIN_MASKED,
  'in a storm of traps': constants.BUG_TRAP_STORM,
  'flooding its console': constants.BUG_CONSOLE_FLOOD,
} as const;
export type Neighbour = keyof typeof NEIGHBOURS;
export const NO_NEIGHBOUR = 'absent';

/** The smallest value that so much of the sample does not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

type Head = Pick<LatencyRow, 'kind' | 'guest' | 'mode' | 'neighbour'>;

/** @param missing answers that never came, which are late wherever a bound is declared */
export function latencyRow(head: Head, values: readonly number[], bound: number | null, missing = 0): LatencyRow {
  const sorted = [...values].sort((a, b) => a - b);
  const late = bound === null ? 0 : sorted.filter((value) => value > bound).length + missing;
  return {
    ...head,
    n: sorted.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
    bound,
    late,
  };
}

/** Of the deadlines that a monitor keeps, which are the first. */
export function responseRow(
  head: Omit<Head, 'kind'>,
  deadlines: Monitor['deadlines'],
  boundTicks: number,
  missing = 0,
): LatencyRow {
  const ticks = deadlines.words().map((word) => Number(word & 0xffff_ffffn));
  const times = ticks.map((value) => value * TICK_NS);
  return latencyRow({ kind: 'response', ...head }, times, boundTicks * TICK_NS, missing);
}

function runUntilEnded(machine: Machine, guest: number): void {
  while (machine.monitors[guest]?.ended === false && machine.cycles < PATIENCE) {
    if (machine.run(machine.cycles + SLICE).kind !== 'limit') return;
  }
}

/** Of a guest that reports deadlines; undefined where it does not. `native` boots it alone. */
export function responseTimes(
  mode: Mode,
  scenario: Scenario,
  images: ImageSet,
  guest: Guest,
  neighbour: Neighbour,
): LatencyRow | undefined {
  const plan = planBoots(mode, scenario, images).find(({ guests }) => guests.some(({ name }) => name === guest.name));
  if (plan === undefined) return undefined;
  const machine = bootScenario(createMachine, inStep(plan));
  const others = plan.guests.filter(({ name }) => name !== guest.name);
  for (const { index } of others) {
    machine.monitors[index]?.setMailbox({
      bug: BigInt(NEIGHBOURS[neighbour]),
      target: 0n,
      value: 0n,
      work: 0n,
      args: [],
    });
  }
  runUntilEnded(machine, guest.index);
  const deadlines = machine.monitors[guest.index]?.deadlines;
  if (deadlines === undefined || (deadlines.count === 0 && guest.image.kind !== 'built')) return undefined;
  const head = { guest: guest.name, mode: mode.name, neighbour: others.length === 0 ? NO_NEIGHBOUR : neighbour };
  return responseRow(head, deadlines, guest.boundTicks, Math.max(0, guest.work - deadlines.count));
}

const KINDS: readonly (readonly [LatencyRow['kind'], Workload])[] = [
  ['timer interrupt', TIMER_LATENCY],
  ['device interrupt', DEVICE_LATENCY],
];

/** The measuring kernel's own reports, in cycles, which are nanoseconds here. */
export function interruptTimes(bench: CostBench, neighbour: Neighbour | typeof NO_NEIGHBOUR): LatencyRow[] {
  return KINDS.map(([kind, workload]) => {
    runWorkload(bench, workload, neighbour === NO_NEIGHBOUR ? 0 : NEIGHBOURS[neighbour]);
    const cycles = bench.machine.monitors[GUEST]?.reports.words() ?? [];
    return latencyRow({ kind, guest: 'bench', mode: bench.mode, neighbour }, cycles.map(Number), null);
  });
}
