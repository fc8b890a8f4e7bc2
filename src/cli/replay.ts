// `taco replay`: one experiment again, from its id.

import { OWN_ACT } from '../faults/assembly.ts';
import { findClass } from '../faults/catalogue.ts';
import { canStrike } from '../faults/experiments.ts';
import { NATIVE } from '../faults/lab.ts';
import { layerIdOf } from '../faults/layer-fault.ts';
import { placesOf } from '../faults/places.ts';
import { type ExperimentId, parseId } from '../faults/replay-id.ts';
import { isControl } from '../faults/controls.ts';
import type { Trace } from '../faults/trace.ts';
import { type ReplayDocument, replaySchema } from '../report/replay-schema.ts';
import { showSection } from '../report/show-section.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { componentsOf, traceOf } from './layer-tasks.ts';
import { explainingAct } from './own-act.ts';
import { labOf } from './tasks.ts';
import { watchReplay } from './watch-replay.ts';
import { locating, openWorkspace, sharedModesOf, type Workspace } from './workspace.ts';

export interface ReplayOptions {
  readonly id: string;
  readonly scenario: string | undefined;
  readonly json: boolean;
  /** TCP port on which a debugger is awaited. */
  readonly gdb: number | undefined;
  /** File for a timeline. */
  readonly trace: string | undefined;
  /** See `openWorkspace`. */
  readonly cache: boolean;
}

/** A kernel without paging, for one, has no page table to strike. */
export function checkTarget({ scenario, images }: Workspace, id: ExperimentId, place: string): void {
  const to = scenario.guests.map(({ name }) => name).filter((name) => name !== id.from)[id.n] ?? '';
  if (isControl(id.class) || canStrike(placesOf(scenario, images), id.class, to)) return;
  throw new UsageError(
    place,
    `${to} has nothing that ${id.class} strikes`,
    'name the guest to be hit so that its neighbour has it',
  );
}

function checkNeighbour({ scenario }: Workspace, id: ExperimentId, place: string): void {
  const neighbours = scenario.guests.length - 1;
  if (id.n < neighbours) return;
  throw new UsageError(place, `${id.from} has no neighbour ${id.n}`, `use a number below ${neighbours}`);
}

function checkComponent(id: ExperimentId, place: string): ExperimentId {
  const components = componentsOf(id.mode);
  if (components.includes(id.from)) return id;
  throw new UsageError(place, `mode ${id.mode} has no ${id.from}`, `choose from ${components.join(', ')}`);
}

/** Its text stands in the id, else in the scenario. */
function checkOwnAct(workspace: Workspace, id: ExperimentId, place: string): ExperimentId {
  checkNeighbour(workspace, id, place);
  if (id.asm !== undefined || workspace.scenario.act !== undefined) return id;
  throw new UsageError(place, `${workspace.file} has no act`, 'name the scenario that has it with --scenario');
}

/** The experiment that an id means here; an id of other images or another scenario means nothing. */
export function checkReplayId(workspace: Workspace, text: string, place = 'taco replay:'): ExperimentId {
  const parsed = parseId(text);
  if (parsed === undefined) {
    throw new UsageError(place, `${text} is no replay id`, 'its form is t1.<8 hex>.<class>.<mode>.<guest>.<seed>-<n>');
  }
  const { stamp, id } = parsed;
  if (stamp !== workspace.stamp) {
    throw new UsageError(
      place,
      `this id was recorded with images and scenario ${stamp}, these are ${workspace.stamp}`,
      'check out the images and the scenario of that run (see env.json in its folder)',
    );
  }
  const alone = workspace.scenario.modes.includes(NATIVE) && findClass(parsed.id.class)?.kind === 'random';
  const modes = [...sharedModesOf(workspace.scenario), ...(alone ? [NATIVE] : [])];
  const names = workspace.scenario.guests.map(({ name }) => name);
  if (!modes.includes(id.mode)) {
    throw new UsageError(place, `no experiment is made in mode ${id.mode}`, `choose from ${modes.join(', ')}`);
  }
  if (layerIdOf(id) !== undefined) return checkComponent(id, place);
  if (!names.includes(id.from)) {
    throw new UsageError(place, `there is no guest ${id.from}`, `choose from ${names.join(', ')}`);
  }
  if (id.class === OWN_ACT) return checkOwnAct(workspace, id, place);
  const fault = findClass(id.class);
  if (fault?.expressible !== true && !isControl(id.class)) {
    throw new UsageError(place, `there is no fault ${id.class} that can be run`, 'see `taco list faults`');
  }
  if (fault?.kind === 'directed') checkNeighbour(workspace, id, place);
  checkTarget(workspace, id, place);
  return id;
}

/** Checked against its own schema before anybody sees it. */
function documentOf(trace: Trace): ReplayDocument {
  const { record } = trace;
  const { faulty, bystanders, crashes, layer } = record.outcome;
  return replaySchema.parse({
    schema: 'taco.replay/1',
    id: record.id,
    mode: record.mode,
    fault: { class: record.class, from: record.from, when: trace.when, what: trace.what },
    outcome: { faulty, bystanders, crashes, layer },
    ledger: record.effects,
    stateHash: record.stateHash,
  });
}

export async function replay(host: Host, options: ReplayOptions): Promise<number> {
  const workspace = openWorkspace(host.root, options.scenario, options.cache);
  const id = checkReplayId(workspace, options.id);
  const lab = labOf(workspace);
  const trace = explainingAct('taco replay:', () => locating(workspace, () => traceOf(workspace, lab, id)));
  const document = documentOf(trace);
  const lines = [
    ...showSection(host.paper, `${id.class}: ${id.from} is hit`, trace),
    `   faulty guest: ${document.outcome.faulty} | state hash ${document.stateHash}`,
  ];
  (options.json ? host.err : host.out)(`${lines.join('\n')}\n`);
  if (options.json) host.out(`${JSON.stringify(document, null, 2)}\n`);
  if (options.gdb !== undefined || options.trace !== undefined) {
    await watchReplay(host, { workspace, lab, id, trace }, options);
  }
  return trace.record.outcome.harnessError === '' ? EXIT.OK : EXIT.INTERNAL;
}
