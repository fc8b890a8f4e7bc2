// One state, one future: however a run is cut, observed, saved and restored, it ends in the same cycle and the same state.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../src/faults/random.ts';
import { createMachine } from '../src/machine/index.ts';
import { bootScenario, planBoots } from '../src/scenario/boot.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import { readBuiltImage } from './built-images.ts';

const file = 'scenarios/taco.yaml';
const loaded = loadScenario(file, readFileSync(join(import.meta.dirname, '..', file), 'utf8'));
const images = openImages(loaded, readBuiltImage);
/** Long enough for a dozen jobs of each guest and hundreds of world switches. */
const END = 12_000_000;

describe.each(['native', 'colocated', 'partitioned', 'open', 'virtualized'])('a run in %s', (mode) => {
  const [plan] = planBoots(findMode(mode), loaded.scenario, images);
  if (plan === undefined) throw new Error(`mode ${mode} boots nothing`);
  const whole = bootScenario(createMachine, plan);
  whole.run(END);
  const expected = { cycles: whole.cycles, instret: whole.instret, hash: whole.hash() };

  it('ends the same on another machine', () => {
    const machine = bootScenario(createMachine, plan);
    machine.run(END);
    expect({ cycles: machine.cycles, instret: machine.instret, hash: machine.hash() }).toEqual(expected);
  });

  it('ends the same when it is cut, saved and restored at random cycles, by either loop', () => {
    const random = Random.seeded(1).split(mode);
    const machine = bootScenario(createMachine, plan);
    for (let at = 0; at < END; at += 1 + random.below(400_000)) {
      // Observing a pc that does not exist makes the slow loop run.
      if (random.below(2) === 0) machine.watch({ world: 0, privilege: 'U', pc: 1n, count: 1 });
      machine.run(at);
      const here = machine.snapshot();
      machine.run(at + random.below(50_000));
      machine.restore(here);
      expect(machine.cycles).toBeGreaterThanOrEqual(at);
    }
    machine.run(END);
    expect({ cycles: machine.cycles, instret: machine.instret, hash: machine.hash() }).toEqual(expected);
  });
});
