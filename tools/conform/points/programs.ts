// The bare programs and the storms, under each translation and timing.
import { loadProgram } from '../../../bench/speed/engines.ts';
import {
  LEAVES,
  type Leaves,
  PROGRAMS,
  type ProgramName,
  STORMS,
  type StormName,
  turnsOf,
} from '../../../bench/speed/programs.ts';
import { type Compared, comparePoints, type Draw } from './compare.ts';

export type Name = ProgramName | StormName;
export const NAMES = [...Object.keys(PROGRAMS), ...Object.keys(STORMS)] as Name[];
const TIMINGS = ['inorder', 'functional'] as const;
/** Cycles between two points, at least. */
const STEP = 100_000;

/** So many points of a program, or a few more: the same number under each. */
export function compareProgram(name: Name, points: number, draw: Draw): Compared[] {
  // The storms need translation.
  const leaves = (Object.keys(LEAVES) as Leaves[]).slice(name in STORMS ? 1 : 0);
  const each = Math.ceil(points / (leaves.length * TIMINGS.length));
  return leaves.flatMap((leaf) =>
    TIMINGS.map((timing) => {
      const compared = comparePoints(
        (engine) => loadProgram(name, turnsOf(name), leaf, { engine, timing }),
        each,
        STEP,
        draw,
      );
      const { difference } = compared;
      return { ...compared, difference: difference && `leaves ${leaf}, ${timing}: ${difference}` };
    }),
  );
}
