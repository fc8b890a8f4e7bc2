// Experiments, made in two labs: in one, rigs compile regions; in the other, they do not. Whenever a machine stops, both must
// be at the same place, and what is recorded of an experiment must be the same.
import { join } from 'node:path';
import { openWorkspace, sharedModesOf, type Workspace } from '../../../src/cli/workspace.ts';
import { planMode } from '../../../src/cli/tasks.ts';
import { bootRig } from '../../../src/faults/boot-rig.ts';
import { randomExperiments } from '../../../src/faults/experiments.ts';
import { createLab } from '../../../src/faults/lab.ts';
import { placesOf } from '../../../src/faults/places.ts';
import { conduct, type Lab } from '../../../src/faults/plan.ts';
import type { ExperimentId } from '../../../src/faults/replay-id.ts';
import { forVerdict } from '../../../src/faults/translation.ts';
import { createMachine, type Machine } from '../../../src/machine/index.ts';
import { bootScenario } from '../../../src/scenario/boot.ts';
import { type Compared, type Draw, type Engine, someTuning } from './compare.ts';

const SEED = 11;
/** Bits of registers, of any memory, of code; what lasts; wrong programs. */
const CLASSES = ['HWF-1', 'HWF-4', 'HWF-4-text', 'HWF-14', 'SWF'];
/** A machine that is stepped stops a thousand times: of so many stops, one is compared whole. */
const WHOLE = 10;

/** A lab, and what its machines were at each stop of the experiment that runs. */
interface Watched {
  readonly lab: Lab;
  readonly stops: string[];
  readonly machines: Machine[];
  points: number;
}

function watchedLab(workspace: Workspace, engine: () => Engine): Watched {
  const { scenario, stamp } = workspace;
  const watched = { stops: [] as string[], machines: [] as Machine[], points: 0 };
  const boot = (mode: string, only?: string) => {
    const plan = planMode(workspace, mode, only);
    const machine = bootScenario((options) => createMachine({ ...options, engine: engine() }), forVerdict(plan));
    watch(machine, watched);
    return bootRig(plan, machine);
  };
  const guests = scenario.guests.map(({ name }) => name);
  return Object.assign(watched, { lab: createLab(stamp, boot, { act: scenario.act, guests }) });
}

function watch(machine: Machine, watched: Omit<Watched, 'lab'>): void {
  watched.machines.push(machine);
  const run = machine.run.bind(machine);
  machine.run = (until) => {
    const stop = run(until);
    const { cycles, instret, pc } = machine;
    const isWhole = watched.stops.length % WHOLE === 0;
    if (isWhole) watched.points++;
    watched.stops.push(`${stop.kind} ${cycles} ${instret} ${pc.toString(16)} ${isWhole ? machine.hash() : ''}`);
    return stop;
  };
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

export function experimentIds({ scenario, images }: Workspace, count: number): ExperimentId[] {
  const guests = scenario.guests.map(({ name }) => name);
  const modes = sharedModesOf(scenario);
  const design = { guests, modes, seed: SEED, hasPlace: placesOf(scenario, images) };
  const draws = Math.ceil(count / (CLASSES.length * guests.length * modes.length));
  const all = CLASSES.flatMap((name) => randomExperiments(design, name, draws).flat());
  // From each class, guest and mode.
  return Array.from({ length: count }, (_, n) => all[Math.floor((n * all.length) / count)]).filter(
    (id): id is ExperimentId => id !== undefined,
  );
}

const regionsOf = ({ machines }: Watched): number =>
  machines.reduce((sum, { regionsCompiled }) => sum + regionsCompiled, 0);

export function compareExperiments(count: number, draw: Draw): Compared {
  const workspace = openWorkspace(join(import.meta.dirname, '..', '..', '..'), undefined);
  const compiling = watchedLab(workspace, () => someTuning(draw));
  const interpreting = watchedLab(workspace, () => ({ kind: 'interpreter' }));
  for (const id of experimentIds(workspace, count)) {
    const [is, wanted] = [compiling, interpreting].map(({ lab, stops }) => {
      stops.length = 0;
      return JSON.stringify(conduct(lab, id), plain);
    });
    const at = compiling.stops.findIndex((stop, index) => stop !== interpreting.stops[index]);
    if (is === wanted && at < 0 && compiling.stops.length === interpreting.stops.length) continue;
    const where = at < 0 ? 'the records' : `stop ${at}`;
    const [one, other] = at < 0 ? [is, wanted] : [compiling.stops[at], interpreting.stops[at]];
    const name = `${id.class} of ${id.from} in ${id.mode}, ${id.n}`;
    const difference = `${name}: ${where}\n    regions      ${one}\n    interpreter  ${other}`;
    return { points: compiling.points, regions: regionsOf(compiling), difference };
  }
  return { points: compiling.points, regions: regionsOf(compiling), difference: undefined };
}
