// The arithmetic campaign's coordinator: `coordinator FOLDER UNITS`. Same store, dispatch, pool and lock as `taco inject`.
import { join } from 'node:path';
import { runCampaign } from '../../src/campaign/campaign.ts';
import type { Worker } from '../../src/campaign/dispatch.ts';
import { Results } from '../../src/campaign/results.ts';
import { Store } from '../../src/campaign/store.ts';
import { makeFolder } from '../../src/cli/files.ts';
import { lockFolder } from '../../src/cli/folder-lock.ts';
import { openProcesses } from '../../src/cli/processes.ts';
import { openShardFolder } from '../../src/cli/shard-folder.ts';
import { type FakeRow, type FakeTask, fakeUnits, header, sha256, type Verdict } from './protocol.ts';

const [path = '', count = ''] = process.argv.slice(2);
const WORKERS = 2;
const BATCH = 5;
const SHARD_BYTES = 100_000;

const shards = join(path, 'shards');
makeFolder(shards);
const release = lockFolder(path);
const results = new Results<FakeRow>(sha256);
const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
const folder = openShardFolder(shards);
const store = Store.open({ folder, header, results, say, repair: true, shardBytes: SHARD_BYTES });
const pool = openProcesses<FakeTask, readonly FakeRow[]>({}, new URL('./worker.ts', import.meta.url));
const hire = (): Worker<FakeTask, readonly FakeRow[]> => pool.hire();
const units = fakeUnits(Number(count));
process.stdout.write('ready\n');
let lost = 0;
await runCampaign(units, {
  store,
  results,
  workers: WORKERS,
  hire,
  batchSize: BATCH,
  lost: () => {
    lost++;
    return [];
  },
});
const hash = results.hashOf(units.map(({ key }) => key));
const verdict: Verdict = { hash, size: results.size, duplicates: results.duplicates, lost };
process.stdout.write(`${JSON.stringify(verdict)}\n`);
pool.close();
release();
