// `taco shrink`: a smaller fault with the same endpoint, step by step, and the id under which it can be replayed.

import { type Changes, changedFault } from '../faults/changes.ts';
import { describeAct, describePoint } from '../faults/describe.ts';
import { conduct, faultOf } from '../faults/plan.ts';
import { formatId } from '../faults/replay-id.ts';
import { endpointOf, shrink } from '../faults/shrink.ts';
import { counted } from '../report/paper.ts';
import { EXIT, HarnessError, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { checkReplayId } from './replay.ts';
import { labOf } from './tasks.ts';
import { locating, openWorkspace } from './workspace.ts';

export interface ShrinkOptions {
  readonly id: string;
  readonly scenario: string | undefined;
  /** Experiments at most. */
  readonly runs: number;
}

export function shrinkFault(host: Host, options: ShrinkOptions): number {
  const workspace = openWorkspace(host.root, options.scenario);
  const { changes: already, ...id } = checkReplayId(workspace, options.id, 'taco shrink:');
  if (already !== undefined) {
    throw new UsageError(
      'taco shrink:',
      `${options.id} is a shrunk fault already`,
      `shrink ${formatId(workspace.stamp, id)}`,
    );
  }
  const lab = labOf(workspace);
  const rig = lab.rig(id.mode);
  const drawn = locating(workspace, () => faultOf(lab, id));
  const tell = (changes: Changes): string => {
    const fault = changedFault(drawn, changes);
    return `${describeAct(rig, fault.what)}, ${describePoint(rig, fault)}`;
  };
  const record = conduct(lab, id);
  if (record.outcome.harnessError !== '') throw new HarnessError(record.outcome.harnessError);
  const endpoint = endpointOf(record);
  host.out(`${record.id}\n  ${tell({})}\n  ${endpoint}\n`);
  const smallest = shrink({
    drawn,
    faultWith: (changes) => changedFault(drawn, changes),
    holds: (changes) => endpointOf(conduct(lab, { ...id, changes })) === endpoint,
    onStep: ({ changes, runs }) => host.out(`after ${counted(runs, 'run')}: ${tell(changes)}\n`),
    patience: options.runs,
  });
  host.out(
    smallest === undefined
      ? 'nothing smaller that was tried ends the same way\n'
      : `the same endpoint: ./taco replay ${formatId(workspace.stamp, { ...id, changes: smallest.changes })}\n`,
  );
  return EXIT.OK;
}
