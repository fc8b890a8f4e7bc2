// The far side of a worker thread: opens the scenario it is given, then answers batches of tasks with rows.

import { parentPort, workerData } from 'node:worker_threads';
import { createPerformer, type Row, type Task } from './tasks.ts';
import { workspaceOf } from './workspace.ts';

/** The text, not only the path: all workers work on what the main thread read, whatever happens to the file. */
export interface WorkerInput {
  readonly root: string;
  readonly absolute: string;
  readonly file: string;
  readonly text: string;
}

export type WorkerAnswer =
  | { readonly rows: readonly (readonly Row[])[] }
  | { readonly error: { readonly name: string; readonly message: string } };

const port = parentPort;
if (port !== null) {
  const { root, absolute, file, text } = workerData as WorkerInput;
  const perform = createPerformer(workspaceOf(root, absolute, file, text));
  port.on('message', (batch: readonly Task[]) => {
    let answer: WorkerAnswer;
    try {
      answer = { rows: batch.map(perform) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      answer = { error: { name, message } };
    }
    port.postMessage(answer);
  });
}
