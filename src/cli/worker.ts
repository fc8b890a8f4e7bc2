// The far side of a worker process: opens the scenario it is given, then answers batches of tasks with rows.

import { explainsItself } from './errors.ts';
import type { WorkerAnswer } from './processes.ts';
import { createPerformer, lostRows, type Perform, type Row, type Task } from './tasks.ts';
import { workspaceOf } from './workspace.ts';

/** The text, not only the path: all workers work on what the coordinator read, whatever happens to the file. */
export interface WorkerInput {
  readonly root: string;
  readonly absolute: string;
  readonly file: string;
  readonly text: string;
  /** Whether ends of warm-ups are kept on the disk. */
  readonly cache: boolean;
}

/** One experiment that goes wrong in the harness is one row that says so; a mistake of the user ends the campaign. */
function answer(stamp: string, perform: Perform, task: Task): Row[] {
  try {
    return perform(task);
  } catch (error) {
    if (explainsItself(error) || task.kind !== 'experiment') throw error;
    return lostRows(stamp, task, String(error));
  }
}

/** Opens the scenario with the first batch, so that a mistake in it is answered like any other. */
function serve(input: WorkerInput): (batch: readonly Task[]) => WorkerAnswer<readonly Row[]> {
  let opened: { readonly stamp: string; readonly perform: Perform } | undefined;
  const open = () => {
    const workspace = workspaceOf(input.root, input.absolute, input.file, input.text, input.cache);
    return { stamp: workspace.stamp, perform: createPerformer(workspace) };
  };
  return (batch) => {
    try {
      opened ??= open();
      const { stamp, perform } = opened;
      return { answers: batch.map((task) => answer(stamp, perform, task)) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      return { error: { name, message } };
    }
  };
}

if (process.send !== undefined) {
  let answerTo: ((batch: readonly Task[]) => WorkerAnswer<readonly Row[]>) | undefined;
  process.on('message', (message) => {
    if (answerTo === undefined) answerTo = serve(message as WorkerInput);
    else process.send?.(answerTo(message as readonly Task[]));
  });
  // Ctrl-C reaches the whole group of processes: what it means is the coordinator's to decide.
  process.on('SIGINT', () => undefined);
  // Without a coordinator nobody wants the answer.
  process.on('disconnect', () => process.exit());
}
