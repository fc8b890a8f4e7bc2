// The argument, section by section as each is measured and printed.

import { findClass } from '../faults/catalogue.ts';
import { controlsOf, isControl } from '../faults/controls.ts';
import { EFFORTS } from '../faults/effort.ts';
import {
  allDirected,
  controlExperiments,
  type Design,
  directedExperiments,
  randomExperiments,
  separateExperiments,
} from '../faults/experiments.ts';
import { isLatent } from '../faults/latent.ts';
import type { LayerRecord } from '../faults/layer-fault.ts';
import type { Prediction } from '../faults/predict.ts';
import type { ExperimentRecord, RecoveryRow } from '../faults/records.ts';
import { mergeReach } from '../faults/sweep.ts';
import { caughtOf, ratesOf, residualOf } from '../faults/tally.ts';
import { delaysOf } from '../faults/tally-delays.ts';
import { layerRowsOf } from '../faults/tally-layer.ts';
import { pairedOf } from '../faults/tally-paired.ts';
import { lossesOf, recoveryRowsOf } from '../faults/tally-recovery.ts';
import { ISOLATION_LABEL } from '../faults/translation.ts';
import { chanceSection } from '../report/chance-section.ts';
import { judge } from '../report/claims/index.ts';
import { costSection } from '../report/cost-section.ts';
import { delayLines } from '../report/delay-lines.ts';
import { type ArgueDocument, argueSchema } from '../report/documents.ts';
import { headerSection } from '../report/header-section.ts';
import { laterLines } from '../report/inject-section.ts';
import { layerSection, untriedLayers } from '../report/layer-section.ts';
import { PLAIN, type Paper } from '../report/paper.ts';
import { reachSection } from '../report/reach-section.ts';
import { recoveryLines, untriedRestarts } from '../report/recovery-lines.ts';
import { limitsSection, verdictSection } from '../report/verdict-section.ts';
import { watchedSection } from '../report/watched.ts';
import { footprints } from '../scenario/footprint.ts';
import { findMode, inReportOrder } from '../scenario/modes.ts';
import { experimentsOf, experimentTasks, type Session } from './campaign-session.ts';
import { capabilityRows, predictionOf } from './capability.ts';
import { measureCost } from './cost-evidence.ts';
import { measureExposures } from './exposure-tasks.ts';
import { factorsOf } from './factors.ts';
import { checkGoldens } from './golden-gate.ts';
import type { Host } from './host.ts';
import { measureLater } from './latent-tasks.ts';
import { layerIds } from './layer-tasks.ts';
import { recoveryTasks } from './recovery-tasks.ts';
import { sweepTasks } from './sweep-tasks.ts';
import type { Task } from './tasks.ts';
import { machineDoubts } from './validation.ts';
import type { Workspace } from './workspace.ts';

/** The bug that is watched first, in every mode. */
export const WATCHED = 'MEM-14';
const MEBIBYTE = 2 ** 20;

/** What is measured with. */
export interface Argument {
  readonly host: Host;
  readonly options: { readonly effort: keyof typeof EFFORTS; readonly seed: number; readonly json: boolean };
  readonly workspace: Workspace;
  readonly design: Design;
  readonly predictions: readonly Prediction[];
  readonly session: Session;
  /** To get the same again. */
  readonly command: string;
  /** To people: stdout, or stderr where a document goes to stdout. */
  readonly print: (lines: readonly string[]) => void;
}

/** What is known before the first run. */
type Head = ReturnType<typeof headOf>;

const paperOf = ({ host, options }: Argument): Paper => (options.json ? PLAIN : host.paper);

function headOf({ host, options, workspace, command }: Argument) {
  const { scenario } = workspace;
  const doubts = machineDoubts(host.root);
  return {
    schema: 'taco.argue/1' as const,
    seed: options.seed,
    version: host.version,
    command,
    stamp: workspace.stamp,
    images: workspace.hashes,
    modes: inReportOrder(scenario.modes),
    factors: factorsOf(scenario),
    machineValidated: doubts.length === 0,
    doubts,
  };
}

function printHead(argument: Argument, head: Head): void {
  const { workspace, design, print } = argument;
  const { scenario, stamp } = workspace;
  print(
    headerSection(paperOf(argument), {
      document: head,
      guests: design.guests,
      harts: scenario.factors.cpus === 'dedicated' ? design.guests.length : 1,
      ramMebibytes: scenario.machine.ramSize / MEBIBYTE,
      stamp,
      modes: head.modes.map(findMode),
    }),
  );
}

/** One bug, then all that one act can touch. */
async function measureReach(argument: Argument, head: Head) {
  const { options, workspace, design, session, print } = argument;
  const paper = paperOf(argument);
  const [watched = [], ...otherWatched] = directedExperiments(design, WATCHED);
  const first = experimentsOf(await session.run('one bug', experimentTasks([watched])));
  print(['', ...watchedSection(paper, `${WATCHED}: ${findClass(WATCHED)?.name}, by ${first[0]?.from}`, first)]);

  const acts = allDirected(design, [WATCHED, ...EFFORTS[options.effort].without]);
  const reached = await session.run('reach', [
    ...watched.map((id): Task => ({ kind: 'watch', id })),
    ...design.modes.map((mode): Task => ({ kind: 'visibility', mode })),
    ...sweepTasks(workspace, design.modes),
    ...experimentTasks([...otherWatched, ...acts]),
  ]);
  const directed = [...first, ...experimentsOf(reached)];
  const reach = mergeReach(reached.flatMap((row) => (row.kind === 'reach' ? [row.row] : [])));
  const capability = capabilityRows(design, argument.predictions, directed);
  print(['', ...reachSection(paper, { ...head, reach, capability })]);
  return {
    directed,
    reach,
    capability,
    watched: reached.flatMap((row) => (row.kind === 'watched' ? [row.row] : [])),
    visibility: reached.flatMap((row) => (row.kind === 'visibility' ? [row.row] : [])),
  };
}

