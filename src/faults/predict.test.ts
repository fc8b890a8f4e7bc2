import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImage } from '../../test/scenario-images.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { loadResources } from '../scenario/resources.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { directedClasses } from './catalogue.ts';
import { placesOf } from './places.ts';
import { PROCESS_POLL } from './processes.ts';
import { findPrediction, furtherPredictions, predict, predictionsText } from './predict.ts';

const folder = join(import.meta.dirname, '..', '..', 'scenarios');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const resources = loadResources('scenarios/resources.yaml', read('resources.yaml'));
const loaded = loadScenario('scenarios/taco.yaml', read('taco.yaml'));
const { scenario } = loaded;
const hasPlace = placesOf(scenario, openImages(loaded, readImage));
const predictions = predict(resources, scenario, hasPlace);

const expectOf = (fault: string, mode: string, from = 'rtos', to = 'unix', of = predictions) => {
  const row = findPrediction(of, fault, mode, from, to);
  return (['reached', 'corrupted', 'failed', 'late', 'leaked'] as const).filter((endpoint) => row?.[endpoint]);
};

/** The same scenario with kernels that map all memory. */
const mappingAll: Scenario = {
  ...scenario,
  guests: scenario.guests.map((guest) => ({ ...guest, bootargs: guest.bootargs.replace('map=own', 'map=all') })),
};

