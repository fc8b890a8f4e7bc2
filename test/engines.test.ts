// Both engines of the machine at the same random moments: hash, instructions and cycles must be the same. More of it, and of
// what there is to compare: `npm run conform -- --points 1000`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../src/faults/random.ts';
import { forVerdict } from '../src/faults/translation.ts';
import { createMachine } from '../src/machine/index.ts';
import { bootScenario, planBoots } from '../src/scenario/boot.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import { comparePoints, type Draw } from '../tools/conform/points/compare.ts';
import { compareExperiments } from '../tools/conform/points/experiments.ts';
import { compareProgram, NAMES } from '../tools/conform/points/programs.ts';
import { readBuiltImage } from './built-images.ts';

/** Thresholds and caps are drawn; each seed draws others. */
const random = Random.seeded(Number(process.env.ENGINES_SEED ?? 1));
const drawFor = (name: string): Draw => {
  const own = random.split(name);
  return (below) => own.below(below);
};

describe('regions and the interpreter are the same', () => {
  it.each(NAMES)('in %s, under each translation', (name) => {
    for (const { points, regions, difference } of compareProgram(name, 300, drawFor(name))) {
      expect(difference).toBeUndefined();
      expect(points).toBeGreaterThanOrEqual(30);
      expect(regions).toBeGreaterThan(0);
    }
  });

  const file = join(import.meta.dirname, '..', 'scenarios', 'taco.yaml');
  const loaded = loadScenario(file, readFileSync(file, 'utf8'));
  const images = openImages(loaded, readBuiltImage);
  it.each(['native', 'colocated', 'partitioned', 'open', 'virtualized'])('in the shipped scenario, %s', (mode) => {
    for (const plan of planBoots(findMode(mode), loaded.scenario, images)) {
      // For a cost, and for a verdict.
      for (const own of [plan, forVerdict(plan)]) {
        const draw = drawFor(mode);
        const compared = comparePoints(
          (engine) => bootScenario((options) => createMachine({ ...options, engine }), own),
          25,
          400_000,
          draw,
        );
        expect(compared.difference).toBeUndefined();
        expect(compared.regions).toBeGreaterThan(0);
      }
    }
  });

  it('in experiments, at each stop', () => {
    const { points, regions, difference } = compareExperiments(10, drawFor('experiments'));
    expect(difference).toBeUndefined();
    expect(regions).toBeGreaterThan(0);
    expect(points).toBeGreaterThan(30);
  });
});

describe('a machine that is not the same', () => {
  it('is told, with the point and the tuning', () => {
    let machines = 0;
    const { difference } = comparePoints(
      (engine) => {
        const machine = createMachine({ ram: 2 ** 20, timing: 'inorder', guests: 1, engine });
        // jal x0, 0; in one of them, after a cycle that the other one has not.
        machine.write(Number(machine.pc), Uint8Array.of(0x6f, 0, 0, 0));
        if (machines++ === 0) machine.delay(1);
        return machine;
      },
      5,
      100,
      drawFor('difference'),
    );
    expect(difference).toMatch(/^point 1, .*threshold.*\n {4}regions .*instret.*\n {4}interpreter /);
  });
});
