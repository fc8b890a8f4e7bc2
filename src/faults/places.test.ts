import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { bootRig } from './boot-rig.ts';
import { canStrike, directedExperiments } from './experiments.ts';
import { placesOf } from './places.ts';
import { restore } from './rig.ts';
import { runGolden } from './run-to-end.ts';

const SCENARIO = `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 16, bound: 300us, args: "panic=halt work=16" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 16, bound: 50ms, args: "panic=halt map=own work=16" }
`;
const loaded = loadScenario('places.yaml', SCENARIO);
const images = openImages(loaded, readBuiltImage);
const hasPlace = placesOf(loaded.scenario, images);

describe('places', () => {
  it('are those that a guest has', () => {
    for (const guest of ['rtos', 'unix']) {
      for (const place of ['work_data', 'stack_word', 'context_switch']) expect(hasPlace(guest, place)).toBe(true);
    }
    expect(hasPlace('unix', 'root_entry')).toBe(true);
    expect(hasPlace('rtos', 'root_entry')).toBe(false);
    expect(hasPlace('rtos', 'no_such_symbol')).toBe(false);
    expect(hasPlace('linux', 'context_switch')).toBe(false);
  });
});

describe('in the midst of a run without any fault', () => {
  const [plan] = planBoots(findMode('colocated'), loaded.scenario, images);
  if (plan === undefined) throw new RangeError('colocated');
  const rig = bootRig(plan);
  const { endCycle } = runGolden(rig, 1);
  restore(rig, 1);
  rig.machine.run(Math.floor(endCycle / 2));
  const [rtos, unix] = rig.guests;
  if (rtos === undefined || unix === undefined) throw new RangeError('two guests');
  const wordAt = (address: number) => {
    const bytes = rig.machine.read(address, 8);
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  };

  it('the stack word of rtos is a return address into its control task', () => {
    expect(rig.symbolAtPc(rtos.index, wordAt(rtos.symbol('stack_word')))).toMatch(/^rtos:control_task\+/);
  });

  it('that of unix is a pc in the text of a process', () => {
    const userText = 0x1_0000_0000n;
    const sepc = wordAt(unix.symbol('stack_word'));
    expect(sepc > userText && sepc < userText + 0x10_0000n).toBe(true);
  });

  it('the root entry of unix points to a table in its slot', () => {
    const entry = wordAt(unix.symbol('root_entry'));
    const table = Number((entry >> 10n) << 12n);
    expect(entry & 0xfn).toBe(1n);
    expect(table >= 0x8080_0000 && table < 0x80c0_0000).toBe(true);
  });
});

it('an act is aimed at the neighbours that have what it strikes, under their own numbers', () => {
  const design = {
    guests: ['a', 'b', 'c'],
    modes: ['open'],
    seed: 1,
    hasPlace: (guest: string, place: string) => guest === 'c' || place === 'saboteur_poll',
  };
  const lists = directedExperiments(design, 'MEM-1-table').flat();
  expect(lists.map(({ from, n }) => [from, n])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  expect(directedExperiments(design, 'MEM-14')).toHaveLength(6);
  expect(canStrike(hasPlace, 'MEM-1-table', 'rtos')).toBe(false);
});

it('a transfer into foreign memory needs a channel of one’s own', () => {
  const without = loadScenario('x.yaml', SCENARIO.replace('rtos: { image', 'rtos: { dma: false, image'));
  const has = placesOf(without.scenario, openImages(without, readBuiltImage));
  expect(canStrike(has, 'DMA-1', 'unix', 'rtos')).toBe(false);
  expect(canStrike(has, 'DMA-1', 'rtos', 'unix')).toBe(true);
});
