import { describe, expect, it } from 'vitest';
import { outOfBounds, throughputRows } from './throughput.ts';

const measured = (restore: number, rate: number, ratio: number, most: number) =>
  throughputRows({
    restore: [
      { pages: 10, best: 1000, median: 1000 },
      { pages: 200, best: restore, median: 1000 },
    ],
    experiments: ['shipped scenario', 'a million instructions'].map((of) => ({
      of,
      experiments: 1,
      instructions: 1_250_000,
      perCpuSecond: of === 'shipped scenario' ? 1 : rate,
      parts: { approach: 0.2, run: 0.3, restore: 0.1, hash: 0.1, compare: 0.1, snapshot: 0, rest: 0.2 },
    })),
    workers: { one: 1, two: ratio, ratio },
    memory: { guest: 128, most, now: most, regions: 1 },
  });

describe('figures of throughput', () => {
  it('that hold say nothing', () => {
    expect(outOfBounds(measured(60, 100, 1.8, 500))).toEqual([]);
  });

  it('out of their bounds are told, each with its bound', () => {
    expect(outOfBounds(measured(61, 99, 1.7, 501))).toEqual([
      'restore, 200 dirty pages: 61.0 us, at most 60',
      'experiments, a million instructions (1.3 M): 99.0 per CPU second and worker, at least 100',
      'two workers / one: 1.7, at least 1.8',
      'host memory for 128 MiB, 1 regions: 501.0 MiB, at most 500',
    ]);
  });
});
