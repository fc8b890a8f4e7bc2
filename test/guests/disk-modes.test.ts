// A guest's disk in every mode: the same words, the same bytes on the disk, and nobody else's to touch.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMachine } from '../../src/machine/index.ts';
import { bootScenario, planBoots } from '../../src/scenario/boot.ts';
import { readFileSystem } from '../../src/scenario/file-system.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { readBuiltImage } from '../built-images.ts';
import { CYCLES } from './alone.ts';
import { diskOf } from './disk-of.ts';
import { rtosModel, unixModel } from './models.ts';

const UNIX = 1;
const file = 'scenarios/disk.yaml';
const loaded = loadScenario(file, readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8'));
const images = openImages(loaded, readBuiltImage);

/** Of the boot that has unix in it. */
function planOf(mode: string) {
  const plan = planBoots(findMode(mode), loaded.scenario, images).find(({ guests }) =>
    guests.some(({ index }) => index === UNIX),
  );
  const [slot] = plan?.machine.virtio ?? [];
  if (plan === undefined || slot?.kind !== 'block') throw new Error('unix has no disk');
  return { plan, image: slot.image };
}

describe.each(loaded.scenario.modes)('the disk of unix, when %s,', (mode) => {
  const { plan, image } = planOf(mode);
  const machine = bootScenario(createMachine, plan);
  const half = machine.run(30_000_000);
  const snapshot = machine.snapshot();

  it('holds what unix wrote, and nobody is reached', () => {
    expect(half.kind).toBe('limit');
    machine.run(CYCLES);
    expect(machine.monitors[UNIX]?.outputs.words()).toEqual(unixModel(0, 64));
    if (mode !== 'native') expect(machine.monitors[0]?.outputs.words()).toEqual(rtosModel(0, 64));
    expect(readFileSystem(diskOf(machine, UNIX, image)).get('blocks')).toHaveLength(64 * 512);
    expect(machine.ledger.entries).toEqual([]);
  });

  it('goes back with a snapshot, and to the same end', () => {
    const end = { disk: diskOf(machine, UNIX, image), hash: machine.hash() };
    machine.restore(snapshot);
    expect(diskOf(machine, UNIX, image)).not.toEqual(end.disk);
    machine.run(CYCLES);
    expect(diskOf(machine, UNIX, image)).toEqual(end.disk);
    expect(machine.hash()).toBe(end.hash);
  });
});

it('in native is there only with its guest', () => {
  const plans = planBoots(findMode('native'), loaded.scenario, images);
  expect(plans.map(({ machine }) => machine.virtio?.map(({ slot, owner }) => [slot, owner]))).toEqual([
    undefined,
    [[UNIX, UNIX]],
  ]);
});
