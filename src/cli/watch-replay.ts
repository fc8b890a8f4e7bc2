// A replay once more, on a machine of its own, with a debugger before it or a timeline beside it.

import { bootRig } from '../faults/boot-rig.ts';
import { inject } from '../faults/acts.ts';
import { approach } from '../faults/experiment.ts';
import { NATIVE } from '../faults/lab.ts';
import { approachLayer, injectLayer, layerFaultOf, layerIdOf } from '../faults/layer-fault.ts';
import { faultOf, goldenFor, type Lab } from '../faults/plan.ts';
import type { ExperimentId } from '../faults/replay-id.ts';
import type { Rig } from '../faults/rig.ts';
import type { Trace } from '../faults/trace.ts';
import { warmMachine } from '../faults/warm-up.ts';
import type { Stop } from '../machine/index.ts';
import { follow, Slices } from './advance.ts';
import { HarnessError, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { createLayerCases } from './layer-tasks.ts';
import { symbolCommands } from './symbol-commands.ts';
import { planMode } from './tasks.ts';
import { startTrace } from './trace-file.ts';
import type { Workspace } from './workspace.ts';

const SLICE = 500_000;

export interface Replayed {
  readonly workspace: Workspace;
  readonly lab: Lab;
  readonly id: ExperimentId;
  /** What came of it unwatched. */
  readonly trace: Trace;
}

/** A fault as it is put into a machine of one's own. */
interface Staged {
  /** To just before it; false where its point is not reached. */
  approach(rig: Rig): boolean;
  inject(rig: Rig): void;
}

function stage(workspace: Workspace, lab: Lab, id: ExperimentId): Staged {
  const layerId = layerIdOf(id);
  if (layerId !== undefined) {
    const of = createLayerCases(workspace, lab)(layerId);
    const fault = layerFaultOf(of);
    return {
      approach: (rig) => approachLayer(rig, fault, of.component.party),
      inject: (rig) => injectLayer(rig, fault),
    };
  }
  const fault = faultOf(lab, id);
  if (fault.what.kind === 'stuck' || fault.what.kind === 'intermittent') {
    throw new UsageError(`${id.class}:`, 'lasts, and cannot be watched', 'replay it without --gdb and --trace');
  }
  return {
    approach: (rig) => approach(rig, goldenFor(lab, id, fault.inputSeed), fault),
    inject: (rig) => void inject(rig, fault),
  };
}

/** A debugger finds the machine just before the injection, which happens when it first lets the machine go on. */
export async function watchReplay(
  host: Host,
  { workspace, lab, id, trace }: Replayed,
  options: { readonly gdb: number | undefined; readonly trace: string | undefined },
): Promise<void> {
  const staged = stage(workspace, lab, id);
  const plan = planMode(workspace, id.mode, id.mode === NATIVE ? id.from : undefined);
  const machine = warmMachine(plan, workspace.warmUps);
  const rig = bootRig(plan, machine);
  const nameOf = (from: number | 'layer'): string =>
    from === 'layer' ? 'layer' : (plan.guests.find(({ index }) => index === from)?.name ?? `uart ${from}`);
  const timeline = startTrace(machine, nameOf, options.trace);
  let due = staged.approach(rig);
  const slices = new Slices(machine, SLICE);
  const slice = (): Stop => {
    if (due) staged.inject(rig);
    due = false;
    return slices.next(trace.end.cycle);
  };
  const ended = (stop: Stop): string => {
    if (stop.kind === 'finished') return 'the machine was switched off or reset';
    if (stop.kind === 'idle') return 'nothing will ever happen again';
    return machine.cycles >= trace.end.cycle ? 'the experiment is over' : '';
  };
  const title = `${id.mode}, ${due ? `before the injection: ${trace.what}` : 'where the point of injection is not reached'}`;
  const debuggee = { machine, nameOf, title, symbols: symbolCommands(plan) };
  await follow(host, { slice, ended }, options.gdb === undefined ? undefined : { port: options.gdb, debuggee });
  timeline.write();
  // A debugger may have written registers or memory, or ended the run early; nothing else may have.
  if (options.gdb === undefined && machine.hash() !== trace.record.stateHash) {
    throw new HarnessError(
      `the replay that was watched ended in state ${machine.hash()}, not ${trace.record.stateHash}`,
    );
  }
}
