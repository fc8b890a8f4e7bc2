// `taco shrink`: a smaller fault with the same endpoint, step by step, and the id under which it can be replayed.

import { type Changes, changedFault } from '../faults/changes.ts';
import { describeAct, describePoint } from '../faults/describe.ts';
import { layerIdOf } from '../faults/layer-fault.ts';
import { conduct, faultOf, rigFor } from '../faults/plan.ts';
import { formatId } from '../faults/replay-id.ts';
import { endpointOf, shrink } from '../faults/shrink.ts';
import { counted } from '../report/paper.ts';
import { type ShrinkDocument, shrinkSchema } from '../report/replay-schema.ts';
import { EXIT, HarnessError, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { explainingAct } from './own-act.ts';
import { checkReplayId } from './replay.ts';
import { labOf } from './tasks.ts';
import { locating, openWorkspace } from './workspace.ts';

const PLACE = 'taco shrink:';

export interface ShrinkOptions {
  readonly id: string;
  readonly scenario: string | undefined;
  /** Experiments at most. */
  readonly runs: number;
  readonly json: boolean;
}

export function shrinkFault(host: Host, options: ShrinkOptions): number {
  const workspace = openWorkspace(host.root, options.scenario);
  const { changes: already, ...id } = checkReplayId(workspace, options.id, PLACE);
  if (layerIdOf(id) !== undefined) {
    throw new UsageError(PLACE, `${options.id} is one bit of a layer`, 'shrink a fault in a guest');
  }
  if (already !== undefined) {
    throw new UsageError(PLACE, `${options.id} is a shrunk fault already`, `shrink ${formatId(workspace.stamp, id)}`);
  }
  const lab = labOf(workspace);
  const rig = rigFor(lab, id);
  const drawn = explainingAct(PLACE, () => locating(workspace, () => faultOf(lab, id)));
  const told = (changes: Changes | undefined) => {
    const fault = changedFault(drawn, changes);
    const replay = formatId(workspace.stamp, { ...id, changes });
    return { replay, when: describePoint(rig, fault), what: describeAct(rig, fault.what) };
  };
  const say = (text: string): void => (options.json ? host.err : host.out)(`${text}\n`);
  const record = conduct(lab, id);
  if (record.outcome.harnessError !== '') throw new HarnessError(record.outcome.harnessError);
  const endpoint = endpointOf(record);
  const first = told(undefined);
  say(`${first.replay}\n  ${first.what}, ${first.when}\n  ${endpoint}`);
  const steps: ShrinkDocument['steps'] = [];
  shrink({
    drawn,
    faultWith: (changes) => changedFault(drawn, changes),
    holds: (changes) => endpointOf(conduct(lab, { ...id, changes })) === endpoint,
    onStep: ({ changes, runs }) => {
      const step = { ...told(changes), runs };
      steps.push(step);
      say(`after ${counted(runs, 'run')}: ${step.what}, ${step.when}`);
    },
    patience: options.runs,
  });
  const smallest = steps.at(-1);
  say(
    smallest === undefined
      ? 'nothing smaller that was tried ends the same way'
      : `the same endpoint: ./taco replay ${smallest.replay}`,
  );
  if (options.json) {
    const document = shrinkSchema.parse({ schema: 'taco.shrink/1', endpoint, drawn: first, steps });
    host.out(`${JSON.stringify(document, null, 2)}\n`);
  }
  return EXIT.OK;
}
