// What `argue` and `inject` share: a run folder with its store of results, workers, and progress.

import { rowsOf, runCampaign } from '../campaign/campaign.ts';
import { type Header, SHARD_SCHEMA } from '../campaign/header.ts';
import { Results } from '../campaign/results.ts';
import { Store, type StoreOptions } from '../campaign/store.ts';
import { isControl } from '../faults/controls.ts';
import { type ExperimentRecord, RECORD_VERSION } from '../faults/records.ts';
import type { ExperimentId } from '../faults/replay-id.ts';
import { ISOLATION_LABEL } from '../faults/translation.ts';
import type { Host } from './host.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { openPool } from './pool.ts';
import { startProgress } from './progress.ts';
import type { RunFolder } from './run-folder.ts';
import { keyOf, lostRows, type Row, type Task } from './tasks.ts';
import { sha256, type Workspace } from './workspace.ts';

export interface SessionOptions {
  readonly host: Host;
  readonly workspace: Workspace;
  readonly folder: RunFolder;
  readonly seed: number;
  /** None: results that are not there stay missing. */
  readonly workers: number;
  readonly interruption: Interruption;
  /** What of a row the conclusions need: the rest is on the disk only. */
  readonly keep?: (row: Row) => Row;
}

export interface Session {
  readonly results: Results<Row>;
  /** The rows of those tasks, in their order: from the disk where they are known, else from workers.
   * @param together tasks handed over at once */
  run(title: string, tasks: readonly Task[], together?: number): Promise<Row[]>;
  /** Results that were asked for and are not there. */
  readonly missing: number;
  /** Of the results of those tasks. */
  hashOf(tasks: readonly Task[]): string;
  close(): void;
}

/** The modes of one fault share its point, so they stay together. */
export function experimentTasks(lists: readonly (readonly ExperimentId[])[]): Task[] {
  return lists.flatMap((ids) => ids.map((id): Task => ({ kind: 'experiment', id })));
}

export function experimentsOf(rows: readonly Row[]): ExperimentRecord[] {
  return rows.flatMap((row) => (row.kind === 'experiment' ? [row.record] : []));
}

export function headerFor({ stamp, scenario }: Workspace, seed: number): Header {
  return {
    schema: SHARD_SCHEMA,
    record: RECORD_VERSION,
    stamp,
    scenario: scenario.name,
    seed,
    timing: scenario.machine.timing,
    translation: ISOLATION_LABEL,
  };
}

/** Only for the running count on stderr. */
function countFailed(row: Row): number {
  if (row.kind !== 'experiment' || isControl(row.record.class)) return 0;
  return row.record.outcome.bystanders.filter(({ endpoints }) => endpoints.failed).length;
}

/** A folder that is refused is let go of. */
function openStore(options: StoreOptions<Row>, folder: RunFolder): Store<Row> {
  try {
    return Store.open(options);
  } catch (error) {
    folder.close();
    throw error;
  }
}

export function openSession(options: SessionOptions): Session {
  const { host, workspace, folder, seed, workers, interruption, keep } = options;
  const results = new Results<Row>(sha256, keep);
  const say = (sentence: string): void => host.err(`${sentence}\n`);
  const header = headerFor(workspace, seed);
  const store = openStore({ folder: folder.shards, header, results, say, repair: true }, folder);
  const { stamp } = workspace;
  const pool = openPool(workspace);
  const unitsOf = (tasks: readonly Task[]) => tasks.map((task) => ({ key: keyOf(stamp, task), task }));
  let missing = 0;
  return {
    results,
    get missing() {
      return missing;
    },
    async run(title, tasks, together = 1) {
      const units = unitsOf(tasks);
      const pending = units.filter(({ key }) => !results.has(key)).length;
      if (workers === 0) {
        missing += pending;
        return rowsOf(units, results);
      }
      const known = units.length - pending;
      const progress = startProgress(host, known === 0 ? title : `${title} (${known} known)`, pending);
      let failed = 0;
      await runCampaign(units, {
        store,
        results,
        workers,
        hire: pool.hire,
        dismiss: pool.dismiss,
        batchSize: together,
        lost: (task, reason) => lostRows(stamp, task, reason),
        shouldStop: () => interruption.requested,
        onRows: (rows) => {
          for (const row of rows) failed += countFailed(row);
          progress.step(failed === 0 ? '' : `${failed} bystanders failed`);
        },
      });
      progress.end();
      if (interruption.requested) throw new Interrupted();
      return rowsOf(units, results);
    },
    hashOf: (tasks) => results.hashOf(unitsOf(tasks).map(({ key }) => key)),
    close() {
      pool.close();
      folder.close();
    },
  };
}
