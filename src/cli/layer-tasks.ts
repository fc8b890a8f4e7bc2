// Faults in layers, as units of work: which components a mode has, and when they run.

import {
  type Component,
  hasBits,
  LAYER_CLASSES,
  type LayerCase,
  type LayerClass,
  type LayerId,
  type LayerProfile,
  layerIdOf,
  profileOf,
} from '../faults/layer-fault.ts';
import { conductLayerTraced } from '../faults/layer-trace.ts';
import { inputSeedOf, type Lab } from '../faults/plan.ts';
import type { ExperimentId } from '../faults/replay-id.ts';
import { conductTraced, type Trace } from '../faults/trace.ts';
import { untriedLayers } from '../report/layer-section.ts';
import { findMode } from '../scenario/modes.ts';
import { SymbolTable } from '../scenario/symbol-table.ts';
import { UsageError } from './errors.ts';
import type { Task } from './tasks.ts';
import type { Workspace } from './workspace.ts';

/** Names of the images of that mode that a fault may be put into. */
export function componentsOf(mode: string): string[] {
  return findMode(mode).components.map(({ image }) => image);
}

export function layerIds(
  modes: readonly string[],
  seed: number,
  n: number,
  classes: readonly LayerClass[] = LAYER_CLASSES,
): LayerId[] {
  return modes.flatMap((mode) =>
    componentsOf(mode).flatMap((component) =>
      classes.flatMap((name) =>
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

/** Those that the component has any bits for. */
export function layerTasksIn(workspace: Workspace, ids: readonly LayerId[]): Task[] {
  return ids
    .filter((id) => hasBits(componentOf(workspace, id.component), id.class))
    .map((id): Task => ({ kind: 'layer', id }));
}

export const LAYER_REMEDY = 'use cpus: shared for faults in layers';

/** Keeps what all faults of one component share. */
export function createLayerCases(workspace: Workspace, lab: Lab): (id: LayerId) => LayerCase {
  const profiles = new Map<string, LayerProfile>();
  return (id) => {
    const why = untriedLayers(workspace.scenario.factors);
    if (why !== undefined) throw new UsageError(workspace.file, `no fault in a layer: ${why}`, LAYER_REMEDY);
    const rig = lab.rig(id.mode);
    const inputSeed = inputSeedOf(id.seed, 0);
    const golden = lab.golden(id.mode, inputSeed);
    const component = componentOf(workspace, id.component);
    const key = `${id.mode} ${id.component} ${id.seed}`;
    const profile = profiles.get(key) ?? profileOf(rig, golden, inputSeed, component.party);
    profiles.set(key, profile);
    return { id, rig, golden, component, profile, inputSeed };
  };
}

/** Any experiment, in a guest or in a layer. */
export function traceOf(workspace: Workspace, lab: Lab, id: ExperimentId): Trace {
  const inLayer = layerIdOf(id);
  if (inLayer === undefined) return conductTraced(lab, id);
  return conductLayerTraced(createLayerCases(workspace, lab)(inLayer), lab.stamp);
}