function namesOf(records: readonly ExperimentRecord[]): Record<string, string> {
  const ids = [...new Set(records.map((record) => record.class))].sort();
  return Object.fromEntries(ids.map((id) => [id, findClass(id)?.name ?? '']));
}

/** @param directed what acts did, which is under the same controls */
async function measureChance(argument: Argument, head: Head, directed: readonly ExperimentRecord[]) {
  const { options, design, session, print } = argument;
  const paper = paperOf(argument);
  const { random: classes, controls, separate } = EFFORTS[options.effort];
  const chances = [
    ...controlExperiments(design, controls),
    ...classes.flatMap(({ class: name, n }) => randomExperiments(design, name, n)),
  ];
  const drawn = experimentsOf(await session.run('chance', experimentTasks(chances), design.modes.length));
  const random = drawn.filter((record) => !isControl(record.class));
  const alone = classes.flatMap(({ class: name, n }) => separateExperiments(design, name, Math.min(n, separate)));
  const apart = experimentsOf(await session.run('separate machines', experimentTasks(alone)));
  const exposures = await measureExposures(session, design);
  const rates = ratesOf([...random, ...residualOf(random), ...apart], exposures);
  const paired = pairedOf(random, design.modes);
  const delays = delaysOf(random);
  const controlled = controlsOf(
    [...directed, ...drawn, ...apart],
    (record) => predictionOf(design, argument.predictions, record)?.failed === true,
  );
  const experiments = [...directed, ...random];
  const latent = await measureLater(session, experiments);
  const chance = { modes: head.modes, rates, paired, controls: controlled };
  print([
    '',
    ...chanceSection(paper, chance, `panic=${head.factors.panic}`),
    ...delayLines(paper, delays),
    ...laterLines(paper, experiments.filter(isLatent).length, latent),
  ]);
  return {
    random,
    capped: [...directed, ...drawn].filter((record) => record.capped).length,
    classes: namesOf(experiments),
    rates,
    caught: caughtOf(ratesOf(random)),
    paired,
    delays,
    latent,
    controls: controlled,
  };
}

async function measureRecovery(
  { options, session }: Argument,
  factors: ArgueDocument['factors'],
  random: readonly ExperimentRecord[],
  inLayers: readonly LayerRecord[],
): Promise<RecoveryRow[]> {
  if (untriedRestarts(factors) !== undefined) return [];
  const losses = lossesOf(random, inLayers, EFFORTS[options.effort].recovery);
  const rows = await session.run('recovery', recoveryTasks(losses));
  return recoveryRowsOf(rows.flatMap((row) => (row.kind === 'recovery' ? [row.record] : [])));
}

async function measureLayers(argument: Argument, head: Head, random: readonly ExperimentRecord[]) {
  const { options, design, session, print } = argument;
  const paper = paperOf(argument);
  const ids =
    untriedLayers(head.factors) === undefined
      ? layerIds(design.modes, options.seed, EFFORTS[options.effort].layer)
      : [];
  const inLayers = await session.run(
    'layer',
    ids.map((id): Task => ({ kind: 'layer', id })),
  );
  const layerRecords = inLayers.flatMap((row) => (row.kind === 'layer' ? [row.record] : []));
  const layer = layerRowsOf(layerRecords);
  print(['', ...layerSection(paper, layer, head.factors)]);

  const recovery = await measureRecovery(argument, head.factors, random, layerRecords);
  print(recoveryLines(paper, recovery, untriedRestarts(head.factors)));
  return { layer, recovery };
}

async function measureCosts(argument: Argument, head: Head) {
  const { options, workspace, session, print } = argument;
  const extent = options.effort === 'brief' || options.effort === 'quick' ? 'short' : 'whole';
  const { cost, effort, sensitivity, search, latency, boots } = await measureCost(
    session.run,
    workspace.scenario,
    head.modes,
    extent,
  );
  print(['', ...costSection(paperOf(argument), { ...head, cost, boots }, effort, latency)]);
  return { cost, effort, sensitivity, search, latency, boots };
}

/** All of it, in order. */
export async function measureArgument(argument: Argument): Promise<ArgueDocument> {
  const { workspace, design, session, print } = argument;
  const head = headOf(argument);
  printHead(argument, head);
  await checkGoldens(session, design);
  const { directed, ...reached } = await measureReach(argument, head);
  const { random, capped, ...chance } = await measureChance(argument, head, directed);
  const layers = await measureLayers(argument, head, random);
  const costs = await measureCosts(argument, head);
  const evidence = {
    ...head,
    translation: { isolation: ISOLATION_LABEL, cost: 'finite', capped },
    ...reached,
    ...chance,
    ...layers,
    ...costs,
    footprint: footprints(workspace.scenario, workspace.images),
  };
  const document = argueSchema.parse({ ...evidence, claims: judge(evidence) });
  print(['', ...verdictSection(paperOf(argument), document.claims), ...limitsSection(paperOf(argument), document)]);
  return document;
}
