// What is derived of modelled TLBs changes no result: a machine whose soft-TLBs are emptied again and again does, cycle by
// cycle, what one does that keeps them through switches of address spaces and worlds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProgram } from '../bench/speed/engines.ts';
import { STORMS, type StormName } from '../bench/speed/programs.ts';
import { createMachine, type Machine } from '../src/machine/index.ts';
import { bootScenario, planBoots } from '../src/scenario/boot.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import { readBuiltImage } from './built-images.ts';

/** Runs both to the same cycles, one of them emptied `often` times on the way, at irregular distances. */
function expectSame(kept: Machine, emptied: Machine, often: number, step: number): void {
  for (let time = 1; time <= often; time++) {
    emptied.run(emptied.cycles + 1 + ((time * 7919) % (2 * step)));
    // Says nothing new of who owns what; the soft-TLBs go with it all the same.
    emptied.ownership([]);
  }
  kept.run(emptied.cycles);
  const [is, wanted] = [kept, emptied].map(({ cycles, instret, pc }) => ({ cycles, instret, pc }));
  expect({ ...is, hash: kept.hash() }).toEqual({ ...wanted, hash: emptied.hash() });
}

describe('soft-TLBs kept and soft-TLBs emptied', () => {
  for (const name of Object.keys(STORMS) as StormName[]) {
    it.each(['2M', '4K'] as const)(`are the same to ${name}, leaves of %s`, (leaves) => {
      expectSame(loadProgram(name, 1, leaves, {}), loadProgram(name, 1, leaves, {}), 1500, 1000);
    });
  }

  const file = join(import.meta.dirname, '..', 'scenarios', 'taco.yaml');
  const loaded = loadScenario(file, readFileSync(file, 'utf8'));
  const images = openImages(loaded, readBuiltImage);
  it.each(['native', 'colocated', 'partitioned', 'open', 'virtualized'])('are the same to %s', (mode) => {
    for (const plan of planBoots(findMode(mode), loaded.scenario, images)) {
      const [kept, emptied] = [1, 2].map(() => bootScenario(createMachine, plan)) as [Machine, Machine];
      expectSame(kept, emptied, 3000, 10_000);
    }
  });
});
