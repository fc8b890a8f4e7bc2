// How exposed each guest's neighbours are to it in each mode, as units of work.

import type { Design } from '../faults/experiments.ts';
import { inputSeedOf } from '../faults/plan.ts';
import type { ExposureRow } from '../faults/records.ts';
import type { Session } from './campaign-session.ts';
import type { Task } from './tasks.ts';

export async function measureExposures(session: Session, { modes, guests, seed }: Design): Promise<ExposureRow[]> {
  const inputSeed = inputSeedOf(seed, 0);
  const tasks = modes.flatMap((mode) => guests.map((from): Task => ({ kind: 'exposure', mode, from, inputSeed })));
  const rows = await session.run('exposure', tasks);
  return rows.flatMap((row) => (row.kind === 'exposure' ? [row.row] : []));
}
