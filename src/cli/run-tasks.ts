// Tasks that no run folder keeps, done by workers.

import type { Host } from './host.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import type { Pool } from './processes.ts';
import { startProgress } from './progress.ts';
import type { Row, Task } from './tasks.ts';

/** Rows in the order of the tasks, whoever did which. */
export async function runTasks(
  host: Host,
  pool: Pool<Task, readonly Row[]>,
  workers: number,
  interruption: Interruption,
  title: string,
  tasks: readonly Task[],
): Promise<Row[]> {
  const progress = startProgress(host, title, tasks.length);
  const rows: (readonly Row[])[] = tasks.map(() => []);
  const waiting = tasks.entries();
  const work = async (): Promise<void> => {
    const worker = pool.hire();
    for (const [index, task] of waiting) {
      if (interruption.requested) throw new Interrupted();
      const [answer] = await worker([task]);
      rows[index] = answer ?? [];
      progress.step();
    }
    pool.dismiss(worker);
  };
  await Promise.all(Array.from({ length: workers }, work));
  progress.end();
  return rows.flat();
}
