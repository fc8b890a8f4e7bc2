// The workers of a campaign.

import { availableParallelism } from 'node:os';
import { openProcesses, type Pool } from './processes.ts';
import type { Row, Task } from './tasks.ts';
import type { WorkerInput } from './worker.ts';
import type { Workspace } from './workspace.ts';

const MOST = 16;

/** Results do not depend on it, only the time does. */
export function defaultWorkers(): number {
  return Math.min(MOST, availableParallelism());
}

export function openPool(workspace: Workspace): Pool<Task, readonly Row[]> {
  const { root, absolute, file, text, warmUps } = workspace;
  const input: WorkerInput = { root, absolute, file, text, cache: warmUps !== undefined };
  return openProcesses(input, new URL('./worker.ts', import.meta.url));
}
