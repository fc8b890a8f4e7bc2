// Runs a list of tasks on whatever workers it is given. A task is pure, so rows do not depend on how many workers there
// are or which one took what; they come back in the order of the tasks.

/** Does a batch of tasks and answers one list of rows per task. */
export type Worker<Task, Row> = (batch: readonly Task[]) => Promise<readonly (readonly Row[])[]>;

export interface CampaignOptions<Task, Row> {
  /** Tasks handed over at once; together they should take some milliseconds. */
  readonly batchSize: number;
  /** Told of each finished batch, in the order in which they finish: for progress and for shards. */
  readonly onRows?: (task: Task, rows: readonly Row[]) => void;
  /** Asked before each batch; true leaves the rest undone. */
  readonly shouldStop?: () => boolean;
}

function batchesOf<Task>(
  tasks: readonly Task[],
  size: number,
): { readonly first: number; readonly tasks: readonly Task[] }[] {
  const batches = [];
  for (let first = 0; first < tasks.length; first += size)
    batches.push({ first, tasks: tasks.slice(first, first + size) });
  return batches;
}

export async function runCampaign<Task, Row>(
  tasks: readonly Task[],
  workers: readonly Worker<Task, Row>[],
  { batchSize, onRows, shouldStop }: CampaignOptions<Task, Row>,
): Promise<Row[]> {
  if (workers.length === 0) throw new RangeError('a campaign needs a worker');
  const waiting = batchesOf(tasks, batchSize);
  const done: (readonly Row[])[] = tasks.map(() => []);
  const serve = async (worker: Worker<Task, Row>): Promise<void> => {
    for (;;) {
      const batch = shouldStop?.() === true ? undefined : waiting.shift();
      if (batch === undefined) return;
      const answers = await worker(batch.tasks);
      if (answers.length !== batch.tasks.length) throw new Error('a worker answered for other tasks than it was given');
      for (const [index, rows] of answers.entries()) {
        done[batch.first + index] = rows;
        const task = batch.tasks[index];
        if (task !== undefined) onRows?.(task, rows);
      }
    }
  };
  await Promise.all(workers.map(serve));
  return done.flat();
}
