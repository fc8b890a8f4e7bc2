import { afterAll, describe, expect, it } from 'vitest';
import { type Setup, shareOut, Worker } from '../../tools/conform/crew.ts';
import { MODES } from '../../tools/conform/generate.ts';
import { Here } from '../../tools/conform/here.ts';
import { openOracle } from '../../tools/conform/oracles.ts';
import { addReport, noReport, type Report } from '../../tools/conform/report.ts';
import { Differ, type Round } from '../../tools/conform/run.ts';

const oracle = openOracle('qemu');
const absent = typeof oracle === 'string' ? ` (skipped: ${oracle})` : '';
const SETUP: Setup = { oracle: 'qemu', timing: 'functional', engine: 'interpreter', modes: MODES };
const round = (from: number): Round => ({ seed: 5, from, to: from + 10 });

/** Rounds from 0 to below `end`. */
function rounds(end: number): () => Round | undefined {
  const starts = Array.from({ length: end / 10 }, (_, i) => 10 * i);
  return () => {
    const from = starts.shift();
    return from === undefined ? undefined : round(from);
  };
}

/** Answers when its turn comes in `order`, a list of rounds. */
const inOrder = (order: readonly number[]) => {
  const waiting = new Map<number, () => void>();
  let turn = 0;
  const pass = () => {
    for (let next = waiting.get(order[turn] ?? -1); next !== undefined; next = waiting.get(order[turn] ?? -1)) {
      turn++;
      next();
    }
  };
  return {
    round: ({ from }: Round) =>
      new Promise<Report>((resolve) => {
        const report = noReport();
        report.counts.programs = from;
        waiting.set(from, () => resolve(report));
        pass();
      }),
  };
};

describe('workers', () => {
  it('are taken from in the order of the rounds, whoever is done first', async () => {
    const worker = inOrder([20, 10, 30, 0, 50, 40]);
    const taken: number[] = [];
    await shareOut([worker, worker, worker], rounds(60), ({ counts }, { from }) => taken.push(counts.programs, from));
    expect(taken).toEqual([0, 0, 10, 10, 20, 20, 30, 30, 40, 40, 50, 50]);
  });

  it('fail together with one of them', async () => {
    const failing = { round: () => Promise.reject(new Error('gone')) };
    await expect(shareOut([inOrder([0, 10]), failing], rounds(20), () => {})).rejects.toThrow('gone');
  });
});

describe.skipIf(absent !== '')(`processes that compare with QEMU${absent}`, () => {
  if (typeof oracle === 'string') return;
  const workers = [new Worker(SETUP), new Worker(SETUP)];
  afterAll(() => {
    oracle.runner.close();
    for (const worker of workers) worker.close();
  });

  it('report together what one alone reports', async () => {
    const together = noReport();
    await shareOut(workers, rounds(40), (report) => addReport(together, report));
    expect(together).toEqual(await new Differ(new Here(), oracle, MODES).round({ seed: 5, from: 0, to: 40 }));
    expect(together.counts.programs).toBe(40);
  });

  it('say so when they end too early', async () => {
    const worker = new Worker({ ...SETUP, oracle: { spike: '/nowhere' } });
    await expect(worker.round(round(0))).rejects.toThrow('the process that compared programs from 0 on ended: exit 1');
  });
});
