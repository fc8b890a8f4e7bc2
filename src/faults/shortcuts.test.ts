import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { type BootPlan, planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { bootRig } from './boot-rig.ts';
import { approach, runExperiment } from './experiment.ts';
import { createLab } from './lab.ts';
import { faultOf } from './plan.ts';
import type { ExperimentId } from './replay-id.ts';

// What a campaign does to be quick must not show: an experiment that starts at a snapshot, and ends where it meets the
// golden run again, is the experiment that starts at the reset vector and runs to its end.

const SCENARIO = `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 16, bound: 300us, args: "panic=halt work=16" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 16, bound: 50ms, args: "panic=halt map=own work=16" }
`;
const loaded = loadScenario('shortcuts.yaml', SCENARIO);
const images = openImages(loaded, readBuiltImage);

function planOf(mode: string, only?: string): BootPlan {
  const plans = planBoots(findMode(mode), loaded.scenario, images);
  const plan = plans.find(({ guests }) => only === undefined || guests.some(({ name }) => name === only));
  if (plan === undefined) throw new RangeError(mode);
  return plan;
}

const lab = createLab('00000000', (mode, only) => bootRig(planOf(mode, only)));
const ids = (mode: string, name: string, count: number): ExperimentId[] =>
  ['rtos', 'unix'].flatMap((from) =>
    Array.from({ length: count }, (_, n) => ({ class: name, mode, from, seed: 5, n })),
  );

describe.each(['colocated', 'virtualized'])('in %s', (mode) => {
  it('a point is met in the same state from a snapshot and on foot', () => {
    const rig = lab.rig(mode);
    const onFoot = bootRig(planOf(mode));
    let fromSnapshots = 0;
    for (const id of ids(mode, 'HWF-1', 5)) {
      const fault = faultOf(lab, id);
      const golden = lab.golden(mode, fault.inputSeed);
      if (fault.when.unit > 0) fromSnapshots++;
      for (let again = 0; again < 2; again++) expect(approach(rig, golden, fault)).toBe(true);
      approach(onFoot, golden, fault);
      expect([rig.machine.cycles, rig.machine.hash()]).toEqual([onFoot.machine.cycles, onFoot.machine.hash()]);
    }
    expect(fromSnapshots).toBeGreaterThan(3);
  });

  it.each(['HWF-1', 'own-fault', 'delay', 'sham'])(
    'a run of %s has the same result to its end and to its known end',
    (name) => {
      let known = 0;
      for (const id of ids(mode, name, 6)) {
        const rig = lab.rig(mode);
        const fault = faultOf(lab, id);
        const golden = lab.golden(mode, fault.inputSeed);
        const short = runExperiment(rig, golden, fault, 'known end');
        if (rig.machine.cycles < golden.endCycle) known++;
        expect(short).toEqual(runExperiment(rig, golden, fault));
      }
      if (name === 'sham') expect(known).toBeGreaterThan(6);
    },
  );
});
