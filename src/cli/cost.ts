// `taco cost`: what the modes cost, and what that depends on.

import { modesToMeasure } from '../cost/plan.ts';
import { costReport } from '../report/cost-report.ts';
import { costSchema } from '../report/cost-schema.ts';
import { footprints } from '../scenario/footprint.ts';
import { measureCost } from './cost-evidence.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { openPool } from './pool.ts';
import type { Pool } from './processes.ts';
import { startProgress } from './progress.ts';
import type { Row, Task } from './tasks.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface CostOptions {
  readonly scenario: string | undefined;
  /** Names, with commas between; all of the scenario by default. */
  readonly mode: string | undefined;
  /** Leaves the sweep out. */
  readonly short: boolean;
  readonly json: boolean;
  readonly workers: number;
}

function chosenModes(workspace: Workspace, given: string | undefined): string[] {
  const { modes } = workspace.scenario;
  const wanted = given?.split(',') ?? modes;
  for (const mode of wanted) {
    if (!modes.includes(mode)) {
      throw new UsageError(workspace.file, `has no mode ${mode}`, `choose from ${modes.join(', ')}`);
    }
  }
  // The other pole is a baseline, too.
  const needed = ['colocated'].filter((mode) => modes.includes(mode) && !wanted.includes(mode));
  return modesToMeasure([...needed, ...wanted]);
}

/** Rows in the order of the tasks, whoever did which. */
async function runTasks(
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

export async function cost(host: Host, options: CostOptions, interruption: Interruption): Promise<number> {
  const workspace = openWorkspace(host.root, options.scenario);
  const modes = chosenModes(workspace, options.mode);
  const { root, absolute, file, text } = workspace;
  const pool = openPool({ root, absolute, file, text });
  try {
    const evidence = await measureCost(
      (title, tasks) => runTasks(host, pool, options.workers, interruption, title, tasks),
      workspace.scenario,
      modes,
      options.short ? 'short' : 'whole',
    );
    const document = costSchema.parse({
      schema: 'taco.cost/1',
      modes,
      ...evidence,
      footprint: footprints(workspace.scenario, workspace.images),
    });
    if (options.json) host.out(`${JSON.stringify(document, null, 2)}\n`);
    else host.out(`${costReport(host.paper, document).join('\n')}\n`);
    return EXIT.OK;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    host.err('taco: interrupted\n');
    return EXIT.INTERRUPTED;
  } finally {
    pool.close();
  }
}
