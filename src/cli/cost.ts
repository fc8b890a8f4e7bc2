// `taco cost`: what the modes cost, and what that depends on.

import { modesToMeasure } from '../cost/plan.ts';
import { costReport } from '../report/cost-report.ts';
import { costSchema } from '../report/cost-schema.ts';
import { footprints } from '../scenario/footprint.ts';
import { measureCost } from './cost-evidence.ts';
import { EXIT } from './errors.ts';
import type { Host } from './host.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { openPool } from './pool.ts';
import { runTasks } from './run-tasks.ts';
import { givenModes, openWorkspace, type Workspace } from './workspace.ts';

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
  const wanted = givenModes(workspace, given);
  // The other pole is a baseline, too.
  const needed = ['colocated'].filter((mode) => workspace.scenario.modes.includes(mode) && !wanted.includes(mode));
  return modesToMeasure([...needed, ...wanted]);
}

export async function cost(host: Host, options: CostOptions, interruption: Interruption): Promise<number> {
  const workspace = openWorkspace(host.root, options.scenario);
  const modes = chosenModes(workspace, options.mode);
  const pool = openPool(workspace);
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
      cpus: workspace.scenario.factors.cpus,
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
