// What is compared is equal: every mode loads the same bytes of guest and device tree, and the control and the real thing
// run the same hypervisor, so that they differ in table data alone.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { images as manifest } from '../../images/index.ts';
import { createMachine } from '../../src/machine/index.ts';
import type { BootPlan } from '../../src/scenario/boot.ts';
import { bootScenario, planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { MODES, openShipped } from './boot-guests.ts';

const { scenario, images } = openShipped();
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Of each guest: its file, its device tree, and its whole slot as it lies in RAM when the hart starts. */
function guestHashes(mode: string): Record<string, object> {
  const all: Record<string, object> = {};
  for (const plan of planBoots(findMode(mode), scenario, images)) {
    const machine = bootScenario(createMachine, plan);
    for (const { name, loadedImage, deviceTree, memory, entry } of plan.guests) {
      all[name] = {
        file: loadedImage.sha256,
        deviceTree: sha256(deviceTree.bytes),
        memory: sha256(machine.read(memory.base, memory.size)),
        entry,
      };
    }
  }
  return all;
}

function planOf(mode: string): BootPlan {
  const [plan, ...others] = planBoots(findMode(mode), scenario, images);
  if (plan === undefined || others.length > 0) throw new Error(`${mode} does not boot once`);
  return plan;
}

/** What a plan loads, by name, place and hash. */
const loaded = (plan: BootPlan): string[] =>
  plan.loads.map(({ name, base, bytes }) => `${name} ${base.toString(16)} ${sha256(bytes)}`);

describe('the guests', () => {
  const native = guestHashes('native');

  it.each(MODES)('are the same bytes in the same places when %s', (mode) => {
    expect(guestHashes(mode)).toEqual(native);
    expect(Object.keys(native)).toEqual(scenario.guests.map(({ name }) => name));
  });

  it('are the files of the manifest', () => {
    for (const { name, image } of scenario.guests) {
      if (image.kind !== 'built') continue;
      const built: Readonly<Record<string, { readonly sha256: string }>> = manifest;
      expect(native[name]).toMatchObject({ file: built[image.name]?.sha256 });
    }
  });
});

describe('open and virtualized', () => {
  const [open, virtualized] = [planOf('open'), planOf('virtualized')];

  it('load the same hypervisor and the same firmware', () => {
    for (const name of ['hypervisor', 'firmware']) {
      expect(images.layers.get(name)?.sha256).toBe(manifest[name as 'hypervisor' | 'firmware'].sha256);
      const parts = (plan: BootPlan): string[] => loaded(plan).filter((line) => line.startsWith(`${name} `));
      expect(parts(open)).toEqual(parts(virtualized));
      expect(parts(open).length).toBeGreaterThan(0);
    }
  });

  it('differ in the configuration block alone, which is data', () => {
    const differing = loaded(open).filter((line) => !loaded(virtualized).includes(line));
    expect(differing.map((line) => line.split(' ')[0])).toEqual(['config']);
    expect({ ...open, mode: '', loads: [] }).toEqual({ ...virtualized, mode: '', loads: [] });
  });
});
