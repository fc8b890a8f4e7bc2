import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { bootProbe, bootRig } from './boot-rig.ts';
import { exposureOf, writablePages } from './exposure.ts';
import { rigGuest } from './rig.ts';
import { runGolden } from './run-to-end.ts';
import { readyProbe, sweepPages } from './sweep.ts';
import { PAGE } from './targets.ts';

const scenarioWith = (map: string, more = '') =>
  loadScenario(
    'small.yaml',
    `
machine: { ram: 16M }
${more}
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 4, args: "panic=halt work=4" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 4, bound: 50ms, args: "panic=halt map=${map} work=4" }
`,
  );

const MODES = ['colocated', 'partitioned', 'open', 'virtualized'];
const LAYER_PAGES = 1024;
const [RTOS_PAGES, UNIX_PAGES] = [512, 1024];

describe.each(MODES)('in %s', (mode) => {
  const loaded = scenarioWith('own');
  const images = openImages(loaded, readBuiltImage);
  const isOpen = mode === 'colocated' || mode === 'open';

  it.each([0, 1])('a kernel without paging, in slot %i, may write where its stores land', (guest) => {
    const at = bootProbe(findMode(mode), loaded.scenario, images, guest);
    const landed = sweepPages(at).filter(({ access }) => access === 'w');
    readyProbe(at);
    expect(writablePages(at.rig, rigGuest(at.rig, guest), at.pages)).toBe(
      landed.reduce((sum, { reached }) => sum + reached, 0),
    );
    const { memory } = rigGuest(at.rig, guest);
    expect(writablePages(at.rig, rigGuest(at.rig, guest), [memory])).toBe(memory.size / PAGE);
  });

  const exposures = (map: string) => {
    const own = scenarioWith(map);
    const [plan] = planBoots(findMode(mode), own.scenario, openImages(own, readBuiltImage));
    if (plan === undefined) throw new Error('no boot');
    const rig = bootRig(plan);
    const golden = runGolden(rig, 1);
    return [0, 1].map((index) => exposureOf(rig, golden, rigGuest(rig, index), 1));
  };

  it('the real-time kernel has no tables of its own to stop it', () => {
    const foreign = LAYER_PAGES + UNIX_PAGES;
    expect(exposures('own')[0]).toEqual({ mode, faulty: 'rtos', writable: isOpen ? foreign : 0, foreign });
  });

  it('a kernel with paging is open to itself as far as its linear map goes', () => {
    const foreign = LAYER_PAGES + RTOS_PAGES;
    expect(exposures('own')[1]).toEqual({ mode, faulty: 'unix', writable: 0, foreign });
    const all = exposures('all')[1];
    if (isOpen) expect(all?.writable).toBeGreaterThanOrEqual(RTOS_PAGES);
    else expect(all?.writable).toBe(0);
  });
});
