import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { type BootPlan, planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { hashGuests } from './workspace.ts';

const file = join(import.meta.dirname, '..', '..', 'scenarios', 'taco.yaml');
const loaded = loadScenario('scenarios/taco.yaml', readFileSync(file, 'utf8'));
const images = openImages(loaded, readBuiltImage);
const plansOf = (mode: string): BootPlan[] => planBoots(findMode(mode), loaded.scenario, images);

it('hashes each guest and each device tree once, whatever the modes', () => {
  const hashes = hashGuests(loaded.scenario.modes, plansOf);
  expect(Object.keys(hashes).sort()).toEqual(['rtos', 'rtos.dtb', 'unix', 'unix.dtb']);
  expect(hashGuests(['native'], plansOf)).toEqual(hashes);
});

it('tells the device tree of a guest whose layer has devices for it from that without such a layer', () => {
  const served = loadScenario('x.yaml', `${readFileSync(file, 'utf8')}services: [{ kind: console, of: [unix] }]\n`);
  const hashes = hashGuests(served.scenario.modes, (mode) => planBoots(findMode(mode), served.scenario, images));
  expect(Object.keys(hashes).sort()).toEqual(['rtos', 'rtos.dtb', 'unix', 'unix.dtb', 'unix.unserved.dtb']);
});

it('refuses to compare modes that load other bytes, be it one of a device tree', () => {
  const changed = (mode: string): BootPlan[] =>
    plansOf(mode).map((plan) => ({
      ...plan,
      guests: plan.guests.map((guest) => {
        const bytes = Uint8Array.from(guest.deviceTree.bytes);
        if (mode === 'open' && guest.name === 'unix') bytes[100] = (bytes[100] ?? 0) ^ 1;
        return { ...guest, deviceTree: { ...guest.deviceTree, bytes } };
      }),
    }));
  expect(() => hashGuests(loaded.scenario.modes, changed)).toThrow(
    'unix.dtb differs between modes: nothing to compare',
  );
});
