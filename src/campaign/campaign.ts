// A campaign: units that are not in the store yet are handed to workers, and each answer is on the disk before it counts.

import { dispatch, type Worker } from './dispatch.ts';
import type { Results } from './results.ts';
import type { Store } from './store.ts';

/** A task under the key that its result has for ever. */
export interface Unit<Task> {
  readonly key: string;
  readonly task: Task;
}

export interface CampaignOptions<Task, Row> {
  readonly store: Pick<Store<Row>, 'append'>;
  readonly results: Results<Row>;
  readonly workers: number;
  readonly hire: () => Worker<Task, readonly Row[]>;
  readonly dismiss?: (worker: Worker<Task, readonly Row[]>) => void;
  readonly batchSize: number;
  /** Told of each finished unit. */
  readonly onRows?: (rows: readonly Row[]) => void;
  /** The result of a unit that kills its workers. It counts in this run and stays off the disk: a later run tries again. */
  readonly lost: (task: Task, reason: string) => readonly Row[];
  readonly shouldStop?: () => boolean;
}

/** A lost unit's place in messages. */
const NOWHERE = 'a worker that died';

export async function runCampaign<Task, Row>(
  units: readonly Unit<Task>[],
  { store, results, lost, onRows, ...rest }: CampaignOptions<Task, Row>,
): Promise<void> {
  const pending = units.filter(({ key }) => !results.has(key));
  const keys = new Map(pending.map(({ key, task }) => [task, key]));
  const keyOf = (task: Task): string => keys.get(task) ?? '';
  await dispatch<Task, readonly Row[]>([...keys.keys()], {
    ...rest,
    onAnswers: (batch, answers) => {
      store.append(batch.map((task, index) => ({ key: keyOf(task), rows: answers[index] ?? [] })));
      for (const rows of answers) onRows?.(rows);
    },
    onLost: (task, reason) => {
      const key = keyOf(task);
      const rows = lost(task, reason);
      results.add({ key, rows }, NOWHERE);
      onRows?.(rows);
    },
  });
}

/** Of those units, in their order: independent of who found out what when. */
export function rowsOf<Row>(units: readonly Unit<unknown>[], results: Results<Row>): Row[] {
  return units.flatMap(({ key }) => results.rows(key));
}
