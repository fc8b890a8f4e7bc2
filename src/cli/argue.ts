// `taco argue`: the whole argument, section by section as each is measured.

import { join } from 'node:path';
import { z } from 'zod';
import { findClass } from '../faults/catalogue.ts';
import { controlHolds, controlsOf, isControl, POSITIVE_CONTROL } from '../faults/controls.ts';
import { EFFORTS } from '../faults/effort.ts';
import {
  allDirected,
  canStrike,
  controlExperiments,
  type Design,
  directedExperiments,
  randomExperiments,
  separateExperiments,
} from '../faults/experiments.ts';
import { NATIVE } from '../faults/lab.ts';
import { isLatent } from '../faults/latent.ts';
import type { LayerRecord } from '../faults/layer-fault.ts';
import { placesOf } from '../faults/places.ts';
import { type Prediction, predictionsText } from '../faults/predict.ts';
import type { ExperimentRecord, RecoveryRow } from '../faults/records.ts';
import { mergeReach } from '../faults/sweep.ts';
import { caughtOf, ratesOf, residualOf } from '../faults/tally.ts';
import { delaysOf } from '../faults/tally-delays.ts';
import { layerRowsOf } from '../faults/tally-layer.ts';
import { pairedOf } from '../faults/tally-paired.ts';
import { lossesOf, recoveryRowsOf } from '../faults/tally-recovery.ts';
import { foreignPages, PAGE } from '../faults/targets.ts';
import { ISOLATION_LABEL } from '../faults/translation.ts';
import { chanceSection } from '../report/chance-section.ts';
import { judge } from '../report/claims/index.ts';
import { costSection } from '../report/cost-section.ts';
import { delayLines } from '../report/delay-lines.ts';
import { type ArgueDocument, argueSchema } from '../report/documents.ts';
import { documentText, reportFiles } from '../report/files.ts';
import { headerSection } from '../report/header-section.ts';
import { laterLines } from '../report/inject-section.ts';
import { layerSection } from '../report/layer-section.ts';
import { PLAIN } from '../report/paper.ts';
import { reachSection } from '../report/reach-section.ts';
import { recoveryLines, untriedRestarts } from '../report/recovery-lines.ts';
import { limitsSection, verdictSection } from '../report/verdict-section.ts';
import { watchedSection } from '../report/watched.ts';
import { planBoots } from '../scenario/boot.ts';
import { footprints } from '../scenario/footprint.ts';
import { findMode, inReportOrder } from '../scenario/modes.ts';
import { experimentsOf, experimentTasks, openSession, type Session } from './campaign-session.ts';
import { capabilityRows, predictionOf } from './capability.ts';
import { measureCost } from './cost-evidence.ts';
import { EXIT, UsageError } from './errors.ts';
import { measureExposures } from './exposure-tasks.ts';
import { factorsOf } from './factors.ts';
import { checkGoldens } from './golden-gate.ts';
import type { Host } from './host.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { measureLater } from './latent-tasks.ts';
import { layerIds, untriedLayers } from './layer-tasks.ts';
import { predictionsFor } from './predictions.ts';
import { recoveryTasks } from './recovery-tasks.ts';
import { openRunFolder, type RunFolder, resumeRunFolder } from './run-folder.ts';
import { scenarioForRecord, settle } from './settle.ts';
import type { Task } from './tasks.ts';
import { machineDoubts } from './validation.ts';
import { openWorkspace, sharedModesOf, type Workspace } from './workspace.ts';

/** As the command line checked them. */
export interface ArgueOptions {
  readonly scenario: string | undefined;
  readonly effort: string | undefined;
  readonly seed: number | undefined;
  readonly resume: string | undefined;
  readonly json: boolean;
  readonly out: string | undefined;
  readonly workers: number;
  /** See `openWorkspace`. */
  readonly cache: boolean;
}

/** What its results depend on; a folder remembers it. */
const settings = z.object({
  effort: z.enum(['brief', 'quick', 'standard', 'long']).default('quick'),
  seed: z.int().default(1),
});

const WATCHED = 'MEM-14';
/** Pages whose fetches make one task. */
const FETCHES_PER_TASK = 4096;
const MEBIBYTE = 2 ** 20;

interface Argument {
  readonly host: Host;
  readonly options: z.output<typeof settings> & Pick<ArgueOptions, 'json'>;
  readonly workspace: Workspace;
  readonly design: Design;
  readonly predictions: readonly Prediction[];
  readonly session: Session;
  readonly folder: RunFolder;
  /** As they were asked for. */
  readonly scenarioFile: string | undefined;
  readonly out: string | undefined;
  /** To get the same again. */
  readonly command: string;
  /** To people: stdout, or stderr where a document goes to stdout. */
  readonly print: (lines: readonly string[]) => void;
}

