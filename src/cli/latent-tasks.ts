// Of the experiments that reached somebody and failed nobody, a sample goes on for ten times as long.

import { isLatent, isSampled, type LaterRecord } from '../faults/latent.ts';
import type { ExperimentRecord } from '../faults/records.ts';
import { parseId } from '../faults/replay-id.ts';
import { sortBy } from '../faults/tally.ts';
import type { Session } from './campaign-session.ts';
import type { Task } from './tasks.ts';

export async function measureLater(session: Session, records: readonly ExperimentRecord[]): Promise<LaterRecord[]> {
  const tasks = records
    .filter((record) => isLatent(record) && isSampled(record))
    .flatMap(({ id }): Task[] => {
      const parsed = parseId(id);
      return parsed === undefined ? [] : [{ kind: 'longer', id: parsed.id }];
    });
  const rows = tasks.length === 0 ? [] : await session.run('latent, ten times as long', tasks);
  return sortBy(
    rows.flatMap((row) => (row.kind === 'longer' ? [row.record] : [])),
    ({ id }) => [id],
  );
}
