// Interpreter and compiled regions at the same points of programs, of a boot and of experiments.
import { Random } from '../../../src/faults/random.ts';
import type { Part } from '../part.ts';
import type { Compared, Draw } from './compare.ts';
import { compareDebian } from './debian.ts';
import { compareExperiments } from './experiments.ts';
import { compareProgram, NAMES } from './programs.ts';

/** Experiments, where a thousand points are asked for. */
const EXPERIMENTS = 200;
const THOUSAND = 1000;

interface Row {
  readonly name: string;
  readonly points: number;
  readonly differences: readonly string[];
}

const rowOf = (name: string, compared: readonly Compared[]): Row => ({
  name,
  points: compared.reduce((sum, { points }) => sum + points, 0),
  differences: compared.flatMap(({ difference }) => difference ?? []),
});

const isWhole = (row: Row, wanted: number): boolean => row.differences.length === 0 && row.points >= wanted;

/** @param tell of each row that is done */
export function pointsPart(points: number, seed: number, tell: (text: string) => void): Part {
  const drawFor = (name: string): Draw => {
    const random = Random.seeded(seed).split(name);
    return (below) => random.below(below);
  };
  const rows: Row[] = [];
  const done = (row: Row): void => {
    rows.push(row);
    tell(`${row.name}: ${row.points} points`);
  };
  for (const name of NAMES) done(rowOf(name, compareProgram(name, points, drawFor(name))));
  const debian = compareDebian(points, drawFor('Debian'));
  if (typeof debian !== 'string') done(rowOf('Debian boot', [debian]));
  const experiments = Math.ceil((EXPERIMENTS * points) / THOUSAND);
  done(rowOf(`${experiments} experiments`, [compareExperiments(experiments, drawFor('experiments'))]));

  const holds = rows.every((row) => isWhole(row, row.name.endsWith('experiments') ? experiments : points));
  const all = rows.reduce((sum, row) => sum + row.points, 0);
  const head = `interpreter and regions, seed ${seed}: ${all} points, ${holds ? 'the same at each' : 'NOT the same'}`;
  const lines = rows.flatMap(({ name, points, differences }) => [
    `  ${name.padEnd(26)} ${points} points, ${differences.length} differences`,
    ...differences.map((difference) => `  ${difference}`),
  ]);
  const missing = typeof debian === 'string' ? [`SKIPPED Debian boot: ${debian}`] : [];
  return {
    key: 'points',
    holds,
    record: {
      seed,
      rows: rows.map(({ name, points, differences }) => ({ name, points, differences: differences.length })),
    },
    text: [head, ...lines, ...missing].join('\n'),
  };
}
