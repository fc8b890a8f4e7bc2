// unix works on a share of the layer's disk with the driver that it has for a disk of its own: the same words, the same
// files, in every mode; and without an IOMMU also where its slot is moved, since the layer copies for it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GUEST_LIMIT } from '../../src/machine/index.ts';
import type { BootPlan } from '../../src/scenario/boot.ts';
import { planBoots } from '../../src/scenario/boot.ts';
import { readFileSystem } from '../../src/scenario/file-system.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { readBuiltImage } from '../built-images.ts';
import { diskOf } from '../guests/disk-of.ts';
import { rtosModel, unixModel } from '../guests/models.ts';
import type { ModeName } from '../onboard/boot-guests.ts';
import { bootPlan, runUntil, SHARED_MODES } from '../onboard/boot-guests.ts';

const SCENARIO = 'scenarios/disk.yaml';
const SHARED = 'services: [{ kind: disk, of: [rtos, unix], size: 64K }]\n';
const SHARE = 64 * 1024;
const UNIX = 1;
const MS = 1_000_000;

/** The shipped scenario, but the disk is a share of the layer's. */
function plansOf(mode: ModeName, edit: (text: string) => string = (text) => text): BootPlan[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', SCENARIO), 'utf8').replace('disk: 64K, ', '');
  const loaded = loadScenario(SCENARIO, edit(text + SHARED));
  return planBoots(findMode(mode), loaded.scenario, openImages(loaded, readBuiltImage));
}

function checkWork(mode: ModeName, [plan]: BootPlan[], slot: number, part: number): void {
  if (plan === undefined) throw new RangeError(`${mode} boots nothing`);
  const booted = bootPlan(mode, plan);
  const { machine } = booted;
  runUntil(booted, 'ended', () => plan.guests.every(({ index }) => booted.monitor(index).ended), 300 * MS);
  expect(machine.monitors[UNIX]?.outputs.words()).toEqual(unixModel(0, 64));
  if (mode !== 'native') expect(machine.monitors[0]?.outputs.words()).toEqual(rtosModel(0, 64));
  const found = plan.machine.virtio?.find((candidate) => candidate.slot === slot);
  if (found?.kind !== 'block') throw new RangeError(`there is no disk in slot ${slot}`);
  const bytes = diskOf(machine, slot, found.image);
  expect(readFileSystem(bytes.subarray(part, part + SHARE)).get('blocks')).toHaveLength(64 * 512);
  if (part > 0) expect(bytes.subarray(0, part)).toEqual(found.image.subarray(0, part));
  expect(machine.ledger.entries).toEqual([]);
}

describe.each(SHARED_MODES)('unix on a share of the layer’s disk, when %s,', (mode) => {
  it('does its work, and touches no other share', () => {
    checkWork(mode, plansOf(mode), GUEST_LIMIT, SHARE);
  });
});

it('in native unix has a disk like it of its own', () => {
  checkWork('native', plansOf('native').slice(UNIX), UNIX, 0);
});

it.each([
  ['there is an IOMMU', (text: string) => text.replace('timing: inorder', 'timing: inorder, iommu: true')],
  [
    'its slot is moved',
    (text: string) =>
      text.replace('placement: identity', 'placement: shifted').replaceAll('args:', 'dma: false, args:'),
  ],
])('unix does its work in virtualized also where %s', (_, edit) => {
  checkWork('virtualized', plansOf('virtualized', edit), GUEST_LIMIT, SHARE);
});
