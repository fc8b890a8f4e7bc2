// Both engines of the machine at the same random moments: hash, instructions and cycles must be the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProgram } from '../bench/speed/engines.ts';
import { LEAVES, type Leaves, PROGRAMS, type ProgramName, STORMS, type StormName } from '../bench/speed/programs.ts';
import { forVerdict } from '../src/faults/translation.ts';
import { createMachine, type Machine, type MachineOptions } from '../src/machine/index.ts';
import { bootScenario, planBoots } from '../src/scenario/boot.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import { readBuiltImage } from './built-images.ts';

type Engine = NonNullable<MachineOptions['engine']>;

/** xorshift32: numbers below a bound. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** How often must something arrive, and how much is compiled at once: anything gives the same results. */
const someTuning = (draw: (below: number) => number): Engine => ({
  kind: 'regions',
  threshold: 1 + draw(60),
  cap: 1 + draw(500),
});

/** Runs both to the same random cycles, the steps between `step` and twice that, and compares them there. */
function compare(
  regions: Machine,
  plain: Machine,
  points: number,
  step: number,
  draw: (below: number) => number,
): void {
  for (let point = 0; point < points; point++) {
    const until = plain.cycles + step + draw(step);
    const stops = [regions, plain].map((machine) => machine.run(until));
    const [is, wanted] = [regions, plain].map(({ cycles, instret, pc }) => ({ cycles, instret, pc }));
    expect({ ...is, stop: stops[0], hash: regions.hash() }).toEqual({ ...wanted, stop: stops[1], hash: plain.hash() });
    if (stops[0]?.kind !== 'limit') return;
  }
}

describe('regions and the interpreter are the same', () => {
  const draw = numbers(Number(process.env.ENGINES_SEED ?? 1));
  for (const name of [...Object.keys(PROGRAMS), ...Object.keys(STORMS)] as (ProgramName | StormName)[]) {
    it(`in ${name}, under each translation`, () => {
      for (const leaves of (Object.keys(LEAVES) as Leaves[]).slice(name in STORMS ? 1 : 0)) {
        for (const timing of ['inorder', 'functional'] as const) {
          const [regions, plain] = [someTuning(draw), { kind: 'interpreter' } as const].map((engine) =>
            loadProgram(name, 2, leaves, { engine, timing }),
          ) as [Machine, Machine];
          compare(regions, plain, 60, 100_000, draw);
          expect(regions.regionsCompiled).toBeGreaterThan(0);
        }
      }
    });
  }

  const file = join(import.meta.dirname, '..', 'scenarios', 'taco.yaml');
  const loaded = loadScenario(file, readFileSync(file, 'utf8'));
  const images = openImages(loaded, readBuiltImage);
  for (const mode of ['native', 'colocated', 'partitioned', 'open', 'virtualized']) {
    it(`in the shipped scenario, ${mode}`, () => {
      for (const plan of planBoots(findMode(mode), loaded.scenario, images)) {
        // For a cost, and for a verdict.
        for (const own of [plan, forVerdict(plan)]) {
          const boot = (engine: Engine) => bootScenario((options) => createMachine({ ...options, engine }), own);
          const regions = boot(someTuning(draw));
          compare(regions, boot({ kind: 'interpreter' }), 25, 400_000, draw);
          expect(regions.regionsCompiled).toBeGreaterThan(0);
        }
      }
    });
  }
});
