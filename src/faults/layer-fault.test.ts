import { describe, expect, it } from 'vitest';
import { smallImages, smallLab } from '../../test/small-scenario.ts';
import { SymbolTable } from '../scenario/symbol-table.ts';
import { type Component, conductLayer, type LayerId, residenceOf } from './layer-fault.ts';
import { restore } from './rig.ts';
import { layerRowsOf } from './tally-layer.ts';

const lab = smallLab();
const PARTS = [
  ['colocated', 'nanokernel', 'layer'],
  ['virtualized', 'hypervisor', 'layer'],
] as const;

describe.each(PARTS)('faults in %s: %s', (mode, name, party) => {
  const elf = smallImages.layers.get(name)?.elf;
  if (elf === undefined) throw new Error(`no image ${name}`);
  const component: Component = { name, party, elf, symbols: new SymbolTable(name, elf, 0) };
  const rig = lab.rig(mode);
  const golden = lab.golden(mode, 1);
  const residence = residenceOf(rig, golden, 1, party);
  const id = (fault: LayerId['class'], n: number): LayerId => ({ class: fault, mode, component: name, seed: 1, n });
  const conduct = (of: LayerId) => conductLayer(rig, golden, 1, of, component, residence);

  it('strike while it runs, which is what the accounts say it does', () => {
    const cycles = residence.reduce((sum, { length }) => sum + length, 0);
    restore(rig, 1);
    rig.machine.run(golden.endCycle);
    // Accounts know of boot, too, and count firmware that works for a guest with the layer.
    const { layer, guests } = rig.machine.accounting();
    const accounted = layer.cycles + guests.reduce((sum, guest) => sum + guest.layerCycles, 0);
    expect(cycles).toBeLessThanOrEqual(accounted);
    expect(cycles).toBeGreaterThan(accounted / 2);
    const records = Array.from({ length: 12 }, (_, n) => conduct(id('HWF-1', n)));
    expect(records.filter(({ injected }) => injected).length).toBeGreaterThan(6);
  });

  it('are the same twice, name a bit of the layer, and add up to rows', () => {
    const records = Array.from({ length: 8 }, (_, n) => conduct(id('HWF-4', n)));
    expect(records.slice(0, 3).map(({ n }) => conduct(id('HWF-4', n)))).toEqual(records.slice(0, 3));
    for (const { what } of records) expect(what).toContain(`of ${name}:`);
    const [row] = layerRowsOf(records);
    expect(row).toMatchObject({ class: 'HWF-4', mode, component: name });
    expect(row?.faultSpace).toBe((records[0]?.bits ?? 0) * (records[0]?.residence ?? 0));
  });
});

it('firmware that no guest calls is hit while it boots', () => {
  const rig = lab.rig('virtualized');
  const residence = residenceOf(rig, lab.golden('virtualized', 1), 1, 'firmware');
  expect(residence.length).toBeGreaterThan(0);
});
