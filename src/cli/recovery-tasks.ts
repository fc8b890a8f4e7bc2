// What restarts save, as units of work: each fault that lost a guest, under each policy.

import { type LayerCase, type LayerId, layerFaultOf, layerIdOf } from '../faults/layer-fault.ts';
import { faultOf, type Lab } from '../faults/plan.ts';
import {
  RECOVERIES,
  type Recovery,
  type RecoveryRecord,
  recoverGuest,
  recoverLayer,
  rigUnder,
} from '../faults/recovery.ts';
import { type ExperimentId, formatId, parseId } from '../faults/replay-id.ts';
import type { Rig } from '../faults/rig.ts';
import type { Loss } from '../faults/tally-recovery.ts';

export interface RecoveryTask {
  readonly kind: 'recovery';
  readonly id: ExperimentId;
  readonly recovery: Recovery;
}

/** A layer that was not hit need not be restarted. */
export function recoveryTasks(losses: readonly Loss[]): RecoveryTask[] {
  return RECOVERIES.flatMap((recovery) =>
    losses.flatMap(({ id: text }): RecoveryTask[] => {
      const id = parseId(text)?.id;
      if (id === undefined || (recovery === 'layer restart' && layerIdOf(id) === undefined)) return [];
      return [{ kind: 'recovery', id, recovery }];
    }),
  );
}

/** Keeps the machine as it boots under each policy. */
export function createRecoverer(
  lab: Lab,
  layerCase: (id: LayerId) => LayerCase,
): (task: RecoveryTask) => RecoveryRecord {
  const rigs = new Map<string, Rig>();
  const rigOf = (mode: string, recovery: Recovery): Rig => {
    const key = `${mode} ${recovery}`;
    const rig = rigs.get(key) ?? rigUnder(lab.rig(mode), recovery);
    rigs.set(key, rig);
    return rig;
  };
  const saves = (id: ExperimentId, recovery: Recovery): boolean => {
    const layerId = layerIdOf(id);
    if (layerId === undefined) {
      const fault = faultOf(lab, id);
      return recoverGuest(rigOf(id.mode, recovery), lab.golden(id.mode, fault.inputSeed), fault, recovery);
    }
    const of = layerCase(layerId);
    return recoverLayer(rigOf(id.mode, recovery), of.golden, layerFaultOf(of), of.component.party, recovery);
  };
  return ({ id, recovery }) => ({
    id: formatId(lab.stamp, id),
    from: id.from,
    inLayer: layerIdOf(id) !== undefined,
    mode: id.mode,
    recovery,
    saved: saves(id, recovery),
  });
}
