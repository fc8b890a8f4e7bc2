// The gate before every campaign: each fault-free run is made three times, by whichever worker is free, and must end in
// the same state. Without that no difference means anything.

import { DeterminismError } from '../campaign/errors.ts';
import { groupBy } from '../faults/tally.ts';
import type { Design } from '../faults/experiments.ts';
import { NATIVE } from '../faults/lab.ts';
import { inputSeedOf, TRAJECTORIES } from '../faults/plan.ts';
import type { Session } from './campaign-session.ts';
import type { Task } from './tasks.ts';

const REPEATS = 3;

export type GoldenTask = Extract<Task, { kind: 'golden' }>;

/** In every mode, natively of each guest alone, on every trajectory; not one mode after the other, so that each worker boots
 * another one first. */
export function goldenTasks({ modes, guests, seed }: Design): GoldenTask[] {
  const runs = [...modes.map((mode) => ({ mode, only: undefined })), ...guests.map((only) => ({ mode: NATIVE, only }))];
  const seeds = Array.from({ length: TRAJECTORIES }, (_, trajectory) => inputSeedOf(seed, trajectory));
  return Array.from({ length: REPEATS }, (_, repeat) => repeat).flatMap((repeat) =>
    seeds.flatMap((inputSeed) => runs.map((run): GoldenTask => ({ kind: 'golden', ...run, inputSeed, repeat }))),
  );
}

const nameOf = ({ mode, only, inputSeed }: GoldenTask): string =>
  `the fault-free run in mode ${mode}${only === undefined ? '' : ` of ${only}`} with inputs ${inputSeed}`;

export async function checkGoldens(session: Session, design: Design): Promise<void> {
  const tasks = goldenTasks(design);
  const rows = await session.run('golden runs', tasks);
  // Without workers some may be missing, which the session counts: there is nothing to compare.
  if (rows.length !== tasks.length) return;
  const seen = tasks.flatMap((task, index) => {
    const row = rows[index];
    return row?.kind === 'golden' ? [{ name: nameOf(task), state: `${row.stateHash} after ${row.cycles} cycles` }] : [];
  });
  for (const repeats of groupBy(seen, ({ name }) => name)) {
    const [first, ...others] = repeats;
    const other = others.find(({ state }) => state !== first?.state);
    if (first !== undefined && other !== undefined) throw new DeterminismError(first.name, first.state, other.state);
  }
}
