// `taco apps`: what programs inside a Linux guest measure in each mode, and how its neighbours fare meanwhile.

import { appsReport } from '../report/apps-report.ts';
import { appsSchema } from '../report/apps-schema.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { openPool } from './pool.ts';
import { runTasks } from './run-tasks.ts';
import type { Task } from './tasks.ts';
import { givenModes, openWorkspace } from './workspace.ts';

export interface AppsOptions {
  readonly scenario: string | undefined;
  /** Names, with commas between; all of the scenario by default. */
  readonly mode: string | undefined;
  readonly json: boolean;
  readonly workers: number;
}

const DEFAULT_SCENARIO = 'scenarios/linux-work.yaml';

export async function apps(host: Host, options: AppsOptions, interruption: Interruption): Promise<number> {
  const workspace = openWorkspace(host.root, options.scenario ?? `${host.root}/${DEFAULT_SCENARIO}`);
  const { file, stamp, hashes, images } = workspace;
  if (!images.guests.some(({ linux }) => linux)) {
    throw new UsageError(file, 'has no Linux guest to do application work', `take ${DEFAULT_SCENARIO} as a model`);
  }
  const modes = givenModes(workspace, options.mode);
  const pool = openPool(workspace);
  try {
    const tasks = modes.map((mode): Task => ({ kind: 'apps', mode }));
    const rows = await runTasks(host, pool, options.workers, interruption, 'application work', tasks);
    const document = appsSchema.parse({
      schema: 'taco.apps/1',
      stamp,
      images: hashes,
      modes,
      apps: rows.flatMap((row) => (row.kind === 'apps' ? row.rows : [])),
    });
    if (options.json) host.out(`${JSON.stringify(document, null, 2)}\n`);
    else host.out(`${appsReport(host.paper, document).join('\n')}\n`);
    // A tool that ran and says nothing to be believed is no measurement.
    return document.apps.some(({ outcome }) => outcome === 'failed') ? EXIT.INCONCLUSIVE : EXIT.OK;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    host.err('taco: interrupted\n');
    return EXIT.INTERRUPTED;
  } finally {
    pool.close();
  }
}
