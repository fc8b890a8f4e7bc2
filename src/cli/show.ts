// `taco show`: one fault in all modes, with consoles and causal chain.

import { OWN_ACT } from '../faults/assembly.ts';
import { findClass } from '../faults/catalogue.ts';
import type { ExperimentId } from '../faults/replay-id.ts';
import { showSection } from '../report/show-section.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { traceOf } from './layer-tasks.ts';
import { explainingAct } from './own-act.ts';
import { checkReplayId, checkTarget } from './replay.ts';
import { labOf } from './tasks.ts';
import { locating, openWorkspace, sharedModesOf, type Workspace } from './workspace.ts';

export interface ShowOptions {
  /** A class, a replay id, or `act` for the scenario's own; only a title beside `asm`. */
  readonly fault: string | undefined;
  readonly scenario: string | undefined;
  readonly from: string | undefined;
  readonly seed: number;
  /** A bug of one's own. */
  readonly asm: string | undefined;
  /** See `openWorkspace`. */
  readonly cache: boolean;
}

const PLACE = 'taco show:';
/** The name under which a scenario's own act is shown. */
const SCENARIO_ACT = 'act';

/** One experiment per shared mode, aimed at the first neighbour. */
function idsOf(workspace: Workspace, name: string, options: ShowOptions): ExperimentId[] {
  const names = workspace.scenario.guests.map((guest) => guest.name);
  const from = options.from ?? names[0] ?? '';
  if (!names.includes(from))
    throw new UsageError(PLACE, `there is no guest ${from}`, `choose from ${names.join(', ')}`);
  if (names.length < 2) throw new UsageError(workspace.file, 'has one guest', 'a fault is shown beside a neighbour');
  const modes = sharedModesOf(workspace.scenario);
  if (modes.length === 0) {
    throw new UsageError(workspace.file, 'has no mode that shares the hart', 'add colocated, open or virtualized');
  }
  return modes.map((mode) => ({ class: name, mode, from, seed: options.seed, n: 0 }));
}

function idsOfClass(workspace: Workspace, name: string, options: ShowOptions): ExperimentId[] {
  const fault = findClass(name);
  if (fault === undefined) {
    throw new UsageError(PLACE, `there is no fault ${name}`, 'see `taco list faults`, or give a replay id');
  }
  if (!fault.expressible) {
    throw new UsageError(PLACE, `${fault.id} cannot be run yet: ${fault.why}`, '`taco list faults` says which can');
  }
  const ids = idsOf(workspace, fault.id, options);
  for (const id of ids) checkTarget(workspace, id, PLACE);
  return ids;
}

function titleOf(id: ExperimentId): string {
  if (id.class === OWN_ACT) return `an act of ${id.from}'s own`;
  const fault = findClass(id.class);
  return `${id.class}${fault === undefined ? '' : `, ${fault.name}`}: ${id.from} is hit`;
}

function showAll(host: Host, workspace: Workspace, ids: readonly ExperimentId[]): void {
  const lab = labOf(workspace);
  for (const [index, id] of ids.entries()) {
    const title = titleOf(id);
    const trace = explainingAct(PLACE, () => locating(workspace, () => traceOf(workspace, lab, id)));
    host.out(`${index === 0 ? '' : '\n'}${showSection(host.paper, title, trace).join('\n')}\n`);
  }
}

export function show(host: Host, options: ShowOptions): number {
  const { asm, fault } = options;
  // Beside --asm a fault may be left out, and the only word is the scenario.
  const scenario = asm !== undefined && fault?.endsWith('.yaml') === true ? fault : options.scenario;
  const workspace = openWorkspace(host.root, scenario, options.cache);
  if (asm !== undefined) {
    const ids = idsOf(workspace, OWN_ACT, options).map((id) => ({ ...id, asm }));
    showAll(host, workspace, ids);
  } else if (fault === SCENARIO_ACT) {
    const { act } = workspace.scenario;
    if (act === undefined) throw new UsageError(workspace.file, 'has no act', "add one: act: 'sd zero, 0(a0)'");
    showAll(host, workspace, idsOf(workspace, OWN_ACT, options));
  } else if (fault === undefined) {
    throw new UsageError(PLACE, 'no fault is named', "give one of `taco list faults`, or --asm 'sd zero, 0(a0)'");
  } else {
    const isId = fault.startsWith('t1.');
    showAll(host, workspace, isId ? [checkReplayId(workspace, fault)] : idsOfClass(workspace, fault, options));
  }
  return EXIT.OK;
}
