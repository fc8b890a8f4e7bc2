// What `argue` and `cost` share: the tasks that measure what arrangements cost, one batch after the other.

import type { Neighbour } from '../cost/latency.ts';
import {
  type CostEvidence,
  type CostResult,
  type CostTask,
  combinedTasks,
  costEvidence,
  costTasks,
  sweepTasks,
} from '../cost/plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Row, Task } from './tasks.ts';

type Run = (title: string, tasks: readonly Task[]) => Promise<Row[]>;

/** Short: nothing is swept, and the neighbour of the real-time guest is healthy. */
export type Extent = 'short' | 'whole';
const SHORT_NEIGHBOURS: readonly Neighbour[] = ['busy'];

export async function measureCost(
  run: Run,
  scenario: Scenario,
  modes: readonly string[],
  extent: Extent,
): Promise<CostEvidence> {
  const results: CostResult[] = [];
  const measure = async (title: string, tasks: readonly CostTask[]): Promise<void> => {
    const rows = await run(
      title,
      tasks.map((cost): Task => ({ kind: 'cost', cost })),
    );
    results.push(...rows.flatMap((row) => (row.kind === 'cost' ? [row.result] : [])));
  };
  await measure('cost', costTasks(scenario, modes, extent === 'short' ? SHORT_NEIGHBOURS : undefined));
  if (extent === 'whole') {
    await measure('sweep', sweepTasks(modes));
    await measure('worst settings together', combinedTasks(results, modes));
  }
  return costEvidence(results, modes);
}
