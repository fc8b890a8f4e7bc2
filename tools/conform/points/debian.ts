// The boot of Debian, from the reset vector on.
import { missingStrangers, startStranger } from '../../validate/strangers.ts';
import { type Compared, comparePoints, type Draw } from './compare.ts';

/** Cycles between two points, at least: a thousand of them, half as much again apart, reach /init, which comes at 416 million. */
const STEP = 300_000;

/** Text where there is nothing to boot. */
export function compareDebian(points: number, draw: Draw): Compared | string {
  const missing = missingStrangers();
  if (missing !== undefined) return missing;
  return comparePoints((engine) => startStranger({ scenario: 'debian', harts: 1 }, engine).machine, points, STEP, draw);
}
