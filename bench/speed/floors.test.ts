import { describe, expect, it } from 'vitest';
import { compareWithFloors, exitCodeOf, type Measurements, unmet } from './floors.ts';
import { ownName } from './os-work.ts';
import { INTERPRETER, ONE_STAGE, QEMU_ICOUNT, QEMU_PLAIN, REGIONS } from './rounds.ts';

const program = (engine: string, reference: string, leaves: string, best: number, of = 'geomean') =>
  ({ engine, reference, leaves, of, best, median: best / 2 }) as Measurements['programs'][number];
const os = (work: string, timing: string, best: number) =>
  ({ engine: ownName(timing), reference: QEMU_PLAIN, work, best, median: best }) as Measurements['os'][number];
const both = (figure: number) => ({ best: figure, median: figure });

/** What the issue asks, to the digit, and `by` worse. */
const measurements = (by = 0): Measurements => ({
  programs: [
    program(REGIONS, QEMU_PLAIN, 'none', 5, 'fib'),
    program(REGIONS, QEMU_PLAIN, 'none', 0.8 - by, 'list'),
    program(REGIONS, QEMU_PLAIN, 'none', 1.3 - by),
    program(REGIONS, QEMU_PLAIN, '2M', 1.2 - by),
    program(REGIONS, QEMU_PLAIN, '4K', 1 - by),
    program(REGIONS, ONE_STAGE, '2M/2M', 0.9 - by),
    program(REGIONS, ONE_STAGE, '4K/4K', 0.9 - by),
    program(REGIONS, QEMU_ICOUNT, 'none', 2.2 - by),
    program(INTERPRETER, QEMU_PLAIN, 'none', 0.25 - by),
  ],
  os: [
    os('Debian boot', 'inorder', 0.4 - by),
    os('Debian boot', 'functional', 0.6 - by),
    os('switches', 'inorder', 1.5 - by),
  ],
  throughput: {
    restore: [
      { pages: 10, ...both(1000) },
      { pages: 200, ...both(60 + by) },
    ],
    experiments: [false, true].map((isShort) => ({
      of: '',
      isShort,
      experiments: 1,
      instructions: 1_250_000,
      perCpuSecond: isShort ? both(100 - by) : both(1),
      parts: { approach: 0.2, run: 0.3, restore: 0.1, hash: 0.1, compare: 0.1, snapshot: 0, rest: 0.2 },
    })),
    workers: { one: 1, two: 2, ratio: both(1.8 - by) },
    memory: { guest: 128, most: 500 + by, now: 1, regions: 1 },
  },
});

describe('what is asked', () => {
  it('is met to the digit, by the best round', () => {
    const floors = compareWithFloors(measurements());
    expect(floors.map(({ met }) => met)).toEqual(floors.map(() => true));
    expect(floors).toHaveLength(15);
    expect(unmet(floors)).toEqual([]);
    expect(exitCodeOf(floors, true)).toBe(0);
  });

  it('is told where it is not met, and fails a check', () => {
    const floors = compareWithFloors(measurements(0.01));
    expect(floors.map(({ met }) => met)).toEqual(floors.map(() => false));
    expect(unmet(floors)[1]).toBe('programs / qemu, the slowest: 0.79, at least 0.8');
    expect(exitCodeOf(floors, true)).toBe(1);
    expect(exitCodeOf(floors, false)).toBe(0);
  });

  it('fails a check where one alone is not met', () => {
    const { programs, os, throughput } = measurements();
    const floors = compareWithFloors({
      programs,
      os: os.map((row) => ({ ...row, best: row.best - 0.01 })),
      throughput,
    });
    expect(floors.filter(({ met }) => met === false)).toHaveLength(3);
    expect(exitCodeOf(floors, true)).toBe(1);
  });

  it('is neither met nor failed where it was not measured', () => {
    const floors = compareWithFloors({ programs: [], os: [], throughput: undefined });
    expect(floors.map(({ measured, met }) => measured ?? met)).toEqual(floors.map(() => undefined));
    expect(exitCodeOf(floors, true)).toBe(0);
  });
});
