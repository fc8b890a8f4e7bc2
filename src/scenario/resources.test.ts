import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modes } from './modes.ts';
import { loadResources } from './resources.ts';

const file = join(import.meta.dirname, '..', '..', 'scenarios', 'resources.yaml');
const text = readFileSync(file, 'utf8');

describe('resources', () => {
  const resources = loadResources('scenarios/resources.yaml', text);

  it('cover every mode', () => {
    for (const resource of Object.values(resources)) {
      for (const { name } of modes) expect(resource).toHaveProperty(name);
    }
  });

  it('name all that the design lists', () => {
    expect(Object.keys(resources)).toEqual(
      expect.arrayContaining([
        'own-ram',
        'foreign-ram',
        'layer-ram',
        'firmware-ram',
        'clint',
        'plic',
        'finisher',
        'own-uart',
        'foreign-uart',
        'own-dma',
        'foreign-dma',
        'own-disk',
        'foreign-disk',
        'disk-memory',
        'own-monitor',
        'foreign-monitor',
        'supervisor-csrs',
        'machine-csrs',
        'fp-state',
        'tlb-tags',
      ]),
    );
  });

  it('refuse a cell that contradicts itself', () => {
    const bad = text.replace('{ access: trapped, reach: none }', '{ access: trapped, reach: all }');
    expect(() => loadResources('r.yaml', bad)).toThrow(
      /^r\.yaml:\d+:\d+ {2}resources\.foreign-ram\.partitioned contradicts itself\n {2}give /,
    );
  });
});
