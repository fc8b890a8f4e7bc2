import { describe, expect, it } from 'vitest';
import { chaos } from '../tools/chaos/chaos.ts';

/** `npm run chaos -- --kills 10000` does the same for longer. */
const KILLS = 200;

describe('a campaign under fire', () => {
  it(`survives ${KILLS} random kills of coordinator and workers: nothing lost, nothing doubled, the same hash`, async () => {
    const { coordinators, workers, campaigns, problems } = await chaos({ kills: KILLS, units: 1500, seed: 1 });
    expect(problems).toEqual([]);
    expect(coordinators + workers).toBe(KILLS);
    expect(Math.min(coordinators, workers)).toBeGreaterThan(KILLS / 10);
    expect(campaigns).toBeGreaterThan(0);
  }, 600_000);
});