/** Fetches come in pieces, since each is a restored run of its own and they are most of the sweep. */
function sweepTasks({ workspace, design }: Argument): Task[] {
  const { scenario, images } = workspace;
  return design.modes.flatMap((mode) =>
    planBoots(findMode(mode), scenario, images).flatMap((plan) =>
      plan.guests.flatMap(({ index }): Task[] => {
        const pages = foreignPages(plan, index).reduce((sum, { size }) => sum + size / PAGE, 0);
        const chunks = Array.from({ length: Math.ceil(pages / FETCHES_PER_TASK) }, (_, chunk): Task => {
          const first = chunk * FETCHES_PER_TASK;
          return { kind: 'fetches', mode, guest: index, first, last: first + FETCHES_PER_TASK };
        });
        return [{ kind: 'pages', mode, guest: index }, { kind: 'registers', mode, guest: index }, ...chunks];
      }),
    ),
  );
}

function namesOf(records: readonly ExperimentRecord[]): Record<string, string> {
  const ids = [...new Set(records.map((record) => record.class))].sort();
  return Object.fromEntries(ids.map((id) => [id, findClass(id)?.name ?? '']));
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

async function measureAll(argument: Argument): Promise<ArgueDocument> {
  const { host, options, workspace, design, session, print } = argument;
  const together = design.modes.length;
  const { scenario } = workspace;
  const paper = options.json ? PLAIN : host.paper;
  const { random: classes, without, controls, separate, layer: perComponent } = EFFORTS[options.effort];
  const doubts = machineDoubts(host.root);
  const head = {
    schema: 'taco.argue/1' as const,
    seed: options.seed,
    version: host.version,
    command: argument.command,
    stamp: workspace.stamp,
    images: workspace.hashes,
    modes: inReportOrder(scenario.modes),
    factors: factorsOf(scenario),
    machineValidated: doubts.length === 0,
    doubts,
  };
  print(
    headerSection(paper, {
      document: head,
      guests: design.guests,
      harts: scenario.factors.cpus === 'dedicated' ? design.guests.length : 1,
      ramMebibytes: scenario.machine.ramSize / MEBIBYTE,
      stamp: workspace.stamp,
      modes: head.modes.map(findMode),
    }),
  );

  await checkGoldens(session, design);
  const [watched = [], ...otherWatched] = directedExperiments(design, WATCHED);
  const first = experimentsOf(await session.run('one bug', experimentTasks([watched])));
  print(['', ...watchedSection(paper, `${WATCHED}: ${findClass(WATCHED)?.name}, by ${first[0]?.from}`, first)]);

  const acts = allDirected(design, [WATCHED, ...without]);
  const reached = await session.run('reach', [
    ...watched.map((id): Task => ({ kind: 'watch', id })),
    ...design.modes.map((mode): Task => ({ kind: 'visibility', mode })),
    ...sweepTasks(argument),
    ...experimentTasks([...otherWatched, ...acts]),
  ]);
  const directed = [...first, ...experimentsOf(reached)];
  const reach = mergeReach(reached.flatMap((row) => (row.kind === 'reach' ? [row.row] : [])));
  const capability = capabilityRows(design, argument.predictions, directed);
  print(['', ...reachSection(paper, { ...head, reach, capability })]);

  const chances = [
    ...controlExperiments(design, controls),
    ...classes.flatMap(({ class: name, n }) => randomExperiments(design, name, n)),
  ];
  const drawn = experimentsOf(await session.run('chance', experimentTasks(chances), together));
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

  const noLayers = untriedLayers(scenario);
  const ids = noLayers === undefined ? layerIds(design.modes, options.seed, perComponent) : [];
  const inLayers = await session.run(
    'layer',
    ids.map((id): Task => ({ kind: 'layer', id })),
  );
  const layerRecords = inLayers.flatMap((row) => (row.kind === 'layer' ? [row.record] : []));
  const layer = layerRowsOf(layerRecords);
  print(['', ...layerSection(paper, layer, noLayers)]);

  const recovery = await measureRecovery(argument, head.factors, random, layerRecords);
  print(recoveryLines(paper, recovery, untriedRestarts(head.factors)));

  const extent = options.effort === 'brief' || options.effort === 'quick' ? 'short' : 'whole';
  const { cost, effort, sensitivity, search, latency, boots } = await measureCost(
    session.run,
    scenario,
    head.modes,
    extent,
  );
  print(['', ...costSection(paper, { ...head, cost, boots }, effort, latency)]);

  const evidence = {
    ...head,
    translation: {
      isolation: ISOLATION_LABEL,
      cost: 'finite',
      capped: [...directed, ...drawn].filter((record) => record.capped).length,
    },
    classes: namesOf(experiments),
    watched: reached.flatMap((row) => (row.kind === 'watched' ? [row.row] : [])),
    reach,
    capability,
    visibility: reached.flatMap((row) => (row.kind === 'visibility' ? [row.row] : [])),
    rates,
    caught: caughtOf(ratesOf(random)),
    paired,
    delays,
    latent,
    layer,
    recovery,
    cost,
    effort,
    sensitivity,
    search,
    latency,
    boots,
    footprint: footprints(scenario, workspace.images),
    controls: controlled,
  };
  const document = argueSchema.parse({ ...evidence, claims: judge(evidence) });
  print(['', ...verdictSection(paper, document.claims), ...limitsSection(paper, document)]);
  return document;
}

/** The next longer effort, where there is one. */
function longerThan(effort: keyof typeof EFFORTS): string | undefined {
  const efforts = Object.keys(EFFORTS);
  return efforts[efforts.indexOf(effort) + 1];
}

/** The same text in every run: a folder that was not asked for is named by the link to the newest, the real one on
 * stderr. */
function closingLines({ workspace, design, options, scenarioFile, out }: Argument): string[] {
  const by = design.guests.find((guest) => design.guests.some((to) => canStrike(design.hasPlace, WATCHED, to, guest)));
  const example = `t1.${workspace.stamp}.${WATCHED}.${design.modes[0]}.${by}.${options.seed}-0`;
  const longer = longerThan(options.effort);
  const command = (...words: (string | undefined)[]) =>
    ['./taco', ...words].filter((word) => word !== undefined).join(' ');
  const option = scenarioFile === undefined ? undefined : `--scenario ${scenarioFile}`;
  return [
    '',
    ` report    ${join(out ?? `runs/${workspace.scenario.name}/latest`, 'report.html')}`,
    ` watch it  ${command('show', POSITIVE_CONTROL, scenarioFile)}`,
    ` replay    ${command('replay', example, option)}`,
    ...(longer === undefined ? [] : [` narrower  ${command('argue', scenarioFile, '--effort', longer)}`]),
  ];
}

/** A failed control makes the whole run worthless, and the exit code says so. */
function finish(argument: Argument, document: ArgueDocument): number {
  const { host, options, folder } = argument;
  for (const { name, text } of reportFiles(document)) folder.write(name, text);
  if (options.json) host.out(documentText(document));
  else argument.print(closingLines(argument));
  host.err(`run folder ${folder.path}\n`);
  const broken = document.controls.filter((row) => !controlHolds(row));
  for (const { name, n, failed, expected } of broken) {
    host.err(
      `taco: control "${name}" failed in ${failed} of ${n} runs, expected ${expected ?? 'more than none'}\n  nothing above may be relied on\n`,
    );
  }
  return broken.length > 0 ? EXIT.INTERNAL : EXIT.OK;
}

/** Everything is checked and the run folder is made before the first experiment: a bad path fails at once. */
export async function argue(host: Host, given: ArgueOptions, interruption: Interruption): Promise<number> {
  const { effort, seed, resume, json, workers } = given;
  const settled = settle({ command: 'argue', resume, scenario: given.scenario, options: { effort, seed } }, settings);
  const options = { ...settled.options, json };
  const workspace = openWorkspace(host.root, settled.scenario, given.cache);
  const { scenario } = workspace;
  const modes = sharedModesOf(scenario);
  if (scenario.guests.length < 2 || modes.length === 0 || !scenario.modes.includes(NATIVE)) {
    throw new UsageError(
      workspace.file,
      'has no two guests, no mode that shares the hart, or no native mode',
      'the argument is about neighbours: give two guests, native and a mode such as colocated',
    );
  }
  const hasPlace = placesOf(scenario, workspace.images);
  const predictions = predictionsFor(host.root, workspace, hasPlace);
  const command = ['./taco argue', settled.scenario, `--effort ${options.effort} --seed ${options.seed}`]
    .filter((part) => part !== undefined)
    .join(' ');
  const folder =
    resume !== undefined
      ? resumeRunFolder(resume)
      : openRunFolder(workspace, given.out, {
          request: { command: 'argue', scenario: scenarioForRecord(settled.scenario), options: settled.options },
          commandLine: command,
          version: host.version,
          seed: options.seed,
          predictions: predictionsText(predictions),
        });
  const write = options.json ? host.err : host.out;
  const session = openSession({ host, workspace, folder, seed: options.seed, workers, interruption });
  const argument: Argument = {
    host,
    options,
    workspace,
    design: { guests: scenario.guests.map(({ name }) => name), modes, seed: options.seed, hasPlace },
    predictions,
    session,
    folder,
    scenarioFile: settled.scenario,
    out: given.out ?? given.resume,
    command: settled.commandLine ?? command,
    print: (lines) => write(`${lines.join('\n')}\n`),
  };
  try {
    return finish(argument, await measureAll(argument));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    host.err(`taco: interrupted; go on with ./taco argue --resume ${folder.path}\n`);
    return EXIT.INTERRUPTED;
  } finally {
    session.close();
  }
}
