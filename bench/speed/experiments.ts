// Experiments as a campaign makes them, in one worker: how many a CPU second, and where the time goes.
import { labOf } from '../../src/cli/tasks.ts';
import { openWorkspace, sharedModesOf, type Workspace, workspaceOf } from '../../src/cli/workspace.ts';
import { randomExperiments } from '../../src/faults/experiments.ts';
import { placesOf } from '../../src/faults/places.ts';
import { conduct, inputSeedOf, type Lab } from '../../src/faults/plan.ts';
import type { ExperimentId } from '../../src/faults/replay-id.ts';
import type { RigMachine } from '../../src/faults/rig.ts';
import { best, median } from './rounds.ts';

const SEED = 7;
/** Draws of a bit of a register, in each guest: the class that campaigns are made of. */
const DRAWS = 8;
/** With so many words of work, the guests of the shipped scenario execute a little over a million instructions. */
const SHORT_WORK = 24;
const LEAST_INSTRUCTIONS = 1_000_000;

export const PARTS = ['approach', 'run', 'restore', 'hash', 'compare', 'snapshot', 'rest'] as const;
type Part = (typeof PARTS)[number];

export interface ExperimentRate {
  readonly of: string;
  /** A million instructions, not the shipped scenario's. */
  readonly isShort: boolean;
  readonly experiments: number;
  /** Instructions of both guests in a run without fault, the least of the modes. */
  readonly instructions: number;
  readonly perCpuSecond: { readonly best: number; readonly median: number };
  /** Shares of the host's time. */
  readonly parts: Readonly<Record<Part, number>>;
}

interface NamedScenario {
  readonly name: string;
  readonly isShort: boolean;
  readonly workspace: Workspace;
}

/** The shipped scenario, and the same with less work. */
export function scenariosOf(root: string): readonly [whole: NamedScenario, short: NamedScenario] {
  const whole = openWorkspace(root, undefined);
  const text = whole.text
    .replaceAll('work: 64', `work: ${SHORT_WORK}`)
    .replaceAll('panic=halt', `panic=halt work=${SHORT_WORK}`);
  return [
    { name: 'shipped scenario', isShort: false, workspace: whole },
    {
      name: 'a million instructions',
      isShort: true,
      workspace: workspaceOf(root, whole.absolute, whole.file, text),
    },
  ];
}

/** One class of faults in every mode, those of one fault together, as workers get them. */
export function experimentsFor({ scenario, images }: Workspace): ExperimentId[] {
  const guests = scenario.guests.map(({ name }) => name);
  const design = { guests, modes: sharedModesOf(scenario), seed: SEED, hasPlace: placesOf(scenario, images) };
  return randomExperiments(design, 'HWF-1', DRAWS).flat();
}

/** Adds the time of each call to a part; `approach` is what runs while an instruction is waited for. */
function clocked(machine: RigMachine, spent: Map<Part, number>): void {
  let waiting = false;
  const wrap = <A extends readonly unknown[], R>(act: (...args: A) => R, part: () => Part): ((...args: A) => R) => {
    const own = act.bind(machine);
    return (...args) => {
      const before = performance.now();
      const result = own(...args);
      spent.set(part(), (spent.get(part()) ?? 0) + performance.now() - before);
      return result;
    };
  };
  const watch = machine.watch.bind(machine);
  Object.assign(machine, {
    watch: (...[at]: Parameters<RigMachine['watch']>) => {
      waiting = at !== undefined;
      watch(at);
    },
    run: wrap(machine.run, () => (waiting ? 'approach' : 'run')),
    restore: wrap(machine.restore, () => 'restore'),
    hash: wrap(machine.hash, () => 'hash'),
    isAt: wrap(machine.isAt, () => 'compare'),
    snapshot: wrap(machine.snapshot, () => 'snapshot'),
  });
}

function instructionsOf(lab: Lab, modes: readonly string[]): number {
  const runs = modes.map((mode) => lab.golden(mode, inputSeedOf(SEED, 0)).observation.guests);
  return Math.min(...runs.map((guests) => guests.reduce((sum, { instret }) => sum + instret, 0)));
}

export function experimentRate({ name, isShort, workspace }: NamedScenario, rounds: number): ExperimentRate {
  const lab = labOf(workspace);
  const ids = experimentsFor(workspace);
  const modes = sharedModesOf(workspace.scenario);
  const instructions = instructionsOf(lab, modes);
  if (instructions < LEAST_INSTRUCTIONS)
    throw new Error(`${name}: the guests execute ${instructions} instructions only`);
  // Golden runs and moments are made once for any number of experiments.
  for (const id of ids) conduct(lab, id);
  const spent = new Map<Part, number>();
  for (const mode of modes) clocked(lab.rig(mode).machine, spent);
  const rates: number[] = [];
  const began = performance.now();
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (const id of ids) conduct(lab, id);
    const { user, system } = process.cpuUsage(before);
    rates.push((ids.length * 1e6) / (user + system));
  }
  const all = performance.now() - began;
  spent.set('rest', all - [...spent.values()].reduce((sum, part) => sum + part, 0));
  const parts = Object.fromEntries(PARTS.map((part) => [part, (spent.get(part) ?? 0) / all])) as Record<Part, number>;
  const perCpuSecond = { best: best(rates), median: median(rates) };
  return { of: name, isShort, experiments: ids.length, instructions, perCpuSecond, parts };
}
