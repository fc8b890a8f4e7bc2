// A pool of worker threads, as the list of workers that a campaign asks for.

import { availableParallelism } from 'node:os';
import { Worker as Thread } from 'node:worker_threads';
import type { Worker } from '../faults/campaign.ts';
import type { Row, Task } from './tasks.ts';
import type { WorkerAnswer, WorkerInput } from './worker.ts';

export interface Pool {
  readonly workers: readonly Worker<Task, Row>[];
  close(): Promise<void>;
}

const MOST = 16;

/** Results do not depend on it, only the time does. */
export function defaultWorkers(): number {
  return Math.min(MOST, availableParallelism());
}

/** One batch at a time per thread; a thread that dies fails the batch it had. */
function workerOf(thread: Thread): Worker<Task, Row> {
  return (batch) =>
    new Promise((resolve, reject) => {
      const settle = () => {
        thread.off('message', onMessage);
        thread.off('error', onError);
      };
      const onMessage = (answer: WorkerAnswer) => {
        settle();
        if ('rows' in answer) resolve(answer.rows);
        else reject(Object.assign(new Error(answer.error.message), { name: answer.error.name }));
      };
      const onError = (error: unknown) => {
        settle();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      thread.on('message', onMessage);
      thread.on('error', onError);
      thread.postMessage(batch);
    });
}

export function openPool(count: number, input: WorkerInput): Pool {
  const threads = Array.from(
    { length: count },
    () => new Thread(new URL('./worker.ts', import.meta.url), { workerData: input }),
  );
  return {
    workers: threads.map(workerOf),
    close: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
