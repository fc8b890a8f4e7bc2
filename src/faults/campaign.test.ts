import { describe, expect, it } from 'vitest';
import { runCampaign, type Worker } from './campaign.ts';

/** Answers out of order: later tasks are quicker. */
function shuffled(log: number[] = []): Worker<number, string> {
  return async (batch) => {
    for (let turn = 0; turn < 20 - (batch[0] ?? 0); turn++) await Promise.resolve();
    log.push(...batch);
    return batch.map((task) => (task % 3 === 0 ? [] : [`row ${task}`]));
  };
}

const tasks = Array.from({ length: 17 }, (_, index) => index);
const expected = tasks.filter((task) => task % 3 !== 0).map((task) => `row ${task}`);

describe('a campaign', () => {
  it.each([
    [1, 1],
    [2, 4],
    [5, 3],
    [9, 100],
  ])('gives the same rows in the same order with %d workers and batches of %d', async (count, batchSize) => {
    const workers = Array.from({ length: count }, () => shuffled());
    expect(await runCampaign(tasks, workers, { batchSize })).toEqual(expected);
  });

  it('does each task once and reports it as it comes', async () => {
    const log: number[] = [];
    const seen: number[] = [];
    await runCampaign(tasks, [shuffled(log), shuffled(log)], { batchSize: 2, onRows: (task) => seen.push(task) });
    expect([...log].sort((a, b) => a - b)).toEqual(tasks);
    expect([...seen].sort((a, b) => a - b)).toEqual(tasks);
  });

  it('stops between batches when asked', async () => {
    const seen: number[] = [];
    await runCampaign(tasks, [shuffled()], {
      batchSize: 3,
      onRows: (task) => seen.push(task),
      shouldStop: () => seen.length >= 6,
    });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('does not swallow a worker that fails or answers for other tasks', async () => {
    const failing: Worker<number, string> = () => Promise.reject(new Error('lost'));
    const short: Worker<number, string> = () => Promise.resolve([]);
    await expect(runCampaign(tasks, [failing], { batchSize: 4 })).rejects.toThrow('lost');
    await expect(runCampaign(tasks, [short], { batchSize: 4 })).rejects.toThrow('other tasks');
    await expect(runCampaign(tasks, [], { batchSize: 4 })).rejects.toThrow(RangeError);
  });
});
