// The units of work that go to workers, and what a worker does with one. Tasks and rows are plain data.

import { measureApps } from '../cost/apps/measure-apps.ts';
import type { AppRow } from '../cost/apps/records.ts';
import { type CostResult, type CostTask, createCostPerformer } from '../cost/plan.ts';
import { bootProbe, bootRig } from '../faults/boot-rig.ts';
import { findClass } from '../faults/catalogue.ts';
import { exposureOf } from '../faults/exposure.ts';
import { createLab } from '../faults/lab.ts';
import { conductLonger, type LaterRecord } from '../faults/latent.ts';
import { conductLayer, type LayerId, type LayerRecord } from '../faults/layer-fault.ts';
import type { Observation } from '../faults/observation.ts';
import { inputSeedOf, conduct, type Lab, lostRecord } from '../faults/plan.ts';
import type { ExperimentRecord, ExposureRow, ReachRow, UsesRow } from '../faults/records.ts';
import type { RecoveryRecord } from '../faults/recovery.ts';
import { type ExperimentId, formatId } from '../faults/replay-id.ts';
import { type Rig, rigGuest } from '../faults/rig.ts';
import { runFaultFree } from '../faults/run-to-end.ts';
import { type ProbeRig, sweepFetches, sweepPages, sweepRegisters } from '../faults/sweep.ts';
import { conductTraced } from '../faults/trace.ts';
import { warmMachine } from '../faults/warm-up.ts';
import { type VisibilityRow, visibility } from '../faults/visibility.ts';
import { type WatchedRow, watchedRowOf } from '../report/watched-schema.ts';
import { type BootPlan, planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { findMode } from '../scenario/modes.ts';
import { HarnessError } from './errors.ts';
import { createLayerCases } from './layer-tasks.ts';
import { resourcesOf } from './predictions.ts';
import { createRecoverer, type RecoveryTask } from './recovery-tasks.ts';
import { locating, type Workspace } from './workspace.ts';

export type Task =
  | { readonly kind: 'experiment' | 'longer' | 'watch'; readonly id: ExperimentId }
  /** The fault-free run; natively of one guest alone. */
  | {
      readonly kind: 'golden';
      readonly mode: string;
      readonly only: string | undefined;
      readonly inputSeed: number;
      /** How-manieth time. */
      readonly repeat: number;
    }
  | { readonly kind: 'pages' | 'registers'; readonly mode: string; readonly guest: number }
  | {
      readonly kind: 'fetches';
      readonly mode: string;
      readonly guest: number;
      readonly first: number;
      readonly last: number;
    }
  | { readonly kind: 'visibility'; readonly mode: string }
  | { readonly kind: 'exposure'; readonly mode: string; readonly from: string; readonly inputSeed: number }
  /** A guest's fault space, divided by a pruned class. */
  | {
      readonly kind: 'uses';
      readonly class: string;
      readonly from: string;
      readonly seed: number;
      readonly trajectory: number;
    }
  | { readonly kind: 'layer'; readonly id: LayerId }
  | RecoveryTask
  | { readonly kind: 'cost'; readonly cost: CostTask }
  | { readonly kind: 'apps'; readonly mode: string };

export type Row =
  | { readonly kind: 'experiment'; readonly record: ExperimentRecord }
  | { readonly kind: 'longer'; readonly record: LaterRecord }
  | { readonly kind: 'golden'; readonly stateHash: string; readonly cycles: number }
  | { readonly kind: 'watched'; readonly row: WatchedRow }
  | { readonly kind: 'reach'; readonly row: ReachRow }
  | { readonly kind: 'visibility'; readonly row: VisibilityRow }
  | { readonly kind: 'exposure'; readonly row: ExposureRow }
  | { readonly kind: 'uses'; readonly row: UsesRow }
  | { readonly kind: 'layer'; readonly record: LayerRecord }
  | { readonly kind: 'recovery'; readonly record: RecoveryRecord }
  | { readonly kind: 'cost'; readonly result: CostResult }
  | { readonly kind: 'apps'; readonly rows: readonly AppRow[] };

export type Perform = (task: Task) => Row[];

const key = (...parts: readonly (string | number)[]): string => parts.join(' ');

/** The mode's boot that has the guest `only`, or its first one. */
export function planMode(workspace: Workspace, mode: string, only?: string): BootPlan {
  const plans = planBoots(findMode(mode), workspace.scenario, workspace.images);
  const plan = plans.find(({ guests }) => only === undefined || guests.some(({ name }) => name === only));
  if (plan === undefined) throw new RangeError(`mode ${mode} does not boot ${only}`);
  return plan;
}

export function bootMode(workspace: Workspace, mode: string, only?: string): Rig {
  const plan = planMode(workspace, mode, only);
  const machine = warmMachine(plan, workspace.warmUps);
  machine.probe.on('uncompiled', ({ why }) => {
    process.stderr.write(`${mode}: the rest is interpreted, which takes longer and changes no result: ${why}\n`);
  });
  return bootRig(plan, machine);
}

export function labOf(workspace: Workspace): Lab {
  const { act, guests } = workspace.scenario;
  const known = { act, guests: guests.map(({ name }) => name) };
  return createLab(workspace.stamp, (mode, only) => bootMode(workspace, mode, only), known);
}

/** Under which its rows are known for ever. */
export function keyOf(stamp: string, task: Task): string {
  switch (task.kind) {
    case 'experiment':
      return formatId(stamp, task.id);
    case 'longer':
    case 'watch':
      return key(task.kind, formatId(stamp, task.id));
    case 'golden':
      return key('golden', task.mode, task.only ?? 'all', task.inputSeed, task.repeat);
    case 'pages':
    case 'registers':
      return key('reach', task.kind, task.mode, task.guest);
    case 'fetches':
      return key('reach', task.kind, task.mode, task.guest, task.first, task.last);
    case 'visibility':
      return key('visibility', task.mode);
    case 'exposure':
      return key('exposure', task.mode, task.from, task.inputSeed);
    case 'uses':
      return key('uses', task.class, task.from, task.seed, task.trajectory);
    case 'layer':
      return key('layer', ...Object.values(task.id));
    case 'recovery':
      return key('recovery', task.recovery, formatId(stamp, task.id));
    case 'cost':
      return key('cost', ...Object.values(task.cost).flat());
    case 'apps':
      return key('apps', task.mode);
  }
}

/** An experiment that could not be made is counted, never dropped; without any other task there is nothing to report. */
export function lostRows(stamp: string, task: Task, reason: string): Row[] {
  if (task.kind !== 'experiment') throw new HarnessError(`${keyOf(stamp, task)} could not be done: ${reason}`);
  return [{ kind: 'experiment', record: lostRecord(stamp, task.id, reason) }];
}

function usesRow(lab: Lab, { class: name, from, seed, trajectory }: Extract<Task, { kind: 'uses' }>): UsesRow {
  const { uses } = findClass(name) ?? {};
  if (uses === undefined) throw new RangeError(`${name} is not drawn by uses`);
  const { space } = lab.uses(from, inputSeedOf(seed, trajectory), uses);
  return { class: name, from, trajectory, classes: space.size, live: space.live, known: space.known };
}

/** Keeps its machines: most of a campaign starts from the same few. */
export function createPerformer(workspace: Workspace): Perform {
  const lab = labOf(workspace);
  // A machine is some hundred MiB of address space; probes come in runs of the same, so one is kept.
  let probe: { readonly name: string; readonly rig: ProbeRig } | undefined;
  const layerCase = createLayerCases(workspace, lab);
  const recover = createRecoverer(lab, layerCase);
  const performCost = createCostPerformer(workspace.scenario, (scenario) =>
    openImages({ ...workspace.loaded, scenario }, workspace.readImage),
  );

  const probeOf = (mode: string, guest: number): ProbeRig => {
    const name = key(mode, guest);
    if (probe?.name !== name) {
      probe = { name, rig: bootProbe(findMode(mode), workspace.scenario, workspace.images, guest) };
    }
    return probe.rig;
  };
  const watch = (id: ExperimentId): WatchedRow =>
    watchedRowOf(
      findClass(id.class)?.name ?? '',
      locating(workspace, () => conductTraced(lab, id)),
    );
  /** A worker's first time is its lab's own, which experiments start from; the others are made for the comparison alone. */
  const told = new Set<string>();
  const golden = ({ mode, only, inputSeed }: Extract<Task, { kind: 'golden' }>): Observation => {
    const name = key(mode, only ?? 'all', inputSeed);
    if (told.has(name)) return runFaultFree(only === undefined ? lab.rig(mode) : lab.native(only), inputSeed);
    told.add(name);
    return (only === undefined ? lab.golden(mode, inputSeed) : lab.nativeGolden(only, inputSeed)).observation;
  };
  const exposure = ({ mode, from, inputSeed }: Extract<Task, { kind: 'exposure' }>): ExposureRow => {
    const rig = lab.rig(mode);
    const { index } = rig.guests.find(({ name }) => name === from) ?? {};
    if (index === undefined) throw new RangeError(`mode ${mode} has no guest ${from}`);
    return exposureOf(rig, lab.golden(mode, inputSeed), rigGuest(rig, index), inputSeed);
  };
  const reach = (rows: readonly ReachRow[]): Row[] => rows.map((row) => ({ kind: 'reach', row }));

  return (task) => {
    switch (task.kind) {
      case 'experiment':
        return [{ kind: 'experiment', record: locating(workspace, () => conduct(lab, task.id)) }];
      case 'longer':
        return [{ kind: 'longer', record: conductLonger(lab, task.id) }];
      case 'watch':
        return [{ kind: 'watched', row: watch(task.id) }];
      case 'golden': {
        const { stateHash, cycles } = locating(workspace, () => golden(task));
        return [{ kind: 'golden', stateHash, cycles }];
      }
      case 'pages':
        return reach(sweepPages(probeOf(task.mode, task.guest)));
      case 'registers':
        return reach(sweepRegisters(probeOf(task.mode, task.guest)));
      case 'fetches':
        return reach(sweepFetches(probeOf(task.mode, task.guest), task.first, task.last));
      case 'visibility': {
        const { scenario, images, root } = workspace;
        const rows = visibility(findMode(task.mode), scenario, images, resourcesOf(root));
        return rows.map((row) => ({ kind: 'visibility', row }));
      }
      case 'exposure':
        return [{ kind: 'exposure', row: locating(workspace, () => exposure(task)) }];
      case 'uses':
        return [{ kind: 'uses', row: locating(workspace, () => usesRow(lab, task)) }];
      case 'layer':
        return [{ kind: 'layer', record: conductLayer(layerCase(task.id), lab.stamp) }];
      case 'recovery':
        return [{ kind: 'recovery', record: recover(task) }];
      case 'cost':
        return [{ kind: 'cost', result: performCost(task.cost) }];
      case 'apps':
        return [{ kind: 'apps', rows: measureApps(findMode(task.mode), workspace.scenario, workspace.images) }];
    }
  };
}
