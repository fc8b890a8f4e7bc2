// All that a report on cost is made of, as tasks for workers: plain data that says what to measure. Results are plain, too.

import type { ImageSet } from '../scenario/image-set.ts';
import { findMode } from '../scenario/modes.ts';
import type { Guest, Scenario } from '../scenario/scenario.ts';
import { type BootSample, bootRows, bootsLong, measureBoot } from './boot-cost.ts';
import { effortRow, observeEffort } from './effort.ts';
import { interruptTimes, NEIGHBOURS, type Neighbour, NO_NEIGHBOUR, responseTimes } from './latency.ts';
import { benchScenario, bootBench, type Company, type CostBench, type CostSample, measure } from './measure.ts';
import type {
  AccountRow,
  BootRow,
  CostRow,
  LatencyRow,
  LayerEffortRow,
  PublishedRow,
  SearchRow,
  SensitivityRow,
} from './records.ts';
import { publishedRows } from './published.ts';
import { mostAdverse, searchRows } from './search.ts';
import { settingName, settingOf, settings, TIMER_BY_CALL } from './settings.ts';
import { accountRows, BASELINE, costRows, OTHER_POLE, sensitivityRows } from './tally.ts';
import { findWorkload, PING_PONG, SWEPT, type Workload, workloads } from './workloads.ts';

/** Events whose price the layers are asked for: how many of them a round of the workload has. */
const EVENTS: Readonly<
  Record<string, { readonly workload: Workload; readonly perRound: number; readonly settings: readonly string[] }>
> = {
  'timer tick': { workload: findWorkload('ticks'), perRound: 100, settings: [] },
  'timer tick, set by SBI call': { workload: findWorkload('ticks'), perRound: 100, settings: [TIMER_BY_CALL] },
  'device interrupt': { workload: findWorkload('completions'), perRound: 50, settings: [] },
  'SBI call': { workload: findWorkload('sbi-call'), perRound: 200, settings: [] },
  'message to another guest': { workload: PING_PONG, perRound: 100, settings: [] },
};
/** Of the same run as the messages, only those stays in the layer that end in the other guest. */
const WORLD_SWITCH = 'world switch';

export type CostTask =
  | {
      readonly kind: 'workload';
      readonly mode: string;
      readonly workload: string;
      /** Names of settings; none: as chosen. */
      readonly settings: readonly string[];
    }
  | { readonly kind: 'effort'; readonly mode: string; readonly event: string }
  | { readonly kind: 'boot'; readonly mode: string; readonly guest: string }
  | { readonly kind: 'response'; readonly mode: string; readonly guest: string; readonly neighbour: Neighbour }
  | { readonly kind: 'interrupts'; readonly mode: string; readonly neighbour: Neighbour | typeof NO_NEIGHBOUR };

export type CostResult =
  | { readonly kind: 'sample'; readonly sample: CostSample }
  | { readonly kind: 'effort'; readonly rows: readonly LayerEffortRow[] }
  | { readonly kind: 'latency'; readonly rows: readonly LatencyRow[] }
  | { readonly kind: 'boot'; readonly samples: readonly BootSample[] };

export interface CostEvidence {
  readonly cost: CostRow[];
  readonly accounts: AccountRow[];
  readonly effort: LayerEffortRow[];
  readonly sensitivity: SensitivityRow[];
  readonly search: SearchRow[];
  readonly latency: LatencyRow[];
  readonly boots: BootRow[];
  readonly published: PublishedRow[];
}

/** Native first where it is missing: without it there is no ratio. */
export function modesToMeasure(modes: readonly string[]): string[] {
  return modes.includes(BASELINE) ? [...modes] : [BASELINE, ...modes];
}

const shared = (modes: readonly string[]): string[] => modes.filter((mode) => mode !== BASELINE);

const workloadTasks = (modes: readonly string[], names: readonly string[], settings: readonly string[]): CostTask[] =>
  modes.flatMap((mode) => names.map((workload): CostTask => ({ kind: 'workload', mode, workload, settings })));

/** What every report has: each workload as things are, the price of events, and how long a guest waits beside others.
 * @param neighbours what the second guest does meanwhile */
export function costTasks(
  scenario: Scenario,
  modes: readonly string[],
  neighbours: readonly Neighbour[] = Object.keys(NEIGHBOURS) as Neighbour[],
): CostTask[] {
  // Of ours; a stranger's kernel reports no responses.
  const first = scenario.guests.find(({ image }) => image.kind === 'built') ?? scenario.guests[0];
  // Only ours can be told to have a bug.
  const kinds = scenario.guests.every(({ name, image }) => name === first?.name || image.kind === 'built')
    ? neighbours
    : neighbours.filter((neighbour) => neighbour === 'busy');
  const pair = scenario.guests.length > 1;
  const together = pair ? shared(modes) : [];
  const events = Object.keys(EVENTS);
  return [
    ...workloadTasks(
      modes,
      workloads.map(({ name }) => name),
      [],
    ),
    ...modes.flatMap((mode) =>
      events
        .filter((event) => EVENTS[event]?.workload !== PING_PONG || together.includes(mode))
        .map((event): CostTask => ({ kind: 'effort', mode, event })),
    ),
    ...bootsLong(scenario).flatMap(({ name }) => modes.map((mode): CostTask => ({ kind: 'boot', mode, guest: name }))),
    ...modes.map((mode): CostTask => ({ kind: 'interrupts', mode, neighbour: NO_NEIGHBOUR })),
    ...together.flatMap((mode): CostTask[] => [{ kind: 'interrupts', mode, neighbour: 'busy' }]),
    ...(first === undefined
      ? []
      : modes.flatMap((mode) =>
          // In native there is no neighbour to do anything.
          kinds
            .slice(0, together.includes(mode) ? kinds.length : 1)
            .map((neighbour): CostTask => ({ kind: 'response', mode, guest: first.name, neighbour })),
        )),
  ];
}

