import { type ChildProcess, fork } from 'node:child_process';
import type { Engine, Timing } from './here.ts';
import type { OracleName } from './oracles.ts';
import type { Mode } from './program.ts';
import type { Report } from './report.ts';
import type { Round } from './run.ts';

/** What a comparison is made of: all that a process of its own must be told. */
export interface Setup {
  readonly oracle: OracleName;
  readonly timing: Timing;
  readonly engine: Engine;
  readonly modes: readonly Mode[];
}

/** A process that compares rounds, one at a time, and ends with this one. */
export class Worker {
  readonly #child: ChildProcess;

  constructor(setup: Setup) {
    this.#child = fork(new URL('./worker.ts', import.meta.url), [JSON.stringify(setup)], { serialization: 'advanced' });
  }

  /** Fails where the process ends instead. */
  round(round: Round): Promise<Report> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = () => {
        child.off('message', onMessage);
        child.off('error', onError);
        child.off('exit', onExit);
      };
      const onMessage = (report: unknown) => {
        settle();
        resolve(report as Report);
      };
      const onError = (error: Error) => {
        settle();
        reject(error);
      };
      const onExit = (code: number | null, signal: string | null) => {
        onError(
          new Error(`the process that compared programs from ${round.from} on ended: ${signal ?? `exit ${code}`}`),
        );
      };
      child.on('message', onMessage);
      child.on('error', onError);
      child.on('exit', onExit);
      child.send(round);
    });
  }

  /** It gives back what its oracle holds, whatever it is at. */
  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/**
 * Has workers compare rounds, and takes their reports in the order of the rounds: what is taken does not depend on how many
 * workers there are. `next` gives the rounds until it has no more.
 */
export async function shareOut(
  workers: readonly Pick<Worker, 'round'>[],
  next: () => Round | undefined,
  take: (report: Report, round: Round) => void,
): Promise<void> {
  const done: { readonly round: Round; report?: Report }[] = [];
  const work = async (worker: (typeof workers)[number]) => {
    for (let round = next(); round !== undefined; round = next()) {
      const entry: (typeof done)[number] = { round };
      done.push(entry);
      entry.report = await worker.round(round);
      for (let [first] = done; first?.report !== undefined; [first] = done) {
        done.shift();
        take(first.report, first.round);
      }
    }
  };
  await Promise.all(workers.map(work));
}
