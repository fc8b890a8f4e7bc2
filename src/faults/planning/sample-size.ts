// How many experiments a wanted precision takes, per cell and before any is run.

import { upperBound, Z_TWO_SIDED } from '../statistics/intervals.ts';

const ALPHA = 0.05;

/** Experiments for a 95 % interval of that half-width (Leveugle et al., DATE'09). Half of all failing is the worst case;
 * a finite fault space takes fewer. */
export function sampleSize(halfWidth: number, population = Number.POSITIVE_INFINITY): number {
  if (!(halfWidth > 0 && halfWidth < 1) || population < 1) {
    throw new RangeError(`no sample of ${population} faults has a half-width of ${halfWidth}`);
  }
  const infinite = (Z_TWO_SIDED * Z_TWO_SIDED) / 4 / (halfWidth * halfWidth);
  return Math.ceil(population === Number.POSITIVE_INFINITY ? infinite : infinite / (1 + (infinite - 1) / population));
}

/** Least n for which `events` events or fewer still put the exact one-sided bound at `target` or below. */
export function sizeForUpper(target: number, events = 0, alpha = ALPHA): number {
  if (!(target > 0 && target < 1 && alpha > 0 && alpha < 1)) throw new RangeError(`no n bounds a share by ${target}`);
  let low = events;
  let high = Math.max(1, events);
  while (upperBound(events, high, alpha) > target) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (upperBound(events, middle, alpha) > target) low = middle;
    else high = middle;
  }
  return high;
}

/** Experiments in each of several cells for the joint claim that all of them stay below `target`. */
export function jointSizeForUpper(target: number, cells: number): number {
  return sizeForUpper(target, 0, ALPHA / cells);
}
