// Faults in layers, as units of work: which components a mode has, and when they run.

import { conductLayer, type Component, type LayerId, type LayerRecord, residenceOf } from '../faults/layer-fault.ts';
import { inputSeedOf, type Lab } from '../faults/plan.ts';
import { findMode } from '../scenario/modes.ts';
import { SymbolTable } from '../scenario/symbol-table.ts';
import type { Workspace } from './workspace.ts';

const CLASSES = ['HWF-1', 'HWF-4'] as const;

export function layerIds(modes: readonly string[], seed: number, n: number): LayerId[] {
  return modes.flatMap((mode) =>
    findMode(mode).components.flatMap(({ image: component }) =>
      CLASSES.flatMap((name) =>
        Array.from({ length: n }, (_, index) => ({ class: name, mode, component, seed, n: index })),
      ),
    ),
  );
}

function componentOf({ images }: Workspace, name: string): Component {
  const image = images.layers.get(name);
  if (image === undefined) throw new RangeError(`no mode of the scenario has ${name}`);
  const party = name === 'firmware' ? 'firmware' : 'layer';
  return { name, party, elf: image.elf, symbols: new SymbolTable(name, image.elf, 0) };
}

/** Keeps what all faults of one component share. */
export function createLayerPerformer(workspace: Workspace, lab: Lab): (id: LayerId) => LayerRecord {
  const residences = new Map<string, ReturnType<typeof residenceOf>>();
  return (id) => {
    const rig = lab.rig(id.mode);
    const inputSeed = inputSeedOf(id.seed, 0);
    const golden = lab.golden(id.mode, inputSeed);
    const component = componentOf(workspace, id.component);
    const key = `${id.mode} ${id.component} ${id.seed}`;
    const residence = residences.get(key) ?? residenceOf(rig, golden, inputSeed, component.party);
    residences.set(key, residence);
    return conductLayer(rig, golden, inputSeed, id, component, residence);
  };
}
