// The scenario that tests of cost measure in.

import { type ImageSet, openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import { readBuiltImage } from './built-images.ts';

const loaded = loadScenario(
  'cost.yaml',
  `machine: { ram: 64M }
guests:
  rtos: { image: rtos, memory: 0x81000000+16M, priority: 2, work: 64, bound: 200us, args: "panic=halt" }
  unix: { image: unix, memory: 0x82000000+16M, priority: 1, work: 64, bound: 50ms, args: "panic=halt map=own" }`,
);

export const testScenario = loaded.scenario;

export function imagesOf(scenario: Scenario): ImageSet {
  return openImages({ ...loaded, scenario }, readBuiltImage);
}