/** Between the poles of the argument alone: what holds of them holds of the modes between. */
const POLES: readonly string[] = [BASELINE, OTHER_POLE, 'virtualized'];
const polesOf = (modes: readonly string[]): string[] => modes.filter((mode) => POLES.includes(mode));

export function sweepTasks(modes: readonly string[]): CostTask[] {
  return settings.flatMap((setting) => {
    const names = setting.tickRate === undefined ? SWEPT : ['ticked'];
    return workloadTasks(polesOf(modes), names, [settingName(setting)]);
  });
}

/** After the sweep: for each claim the settings that spoke most against it, all at once. */
export function combinedTasks(results: readonly CostResult[], modes: readonly string[]): CostTask[] {
  const { cost, sensitivity } = costEvidence(results, modes);
  const against = [
    mostAdverse(cost, sensitivity, (row) => row.ratio),
    mostAdverse(cost, sensitivity, (row) => row.ratioToColocated),
  ];
  const distinct = new Map(against.filter((names) => names.length > 1).map((names) => [names.join(), names]));
  return [...distinct.values()].flatMap((names) => workloadTasks(polesOf(modes), SWEPT, names));
}

/** Rows in one order, whoever measured them in which. */
export function costEvidence(results: readonly CostResult[], modes: readonly string[]): CostEvidence {
  const samples = results.flatMap((result) => (result.kind === 'sample' ? [result.sample] : []));
  const effort = results.flatMap((result) => (result.kind === 'effort' ? result.rows : []));
  const latency = results.flatMap((result) => (result.kind === 'latency' ? result.rows : []));
  const combined = [...new Set(samples.flatMap(({ settings: names }) => (names.length > 1 ? [names.join('\n')] : [])))];
  const all = [...settings, ...combined.map((names) => settingOf(names.split('\n')))];
  const cost = costRows(samples, modes);
  const sensitivity = sensitivityRows(samples, modes, all);
  const events = [...Object.keys(EVENTS), WORLD_SWITCH];
  return {
    cost,
    accounts: accountRows(samples),
    effort: [...effort].sort((a, b) => events.indexOf(a.event) - events.indexOf(b.event)),
    sensitivity,
    search: searchRows(cost, sensitivity, effort),
    latency,
    boots: bootRows(results.flatMap((result) => (result.kind === 'boot' ? result.samples : []))),
    published: publishedRows(samples),
  };
}

/** @param imagesOf the images of the scenario as it was changed for measuring */
export function createCostPerformer(
  scenario: Scenario,
  imagesOf: (scenario: Scenario) => ImageSet,
): (task: CostTask) => CostResult {
  // A machine is some hundred MiB of address space, and tasks come in runs of the same.
  let kept: { readonly name: string; readonly bench: CostBench } | undefined;
  const guestOf = (name: string): Guest => {
    const guest = scenario.guests.find((candidate) => candidate.name === name);
    if (guest === undefined) throw new RangeError(`there is no guest ${name}`);
    return guest;
  };
  const benchOf = (mode: string, company: Company, names: readonly string[]): CostBench => {
    const name = [mode, company, ...names].join('\n');
    if (kept?.name !== name) {
      const changed = benchScenario(scenario, company);
      kept = { name, bench: bootBench(findMode(mode), changed, imagesOf(changed), names) };
    }
    return kept.bench;
  };
  return (task) => {
    switch (task.kind) {
      case 'workload':
        return {
          kind: 'sample',
          sample: measure(benchOf(task.mode, 'alone', task.settings), findWorkload(task.workload)),
        };
      case 'effort': {
        const event = EVENTS[task.event];
        if (event === undefined) throw new RangeError(`there is no event ${task.event}`);
        const { workload, perRound, settings } = event;
        const pair = workload === PING_PONG;
        const effort = observeEffort(benchOf(task.mode, pair ? 'with another bench' : 'alone', settings), workload);
        const row = effortRow(task.mode, task.event, effort.all, perRound * workload.rounds);
        const switches = effortRow(task.mode, WORLD_SWITCH, effort.switches, effort.switches.count);
        // Guests with harts of their own never leave one to each other.
        return { kind: 'effort', rows: effort.switches.count > 0 ? [row, switches] : [row] };
      }
      case 'interrupts': {
        const company = task.neighbour === NO_NEIGHBOUR ? 'alone' : 'with the second guest';
        return { kind: 'latency', rows: interruptTimes(benchOf(task.mode, company, []), task.neighbour) };
      }
      case 'boot': {
        const sample = measureBoot(findMode(task.mode), scenario, imagesOf(scenario), guestOf(task.guest));
        return { kind: 'boot', samples: sample === undefined ? [] : [sample] };
      }
      case 'response': {
        const row = responseTimes(
          findMode(task.mode),
          scenario,
          imagesOf(scenario),
          guestOf(task.guest),
          task.neighbour,
        );
        return { kind: 'latency', rows: row === undefined ? [] : [row] };
      }
    }
  };
}
