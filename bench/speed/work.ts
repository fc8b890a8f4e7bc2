// The shipped scenario in each mode, by one engine of this machine: from the start, and again and again from a snapshot, as
// experiments run it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMachine, type MachineOptions } from '../../src/machine/index.ts';
import { bootScenario, planBoots } from '../../src/scenario/boot.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { cpuSeconds } from './seconds.ts';

const root = join(import.meta.dirname, '..', '..');
/** Both guests do their work in that time. */
const CYCLES = 100_000_000;
/** Where experiments begin, and how many there are in a measurement. */
const SNAPSHOT_CYCLE = 15_000_000;
const AGAIN = 20;

export type Work = 'from the start' | 'from a snapshot';
export const WORKS: readonly Work[] = ['from the start', 'from a snapshot'];

/** Says for each mode how many instructions a CPU second runs, by the engine it is asked for. */
export function scenarioWork() {
  const file = join(root, 'scenarios', 'taco.yaml');
  const loaded = loadScenario(file, readFileSync(file, 'utf8'));
  const images = openImages(loaded, (source) => {
    const bytes = readFileSync(join(root, 'images', `${source.kind === 'built' ? source.name : source.path}.elf`));
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  return loaded.scenario.modes.flatMap((mode) => {
    const [plan] = planBoots(findMode(mode), loaded.scenario, images);
    if (plan === undefined) return [];
    const rate = (engine: NonNullable<MachineOptions['engine']>, work: Work): number => {
      const machine = bootScenario((options) => createMachine({ ...options, engine }), plan);
      if (work === 'from the start') {
        const seconds = cpuSeconds(() => machine.run(CYCLES));
        return machine.instret / seconds;
      }
      machine.run(SNAPSHOT_CYCLE);
      const snapshot = machine.snapshot();
      const before = machine.instret;
      const once = () => {
        machine.restore(snapshot);
        machine.run(CYCLES);
      };
      for (let time = 0; time < AGAIN; time++) once();
      const seconds = cpuSeconds(() => {
        for (let time = 0; time < AGAIN; time++) once();
      });
      return ((machine.instret - before) * AGAIN) / seconds;
    };
    return [{ mode, rate }];
  });
}
