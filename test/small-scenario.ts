// Two guests and little work, for tests that run experiments on the real machine.
import { bootRig } from '../src/faults/boot-rig.ts';
import { type Boot, createLab } from '../src/faults/lab.ts';
import type { Lab } from '../src/faults/plan.ts';
import { planBoots } from '../src/scenario/boot.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import { readBuiltImage } from './built-images.ts';

const SCENARIO = `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 16, bound: 300us, args: "panic=halt work=16" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 16, bound: 50ms, args: "panic=halt map=own work=16" }
`;

const loaded = loadScenario('small.yaml', SCENARIO);
export const smallScenario = loaded.scenario;
export const smallImages = openImages(loaded, readBuiltImage);

export function smallLab(): Lab {
  const boot: Boot = (mode, only) => {
    const plan = planBoots(findMode(mode), smallScenario, smallImages).find(
      ({ guests }) => only === undefined || guests.some(({ name }) => name === only),
    );
    if (plan === undefined) throw new RangeError(`mode ${mode} does not boot ${only}`);
    return bootRig(plan);
  };
  return createLab('0badcafe', boot, { guests: smallScenario.guests.map(({ name }) => name) });
}
