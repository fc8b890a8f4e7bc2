// `taco show`: one fault in all modes, with consoles and causal chain.

import { findClass } from '../faults/catalogue.ts';
import type { ExperimentId } from '../faults/replay-id.ts';
import { conductTraced } from '../faults/trace.ts';
import { showSection } from '../report/show-section.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { checkReplayId, checkTarget } from './replay.ts';
import { labOf } from './tasks.ts';
import { locating, openWorkspace, sharedModesOf, type Workspace } from './workspace.ts';

export interface ShowOptions {
  /** A class, or a replay id. */
  readonly fault: string;
  readonly scenario: string | undefined;
  readonly from: string | undefined;
  readonly seed: number;
}

/** One experiment per shared mode, aimed at the first neighbour. */
function idsOfClass(workspace: Workspace, options: ShowOptions): ExperimentId[] {
  const fault = findClass(options.fault);
  const place = 'taco show:';
  if (fault === undefined) {
    throw new UsageError(place, `there is no fault ${options.fault}`, 'see `taco list faults`, or give a replay id');
  }
  if (!fault.expressible) {
    throw new UsageError(place, `${fault.id} cannot be run yet: ${fault.why}`, '`taco list faults` says which can');
  }
  const names = workspace.scenario.guests.map(({ name }) => name);
  const from = options.from ?? names[0] ?? '';
  if (!names.includes(from))
    throw new UsageError(place, `there is no guest ${from}`, `choose from ${names.join(', ')}`);
  if (names.length < 2) throw new UsageError(workspace.file, 'has one guest', 'a fault is shown beside a neighbour');
  const modes = sharedModesOf(workspace.scenario);
  if (modes.length === 0) {
    throw new UsageError(workspace.file, 'has no mode that shares the hart', 'add colocated, open or virtualized');
  }
  const ids = modes.map((mode) => ({ class: fault.id, mode, from, seed: options.seed, n: 0 }));
  for (const id of ids) checkTarget(workspace, id, place);
  return ids;
}

export function show(host: Host, options: ShowOptions): number {
  const workspace = openWorkspace(host.root, options.scenario);
  const parsed = options.fault.startsWith('t1.') ? checkReplayId(workspace, options.fault) : undefined;
  const ids = parsed === undefined ? idsOfClass(workspace, options) : [parsed];
  const lab = labOf(workspace);
  for (const [index, id] of ids.entries()) {
    const fault = findClass(id.class);
    const title = `${id.class}${fault === undefined ? '' : `, ${fault.name}`}: ${id.from} is hit`;
    const lines = showSection(
      host.paper,
      title,
      locating(workspace, () => conductTraced(lab, id)),
    );
    host.out(`${index === 0 ? '' : '\n'}${lines.join('\n')}\n`);
  }
  return EXIT.OK;
}
