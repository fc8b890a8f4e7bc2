// The parts of the fault space by name: what a bit may be of, in a guest or in a layer. A campaign samples each as a cell of
// its own, uniformly over its bits and over the instructions, or the cycles, of whoever has it.

import type { LayerClass } from './layer-fault.ts';

/** The classes that flip one bit of it. */
export const GUEST_REGIONS: Readonly<Record<string, readonly string[]>> = {
  registers: ['HWF-1'],
  csrs: ['HWF-3', 'HWF-3-control'],
  text: ['HWF-4-text'],
  data: ['HWF-4-data'],
  stack: ['HWF-4-stack'],
  tables: ['HWF-4-tables'],
};

export const LAYER_REGIONS: Readonly<Record<string, LayerClass>> = {
  'layer-registers': 'HWF-1',
  'layer-csrs': 'HWF-3',
  'layer-text': 'HWF-4-text',
  'layer-data': 'HWF-4-data',
  'layer-stack': 'HWF-4-stack',
  'layer-tables': 'HWF-4-tables',
};

export const regionNames: readonly string[] = [...Object.keys(GUEST_REGIONS), ...Object.keys(LAYER_REGIONS)];
