import { describe, expect, it } from 'vitest';
import { catalogue, findClass } from '../faults/catalogue.ts';
import { regionNames } from '../faults/regions.ts';
import { PRUNABLE } from '../faults/uses.ts';
import { expandClasses, expandRegions, pruneClasses, usesTasks } from './inject-settings.ts';

describe('classes that are pruned', () => {
  it('are those of which every use is seen, and no class of the catalogue by themselves', () => {
    const ids = pruneClasses(['HWF-1', 'HWF-4-data', 'HWF-4-stack']);
    expect(ids).toEqual(['HWF-1-pruned', 'HWF-4-data-pruned', 'HWF-4-stack-pruned']);
    expect(ids.map((id) => findClass(id)?.uses)).toEqual(PRUNABLE);
    expect(ids.filter((id) => catalogue.some((fault) => fault.id === id))).toEqual([]);
    expect(expandClasses(['HWF']).filter((id) => ids.includes(id))).toEqual([]);
  });

  it.each(['HWF-4-text', 'SWF-MFC', 'HWF-3'])('are not %s, and the message says which', (name) => {
    expect(() => pruneClasses([name])).toThrow(/HWF-1, HWF-4-data, HWF-4-stack/);
  });

  it('have a fault space for each guest that has the region, and each trajectory', () => {
    const design = { guests: ['a', 'b'], modes: [], seed: 4, hasPlace: (guest: string) => guest === 'a' };
    const tasks = usesTasks(design, ['HWF-4-stack-pruned']);
    expect(tasks).toHaveLength(5);
    expect(tasks[4]).toEqual({ kind: 'uses', class: 'HWF-4-stack-pruned', from: 'a', seed: 4, trajectory: 4 });
  });
});

describe('regions', () => {
  it('are classes that can be run, in guests and in layers', () => {
    const all = expandRegions(regionNames);
    expect(all.guest).toEqual(expandClasses(['HWF-1', 'HWF-3', 'HWF-3-control', ...all.guest.slice(3)]));
    expect(all.guest).toHaveLength(7);
    expect(all.layer).toHaveLength(6);
    expect(expandRegions(['layer-csrs', 'stack', 'stack'])).toEqual({ guest: ['HWF-4-stack'], layer: ['HWF-3'] });
  });

  it('that are none are named with those that are', () => {
    expect(() => expandRegions(['heap'])).toThrow(/there is no region heap[\s\S]*registers, csrs, text/);
  });
});
