// How fast does this computer run the shipped scenario, per mode? Host speed only: nothing here enters a result.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from 'tinybench';
import { createMachine } from '../src/machine/index.ts';
import { bootScenario, planBoots } from '../src/scenario/boot.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';

const root = join(import.meta.dirname, '..');
const CYCLES = 20_000_000;

const file = join(root, 'scenarios', 'taco.yaml');
const loaded = loadScenario(file, readFileSync(file, 'utf8'));
const images = openImages(loaded, (source) => {
  const bytes = readFileSync(join(root, 'images', `${source.kind === 'built' ? source.name : source.path}.elf`));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
});

const bench = new Bench({ time: 2000 });
for (const mode of loaded.scenario.modes) {
  const [plan] = planBoots(findMode(mode), loaded.scenario, images);
  if (plan === undefined) continue;
  const machine = bootScenario(createMachine, plan);
  const reset = machine.snapshot();
  machine.run(CYCLES);
  const instructions = machine.instret;
  bench.add(`${mode}: ${instructions} instructions in ${CYCLES} cycles`, () => {
    machine.restore(reset);
    machine.run(CYCLES);
  });
}
await bench.run();
console.table(bench.table());
