import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HostileFolder } from '../../test/hostile-folder.ts';
import { rowsOf, runCampaign } from './campaign.ts';
import { dispatch, type Worker, WorkerDied } from './dispatch.ts';
import { Results } from './results.ts';
import { Store } from './store.ts';

const tasks = Array.from({ length: 17 }, (_, index) => index);
const ignore = () => undefined;
const die = () => Promise.reject(new WorkerDied('it was killed'));

/** Answers out of order: later tasks are quicker. */
const shuffled: Worker<number, string> = async (batch) => {
  for (let turn = 0; turn < 20 - (batch[0] ?? 0); turn++) await Promise.resolve();
  return batch.map((task) => `row ${task}`);
};

interface Seen {
  readonly done: number[];
  readonly lost: number[];
}

async function run(hire: () => Worker<number, string>, workers: number, batchSize: number): Promise<Seen> {
  const seen: Seen = { done: [], lost: [] };
  const onAnswers = (batch: readonly number[]) => seen.done.push(...batch);
  await dispatch(tasks, { workers, batchSize, hire, onAnswers, onLost: (task) => seen.lost.push(task) });
  return seen;
}

const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

describe('batches', () => {
  it.each([
    [1, 1],
    [2, 4],
    [9, 100],
  ])('are each done once with %d workers and batches of %d', async (workers, batchSize) => {
    expect(ascending((await run(() => shuffled, workers, batchSize)).done)).toEqual(tasks);
  });

  it('of a worker that dies are taken up again, by a fresh one', async () => {
    let hired = 0;
    const hire = (): Worker<number, string> => {
      let left = hired++ % 2 === 0 ? 1 : 3;
      return (batch) => (left-- > 0 ? shuffled(batch) : die());
    };
    const seen = await run(hire, 2, 3);
    expect([ascending(seen.done), seen.lost]).toEqual([tasks, []]);
    expect(hired).toBeGreaterThan(2);
  });

  it('leave no worker behind that could still be used', async () => {
    const dismissed: unknown[] = [];
    const options = { workers: 2, batchSize: 3, hire: () => shuffled, onAnswers: ignore, onLost: ignore };
    await dispatch(tasks, { ...options, dismiss: (worker) => dismissed.push(worker) });
    expect(dismissed).toEqual([shuffled, shuffled]);
  });

  it('that kill are halved down to the one task that does', async () => {
    const poisoned = [3, 4, 11];
    const hire = (): Worker<number, string> => (batch) =>
      batch.some((task) => poisoned.includes(task)) ? die() : shuffled(batch);
    const seen = await run(hire, 3, 8);
    expect(ascending(seen.lost)).toEqual(poisoned);
    expect(ascending(seen.done)).toEqual(tasks.filter((task) => !poisoned.includes(task)));
  });

  it('end with a message when no worker lives long enough for anything', async () => {
    await expect(run(() => die, 2, 5)).rejects.toThrow(/\d+ workers died one after the other.*it was killed/);
  });

  it('are no more handed out once asked to stop, or once one failed', async () => {
    const done: number[] = [];
    const onAnswers = (batch: readonly number[]) => done.push(...batch);
    const options = { workers: 1, batchSize: 3, hire: () => shuffled, onAnswers, onLost: ignore };
    await dispatch(tasks, { ...options, shouldStop: () => done.length >= 6 });
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
    const failing = () => () => Promise.reject(new Error('bad scenario'));
    await expect(dispatch(tasks, { ...options, hire: failing })).rejects.toThrow('bad scenario');
    const short = () => () => Promise.resolve([]);
    await expect(dispatch(tasks, { ...options, hire: short })).rejects.toThrow('other tasks');
    await expect(dispatch(tasks, { ...options, workers: 0 })).rejects.toThrow(RangeError);
  });
});

describe('a campaign', () => {
  const header = {
    schema: 'taco.shard/1',
    record: 1,
    stamp: '',
    scenario: '',
    seed: 1,
    timing: '',
    translation: '',
  } as const;
  const units = tasks.map((task) => ({ key: `k${task}`, task }));
  const keys = units.map(({ key }) => key);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  function attempt(folder: HostileFolder, worker: Worker<number, readonly string[]>, workers = 2, stopAfter = 99) {
    const results = new Results<string>(sha256);
    const store = Store.open({ folder, header, results, say: ignore, repair: true });
    let done = 0;
    const onRows = () => void done++;
    const lost = (task: number, reason: string) => [`lost ${task}: ${reason}`];
    const shouldStop = () => done >= stopAfter;
    const hire = () => worker;
    const run = runCampaign(units, { store, results, workers, hire, batchSize: 2, onRows, lost, shouldStop });
    return { run, results };
  }
  const good: Worker<number, readonly string[]> = (batch) => Promise.resolve(batch.map((task) => [`row ${task}`]));

  it('goes on where it stopped, and comes to the same', async () => {
    const whole = attempt(new HostileFolder(), good, 1);
    await whole.run;
    const folder = new HostileFolder();
    for (const stopAfter of [0, 3, 9, 99]) await attempt(folder, good, 3, stopAfter).run;
    const resumed = attempt(folder, () => Promise.reject(new Error('nothing was left to do')));
    await resumed.run;
    expect(resumed.results.hashOf(keys)).toBe(whole.results.hashOf(keys));
    expect(rowsOf(units, resumed.results)).toEqual(tasks.map((task) => `row ${task}`));
  });

  it('counts a unit that kills workers, and tries it again next time', async () => {
    const folder = new HostileFolder();
    const poison: Worker<number, readonly string[]> = (batch) => (batch.includes(5) ? die() : good(batch));
    const first = attempt(folder, poison);
    await first.run;
    expect(first.results.rows('k5')).toEqual([expect.stringMatching(/^lost 5: 3 workers died of it.*it was killed/)]);
    const second = attempt(folder, good);
    await second.run;
    expect(second.results.rows('k5')).toEqual(['row 5']);
  });
});
