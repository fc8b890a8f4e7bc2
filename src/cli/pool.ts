// Worker processes, as a campaign hires them. Processes and not threads, so that one that is killed or runs out of memory
// takes nothing with it but the batch it had.

import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { type Worker, WorkerDied } from '../campaign/dispatch.ts';
import type { Row, Task } from './tasks.ts';
import type { WorkerAnswer, WorkerInput } from './worker.ts';

export interface Pool {
  hire(): Worker<Task, readonly Row[]>;
  close(): void;
}

const MOST = 16;

/** Results do not depend on it, only the time does. */
export function defaultWorkers(): number {
  return Math.min(MOST, availableParallelism());
}

/** Calls one of the two once, with the answer to a message or the reason why none will come. */
function ask(child: ChildProcess, message: unknown): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.off('error', onError);
    };
    const die = (reason: string) => {
      settle();
      reject(new WorkerDied(reason));
    };
    const onMessage = (answer: unknown) => {
      settle();
      resolve(answer as WorkerAnswer);
    };
    const onExit = (code: number | null, signal: string | null) =>
      die(signal === null ? `it ended with exit code ${code}` : `it ended with signal ${signal}`);
    const onError = (error: Error) => die(`it could not be reached (${error.message})`);
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.on('error', onError);
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else child.send(message as object, (error) => error !== null && onError(error));
  });
}

/** @param program the worker's module, for tests that want another */
export function openPool(input: WorkerInput, program = new URL('./worker.ts', import.meta.url)): Pool {
  const children = new Set<ChildProcess>();
  return {
    hire() {
      const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      children.add(child);
      child.on('exit', () => children.delete(child));
      // Those of the batch tell the campaign; one between two batches is told by the next batch.
      child.on('error', () => child.kill('SIGKILL'));
      let started = false;
      return async (batch) => {
        if (!started) child.send(input, () => undefined);
        started = true;
        const answer = await ask(child, batch);
        if ('answers' in answer) return answer.answers;
        throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
      };
    },
    close() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
