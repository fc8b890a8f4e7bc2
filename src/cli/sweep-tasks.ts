// What a guest can reach, swept: pages and registers of each guest in each mode, as units of work.

import { foreignPages, PAGE } from '../faults/targets.ts';
import { planBoots } from '../scenario/boot.ts';
import { findMode } from '../scenario/modes.ts';
import type { Task } from './tasks.ts';
import type { Workspace } from './workspace.ts';

/** Pages whose fetches make one task. */
const FETCHES_PER_TASK = 4096;

/** Fetches come in pieces, since each is a restored run of its own and they are most of the sweep. */
export function sweepTasks({ scenario, images }: Workspace, modes: readonly string[]): Task[] {
  return modes.flatMap((mode) =>
    planBoots(findMode(mode), scenario, images).flatMap((plan) =>
      plan.guests.flatMap(({ index }): Task[] => {
        const pages = foreignPages(plan, index).reduce((sum, { size }) => sum + size / PAGE, 0);
        const chunks = Array.from({ length: Math.ceil(pages / FETCHES_PER_TASK) }, (_, chunk): Task => {
          const first = chunk * FETCHES_PER_TASK;
          return { kind: 'fetches', mode, guest: index, first, last: first + FETCHES_PER_TASK };
        });
        return [{ kind: 'pages', mode, guest: index }, { kind: 'registers', mode, guest: index }, ...chunks];
      }),
    ),
  );
}
