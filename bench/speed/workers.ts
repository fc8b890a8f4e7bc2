// How much more two workers do than one, in processes of their own as a campaign has them.
import { dispatch, type Worker } from '../../src/campaign/dispatch.ts';
import { openPool } from '../../src/cli/pool.ts';
import type { Row, Task } from '../../src/cli/tasks.ts';
import { sharedModesOf, type Workspace } from '../../src/cli/workspace.ts';
import { experimentsFor } from './experiments.ts';
import { best, median } from './rounds.ts';

export interface Scaling {
  /** Experiments a second of the host's clock: the best round. The ratio is of the best rounds, and of the medians. */
  readonly one: number;
  readonly two: number;
  readonly ratio: { readonly best: number; readonly median: number };
}

/** So often is each experiment made in a measurement: a campaign has so many tasks that no long one at its end leaves the other
 * worker idle. */
const CAMPAIGN = 16;
/** And so often before the first one. What a campaign of 10^5 is made of comes after its compilations, and those of one worker
 * run on the other's core. */
const WARMING = 4;

async function rateOf(workers: readonly Worker<Task, readonly Row[]>[], tasks: readonly Task[], together: number) {
  const free = [...workers];
  const hire = (): Worker<Task, readonly Row[]> => {
    const worker = free.pop();
    if (worker === undefined) throw new Error('more workers are hired than there are');
    return worker;
  };
  const before = performance.now();
  await dispatch<Task, readonly Row[]>(tasks, {
    workers: workers.length,
    hire,
    batchSize: together,
    onAnswers: () => undefined,
    onLost: (_, reason) => {
      throw new Error(reason);
    },
  });
  return (tasks.length * 1000) / (performance.now() - before);
}

export async function workerScaling(workspace: Workspace, rounds: number): Promise<Scaling> {
  const { scenario } = workspace;
  const pool = openPool(workspace);
  const tasks = experimentsFor(workspace).map((id): Task => ({ kind: 'experiment', id }));
  const together = sharedModesOf(scenario).length;
  try {
    const pair = [pool.hire(), pool.hire()];
    const [first] = pair;
    if (first === undefined) throw new Error('there is no worker');
    for (let time = 0; time < WARMING; time++) await Promise.all(pair.map((worker) => worker(tasks)));
    const many = Array.from({ length: CAMPAIGN }, () => tasks).flat();
    const [one, two]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      one.push(await rateOf([first], many, together));
      two.push(await rateOf(pair, many, together));
    }
    const ratio = { best: best(two) / best(one), median: median(two) / median(one) };
    return { one: best(one), two: best(two), ratio };
  } finally {
    pool.close();
  }
}
