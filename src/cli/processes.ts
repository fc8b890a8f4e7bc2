// Worker processes, as a campaign hires them. Processes and not threads, so that one that is killed or runs out of memory
// takes nothing with it but the batch it had.

import { type ChildProcess, fork } from 'node:child_process';
import { type Worker, WorkerDied } from '../campaign/dispatch.ts';

/** What comes back for a batch. */
export type WorkerAnswer<Answer> =
  | { readonly answers: readonly Answer[] }
  | { readonly error: { readonly name: string; readonly message: string } };

export interface Pool<Task, Answer> {
  /** One that is free, else a fresh one. */
  hire(): Worker<Task, Answer>;
  dismiss(worker: Worker<Task, Answer>): void;
  close(): void;
}

/** The answer to a message, or why none will come. */
function ask<Answer>(child: ChildProcess, message: unknown): Promise<WorkerAnswer<Answer>> {
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
      resolve(answer as WorkerAnswer<Answer>);
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

/** @param input what each is told first
 * @param program the module that each of them runs */
export function openProcesses<Task, Answer>(input: object, program: URL): Pool<Task, Answer> {
  const children = new Set<ChildProcess>();
  // They keep their machines and golden runs, which are worth more than any batch.
  const free: Worker<Task, Answer>[] = [];
  return {
    dismiss: (worker) => void free.push(worker),
    hire() {
      const known = free.pop();
      if (known !== undefined) return known;
      const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      children.add(child);
      child.on('exit', () => children.delete(child));
      // Those of the batch tell the campaign; one between two batches is told by the next batch.
      child.on('error', () => child.kill('SIGKILL'));
      let started = false;
      return async (batch) => {
        if (!started) child.send(input, () => undefined);
        started = true;
        const answer = await ask<Answer>(child, batch);
        if ('answers' in answer) return answer.answers;
        throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
      };
    },
    close() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