describe('predictions', () => {
  it('are those committed before the first run: `npm run predict` writes them', () => {
    expect(read('predictions.yaml')).toBe(predictionsText(predictions));
  });

  it('say of an IOMMU what it closes: that memory, in the mode that uses it', () => {
    const behind = loadScenario('scenarios/iommu.yaml', read('iommu.yaml'));
    const places = placesOf(behind.scenario, openImages(behind, readImage));
    const further = furtherPredictions(predict(resources, behind.scenario, places), predictions);
    expect(read('predictions-iommu.yaml')).toBe(predictionsText(further));
    expect(further.map(({ fault, mode, from }) => `${fault} ${mode} ${from}`)).toEqual([
      'DMA-1 virtualized rtos',
      'DMA-1 virtualized unix',
      'DMA-2 virtualized rtos',
    ]);
    for (const { reached, failed } of further) expect([reached, failed]).toEqual([false, false]);
  });

  it.skipIf(!existsSync(join(folder, '..', 'guests', 'debian', 'vmlinux')))(
    'are said of Linux, too (skipped without guests/debian: npm run guests:debian)',
    () => {
      const beside = loadScenario('scenarios/linux-rtos.yaml', read('linux-rtos.yaml'));
      const places = placesOf(beside.scenario, openImages(beside, readImage));
      const said = predict(resources, beside.scenario, places);
      expect(read('predictions-linux.yaml')).toBe(predictionsText(said));
      expect(expectOf('MEM-14', 'colocated', 'linux', 'rtos', said)).toEqual(['reached', 'corrupted', 'failed']);
      expect(expectOf('MEM-14', 'virtualized', 'linux', 'rtos', said)).toEqual([]);
      // No class that needs a kernel's own hand is said of it.
      expect(findPrediction(said, 'TIM-2', 'colocated', 'linux', 'rtos')).toBeUndefined();
    },
  );

  it('cover each directed class in each shared mode for each ordered pair in which there is something to strike', () => {
    // A page table to strike, or to strike with, and a neighbour behind the end of one's own slot or before its start.
    const oneWay = {
      'MEM-1-table': 'rtos unix',
      'MEM-6': 'unix rtos',
      'MEM-7': 'rtos unix',
      'MEM-11': 'unix rtos',
      'MEM-12': 'rtos unix',
      'DMA-2': 'rtos unix',
    };
    for (const [fault, pair] of Object.entries(oneWay)) {
      const own = predictions.filter((row) => row.fault === fault);
      expect(own.map(({ from, to }) => `${from} ${to}`)).toEqual(Array(4).fill(pair));
    }
    // What only a process does nobody does here.
    const done = directedClasses.filter(({ by }) => by !== PROCESS_POLL);
    const ways = 2 * done.length - Object.keys(oneWay).length;
    expect(predictions).toHaveLength(4 * ways);
  });

  it('follow the resource table', () => {
    expect(expectOf('MEM-14', 'colocated')).toEqual(['reached', 'corrupted', 'failed']);
    expect(expectOf('MEM-14', 'virtualized')).toEqual([]);
    expect(expectOf('MEM-14', 'partitioned')).toEqual([]);
    expect(expectOf('PRV-4', 'partitioned')).toEqual(['reached', 'corrupted', 'failed']);
    expect(expectOf('MEM-2', 'open')).toEqual(['reached', 'leaked']);
    expect(expectOf('PRV-5b', 'colocated')).toEqual(['reached', 'failed']);
    for (const mode of ['colocated', 'partitioned', 'open', 'virtualized']) {
      expect(expectOf('DMA-1', mode), mode).toEqual(['reached', 'corrupted', 'failed']);
      expect(expectOf('PRV-5a', mode), mode).toEqual([]);
      expect(expectOf('TIM-2', mode), mode).toEqual([]);
    }
  });

  it('change when a cell of the table does', () => {
    const ram = resources['foreign-ram'];
    if (ram === undefined) throw new RangeError('foreign-ram');
    const leaky = { ...resources, 'foreign-ram': { ...ram, virtualized: { access: 'open', reach: 'all' } as const } };
    expect(expectOf('MEM-14', 'virtualized', 'rtos', 'unix', predict(leaky, scenario, hasPlace))).toEqual([
      'reached',
      'corrupted',
      'failed',
    ]);
  });

  it('stop a stray pointer in the guest that maps only its own, and let it through in one that maps all', () => {
    expect(expectOf('MEM-14', 'colocated', 'unix', 'rtos')).toEqual([]);
    expect(expectOf('MEM-14', 'colocated', 'unix', 'rtos', predict(resources, mappingAll, hasPlace))).toEqual([
      'reached',
      'corrupted',
      'failed',
    ]);
    expect(expectOf('PRV-4', 'colocated', 'unix', 'rtos')).toContain('failed');
  });

  it('make a neighbour late whose wake-up was in the machine timer, where the layer keeps it there', () => {
    const all = predict(resources, mappingAll, hasPlace);
    expect(expectOf('TIM-8', 'colocated', 'unix', 'rtos', all)).toEqual(['reached', 'corrupted', 'late']);
    expect(expectOf('TIM-8', 'open', 'unix', 'rtos', all)).toEqual(['reached', 'corrupted']);
    expect(expectOf('TIM-8', 'colocated', 'rtos', 'unix', all)).toEqual(['reached', 'corrupted']);
  });

  it('follow the factors that decide over time and reset, equally in all modes', () => {
    const factors = { ...scenario.factors, scheduling: 'priority', reset: 'machine' } as const;
    const all = predict(resources, { ...scenario, factors }, hasPlace);
    for (const mode of ['colocated', 'partitioned', 'open', 'virtualized']) {
      expect(expectOf('TIM-2', mode, 'rtos', 'unix', all), mode).toEqual(['failed']);
      expect(expectOf('TIM-2', mode, 'unix', 'rtos', all), mode).toEqual([]);
      expect(expectOf('PRV-5a', mode, 'unix', 'rtos', all), mode).toContain('failed');
    }
  });

  it('let nobody starve or oversleep who has a hart of its own', () => {
    const factors = { ...scenario.factors, scheduling: 'priority' } as const;
    const guests = scenario.guests.map((guest) => ({ ...guest, hart: guest.index }));
    const all = predict(resources, { ...scenario, guests, factors }, hasPlace);
    for (const mode of ['colocated', 'partitioned', 'open', 'virtualized'])
      expect(expectOf('TIM-2', mode, 'rtos', 'unix', all), mode).toEqual([]);
    const oversleeps = (own: typeof scenario) =>
      expectOf('TIM-8', 'colocated', 'unix', 'rtos', predict(resources, own, hasPlace)).includes('late');
    const apart = mappingAll.guests.map((guest) => ({ ...guest, hart: guest.index }));
    expect([mappingAll, { ...mappingAll, guests: apart }].map(oversleeps)).toEqual([true, false]);
  });

  it('turn what is refused into a reset of the machine where panics ask for one and get it', () => {
    const guests = scenario.guests.map((guest) => ({ ...guest, bootargs: guest.bootargs.replace('halt', 'reset') }));
    const kept = predict(resources, { ...scenario, guests }, hasPlace);
    expect(expectOf('MEM-14', 'virtualized', 'rtos', 'unix', kept)).toEqual([]);
    const all = predict(
      resources,
      { ...scenario, guests, factors: { ...scenario.factors, reset: 'machine' } },
      hasPlace,
    );
    expect(expectOf('MEM-14', 'virtualized', 'rtos', 'unix', all)).toEqual(['failed']);
    expect(expectOf('MEM-14', 'colocated', 'unix', 'rtos', all)).toEqual(['failed']);
    expect(expectOf('PRV-4', 'virtualized', 'rtos', 'unix', all)).toEqual([]);
  });

  it('take the time of everybody below from a guest whose budget was left out', () => {
    const guests = scenario.guests.map((guest) => ({ ...guest, budget: undefined }));
    const all = predict(resources, { ...scenario, guests }, hasPlace);
    expect(expectOf('TIM-2', 'virtualized', 'rtos', 'unix', all)).toEqual(['failed']);
  });

  it('name the resource that is missing from the table', () => {
    expect(() => predict({}, scenario, hasPlace)).toThrow('resources.yaml has no resource foreign-ram');
  });
});
