// Hands batches of tasks to workers. A task is pure, so it does not matter who does it, or how often. Workers may die: by
// a kill from outside, or by what they were given to do.

/** The worker is gone, and with it what it was doing. */
export class WorkerDied extends Error {
  override readonly name = 'WorkerDied';
}

/** One answer per task, or WorkerDied. */
export type Worker<Task, Answer> = (batch: readonly Task[]) => Promise<readonly Answer[]>;

export interface DispatchOptions<Task, Answer> {
  readonly workers: number;
  /** A worker that nobody else has. */
  readonly hire: () => Worker<Task, Answer>;
  /** Told of a worker that is needed no more. */
  readonly dismiss?: (worker: Worker<Task, Answer>) => void;
  readonly batchSize: number;
  /** Told of each finished batch, in the order in which they finish. */
  readonly onAnswers: (tasks: readonly Task[], answers: readonly Answer[]) => void;
  /** Told of a task that kills whoever does it. */
  readonly onLost: (task: Task, reason: string) => void;
  /** Asked before each batch; true leaves the rest undone. */
  readonly shouldStop?: () => boolean;
}

/** A batch that kills so many is halved. */
const DEATHS_PER_BATCH = 2;
/** A single task that kills so many is lost: one more, since two kills from outside may hit the same. */
const DEATHS_ALONE = 3;
/** So many deaths without any answer in between are nobody's task's doing. */
const DEATHS_IN_A_ROW = 40;

interface Job<Task> {
  readonly tasks: readonly Task[];
  deaths: number;
}

function split<Task>(tasks: readonly Task[], size: number): Job<Task>[] {
  const jobs: Job<Task>[] = [];
  for (let first = 0; first < tasks.length; first += size) {
    jobs.push({ tasks: tasks.slice(first, first + size), deaths: 0 });
  }
  return jobs;
}

export async function dispatch<Task, Answer>(
  tasks: readonly Task[],
  options: DispatchOptions<Task, Answer>,
): Promise<void> {
  const { workers, hire, dismiss, batchSize, onAnswers, onLost, shouldStop } = options;
  if (workers < 1 || batchSize < 1) throw new RangeError('a campaign needs a worker, and a batch a task');
  // The next one stands last: taking from the front of a long list costs its length.
  const waiting = split(tasks, batchSize).reverse();
  let deathsInARow = 0;
  let failed = false;

  const bury = (job: Job<Task>, death: WorkerDied): void => {
    job.deaths++;
    deathsInARow++;
    if (deathsInARow >= DEATHS_IN_A_ROW) {
      throw new Error(`${deathsInARow} workers died one after the other, the last one because ${death.message}`);
    }
    const [only] = job.tasks;
    if (job.tasks.length === 1 && only !== undefined) {
      if (job.deaths < DEATHS_ALONE) waiting.push(job);
      else onLost(only, `${job.deaths} workers died of it, the last one because ${death.message}`);
    } else if (job.deaths < DEATHS_PER_BATCH) waiting.push(job);
    else waiting.push(...split(job.tasks, Math.ceil(job.tasks.length / 2)).reverse());
  };

  const lane = async (): Promise<void> => {
    let worker: Worker<Task, Answer> | undefined;
    for (;;) {
      const job = failed || shouldStop?.() === true ? undefined : waiting.pop();
      if (job === undefined) {
        if (worker !== undefined) dismiss?.(worker);
        return;
      }
      worker ??= hire();
      try {
        const answers = await worker(job.tasks);
        if (answers.length !== job.tasks.length) throw new Error('a worker answered for other tasks than it was given');
        deathsInARow = 0;
        onAnswers(job.tasks, answers);
      } catch (error) {
        if (!(error instanceof WorkerDied)) throw error;
        worker = undefined;
        bury(job, error);
      }
    }
  };
  const guarded = (): Promise<void> =>
    lane().catch((error: unknown) => {
      failed = true;
      throw error;
    });
  await Promise.all(Array.from({ length: workers }, guarded));
}
