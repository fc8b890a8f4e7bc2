// `taco inject`: a campaign of random faults, which can be stopped at any moment, gone on with, and shared out.

import { REGISTER_BITS } from '../faults/classes/hardware.ts';
import { controlHolds, controlsOf, POSITIVE_CONTROL } from '../faults/controls.ts';
import type { Design } from '../faults/experiments.ts';
import { NATIVE } from '../faults/lab.ts';
import { isLatent } from '../faults/latent.ts';
import type { LayerClass } from '../faults/layer-fault.ts';
import { placesOf, regionsIn } from '../faults/places.ts';
import { type CellDecision, decideCells } from '../faults/planning/cells.ts';
import { lookSchedule, outlook } from '../faults/planning/looks.ts';
import { predictionsText } from '../faults/predict.ts';
import type { ControlRow, ExperimentRecord, LayerRow, UsesRow } from '../faults/records.ts';
import { ratesOf } from '../faults/tally.ts';
import { delaysOf } from '../faults/tally-delays.ts';
import { layerRowsOf } from '../faults/tally-layer.ts';
import { pairedOf } from '../faults/tally-paired.ts';
import { prunedOf } from '../faults/tally-pruned.ts';
import { bitsHitIn, pooledOf } from '../faults/tally-regions.ts';
import { chanceSection } from '../report/chance-section.ts';
import { delayLines } from '../report/delay-lines.ts';
import { type InjectDocument, injectSchema } from '../report/documents.ts';
import { decisionLines, laterLines, pooledLines } from '../report/inject-section.ts';
import { layerSection, untriedLayers } from '../report/layer-section.ts';
import { counted, PLAIN } from '../report/paper.ts';
import { scheduleLines } from '../report/plan-section.ts';
import { prunedSection } from '../report/pruned-section.ts';
import { experimentsOf, openSession, type Session } from './campaign-session.ts';
import { predictionOf } from './capability.ts';
import { EXIT, UsageError } from './errors.ts';
import { measureExposures } from './exposure-tasks.ts';
import { panicPolicy } from './factors.ts';
import { checkGoldens } from './golden-gate.ts';
import type { Host } from './host.ts';
import {
  cellsOf,
  checkModes,
  controlTasks,
  expandClasses,
  expandRegions,
  faultsPerCell,
  faultTasks,
  type InjectSettings,
  injectSettings,
  partOf,
  pruneClasses,
  usesTasks,
} from './inject-settings.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { measureLater } from './latent-tasks.ts';
import { LAYER_REMEDY, layerIds, layerTasksIn } from './layer-tasks.ts';
import { predictionsFor } from './predictions.ts';
import { openRunFolder, resumeRunFolder } from './run-folder.ts';
import { scenarioForRecord, settle } from './settle.ts';
import type { Row, Task } from './tasks.ts';
import { openWorkspace, sharedModesOf, type Workspace } from './workspace.ts';

/** As the command line checked them. */
export interface InjectOptions {
  readonly scenario: string | undefined;
  readonly modes: readonly string[] | undefined;
  readonly classes: readonly string[] | undefined;
  readonly size: InjectSettings['size'] | undefined;
  readonly seed: number | undefined;
  readonly part: InjectSettings['part'] | undefined;
  readonly prune: boolean | undefined;
  readonly regions: readonly string[] | undefined;
  readonly resume: string | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
  /** None: nothing new is found out, and what is there is concluded from. */
  readonly workers: number;
  /** See `openWorkspace`. */
  readonly cache: boolean;
}

interface Campaign {
  readonly host: Host;
  readonly workspace: Workspace;
  readonly settings: InjectSettings;
  readonly design: Design;
  readonly shared: readonly string[];
  readonly classes: readonly string[];
  readonly layerClasses: readonly LayerClass[];
  readonly session: Session;
  readonly print: (lines: readonly string[]) => void;
}

interface Measured {
  readonly tasks: readonly Task[];
  readonly records: readonly ExperimentRecord[];
  /** Faults per cell. */
  readonly n: number;
  readonly decisions: readonly CellDecision[];
}

/** Of the effects and states of thousands of random faults the disk knows; the tallies need none. */
export function slim(row: Row): Row {
  if (row.kind !== 'experiment' || row.record.class === POSITIVE_CONTROL) return row;
  return { kind: 'experiment', record: { ...row.record, effects: [], mechanism: '', stateHash: '' } };
}

/** Faults in each component of a layer where no number of faults is given. */
const LAYER_FAULTS = 100;
const REASONED_SHARES = [0, 0.0001, 0.001, 0.01];

/** Look after look, and only the cells that are not decided yet go on. */
async function measureUntil(campaign: Campaign, target: number): Promise<Measured> {
  const { host, session, design, classes, print } = campaign;
  const schedule = lookSchedule(target);
  let open = cellsOf(design, classes);
  const expected = REASONED_SHARES.filter((share) => share <= target).map((share) => ({
    share,
    ...outlook(schedule, share),
  }));
  print(scheduleLines(host.paper, schedule, open.length, expected));
  const tasks: Task[] = [];
  const records: ExperimentRecord[] = [];
  let decisions: CellDecision[] = [];
  let n = 0;
  for (const [index, look] of schedule.looks.entries()) {
    if (open.length === 0) break;
    const fresh = faultTasks(design, open, { first: n, last: look.n }, { index: 1, of: 1 });
    tasks.push(...fresh);
    records.push(...experimentsOf(await session.run(`look ${index + 1}`, fresh, design.modes.length)));
    n = look.n;
    // What is decided stays so: a later look is another cell's.
    const known = new Set(decisions.filter(({ decision }) => decision !== 'go on').map(nameOf));
    const now = decideCells(schedule, index, records).filter((cell) => !known.has(nameOf(cell)));
    decisions = [...decisions.filter((cell) => known.has(nameOf(cell))), ...now];
    open = open.filter((cell) =>
      now.some((row) => row.class === cell.class && row.faulty === cell.from && row.decision === 'go on'),
    );
  }
  return { tasks, records, n, decisions };
}

const nameOf = (cell: CellDecision): string => [cell.class, cell.mode, cell.faulty, cell.bystander].join(' ');

async function measure(campaign: Campaign): Promise<Measured> {
  const { session, settings, design, classes } = campaign;
  const n = faultsPerCell(settings);
  if (settings.size.kind === 'upper' || n === undefined) {
    return measureUntil(campaign, settings.size.kind === 'upper' ? settings.size.target : 0);
  }
  const tasks = faultTasks(design, cellsOf(design, classes), { first: 0, last: n }, settings.part);
  const records = experimentsOf(await session.run('faults', tasks, design.modes.length));
  return { tasks, records, n, decisions: [] };
}

/** As many in each component of each mode as in a cell of guests; where looks decide about these, as at the first look. */
function layerTasksFor({ workspace, settings, design, layerClasses }: Campaign): Task[] {
  const n = faultsPerCell(settings) ?? LAYER_FAULTS;
  const ids = layerIds(design.modes, design.seed, n, layerClasses);
  return partOf(layerTasksIn(workspace, ids), settings.part);
}

async function measureLayers({ session }: Campaign, tasks: readonly Task[]): Promise<LayerRow[]> {
  const rows = tasks.length === 0 ? [] : await session.run('layer', tasks);
  return layerRowsOf(rows.flatMap((row) => (row.kind === 'layer' ? [row.record] : [])));
}

/** What each pilot counts for. */
async function measureUses({ session, design, classes }: Campaign): Promise<UsesRow[]> {
  const rows = await session.run('fault spaces', usesTasks(design, classes));
  return rows.flatMap((row) => (row.kind === 'uses' ? [row.row] : []));
}

async function measureControls(campaign: Campaign): Promise<{ tasks: Task[]; records: ExperimentRecord[] }> {
  const { session, design, classes, shared, settings } = campaign;
  const tasks = controlTasks(design, classes, shared, settings.part);
  return { tasks, records: experimentsOf(await session.run('controls', tasks, design.modes.length)) };
}

function broken(controls: readonly ControlRow[], isPart: boolean): ControlRow[] {
  // A part has only some of the controls: whether they ran at all is for the whole to say.
  return controls.filter((row) => !controlHolds(row) && !(isPart && (row.n === 0 || row.expected === null)));
}

async function conclude(campaign: Campaign): Promise<{ document: InjectDocument; code: number }> {
  const { host, workspace, settings, design, shared, session, print } = campaign;
  await checkGoldens(session, design);
  const checked = await measureControls(campaign);
  const measured = await measure(campaign);
  const apart = checked.records.filter(({ mode }) => mode === NATIVE);
  const exposures = settings.prune ? [] : await measureExposures(session, design);
  const later = await measureLater(session, measured.records);
  const layerTasks = layerTasksFor(campaign);
  const layer = await measureLayers(campaign, layerTasks);
  const spaces = settings.prune ? await measureUses(campaign) : [];
  const { records, decisions } = measured;
  const predictions = predictionsFor(host.root, workspace, design.hasPlace);
  const mustFail = (record: ExperimentRecord) =>
    predictionOf({ ...design, modes: shared }, predictions, record)?.failed === true;
  const controls = controlsOf([...checked.records, ...records], mustFail);
  // Pilots counted by heads are no rate.
  const rates = settings.prune ? [] : ratesOf([...records, ...apart], exposures);
  const regions = settings.regions.length > 0 ? regionsIn(workspace.scenario, workspace.images) : undefined;
  const document = injectSchema.parse({
    schema: 'taco.inject/1',
    resultHash: session.hashOf([...checked.tasks, ...measured.tasks, ...layerTasks]),
    n: measured.n,
    rates,
    paired: settings.prune ? [] : pairedOf(records, design.modes),
    // Pilots stand for unlike numbers of faults.
    delays: settings.prune ? [] : delaysOf(records),
    pruned: prunedOf(records, spaces),
    pooled: regions === undefined ? [] : pooledOf(rates, bitsHitIn(regions, REGISTER_BITS)),
    layer,
    latent: later,
  });
  const panic = `panic=${panicPolicy(workspace.scenario)}`;
  const { paired, pooled, pruned } = document;
  const modes = [...design.modes];
  print([
    ...(settings.prune
      ? prunedSection(host.paper, { modes, pruned, controls }, spaces, panic)
      : chanceSection(host.paper, { modes, rates, paired, controls }, panic)),
    ...delayLines(host.paper, document.delays),
    ...pooledLines(host.paper, pooled),
    ...(layer.length === 0 ? [] : ['', ...layerSection(host.paper, layer)]),
    ...decisionLines(host.paper, decisions),
    ...laterLines(host.paper, records.filter(isLatent).length, later),
    ` result set ${document.resultHash}, ${counted(checked.tasks.length + measured.tasks.length + layerTasks.length, 'experiment')}`,
  ]);
  const isPart = settings.part.of > 1 || session.missing > 0;
  for (const { name, n, failed, expected } of broken(controls, isPart)) {
    host.err(`taco: control "${name}" failed in ${failed} of ${n} runs, expected ${expected ?? 'more than none'}\n`);
    host.err('  nothing above may be relied on\n');
  }
  if (broken(controls, isPart).length > 0) return { document, code: EXIT.INTERNAL };
  const unmet = session.missing > 0 || decisions.some(({ decision }) => decision !== 'met');
  return { document, code: unmet ? EXIT.INCONCLUSIVE : EXIT.OK };
}

/** Everything is checked and the run folder is made before the first experiment: a bad option fails at once. */
export async function inject(host: Host, given: InjectOptions, interruption: Interruption): Promise<number> {
  const { resume, json, workers, cache, scenario, out, ...options } = given;
  const settled = settle({ command: 'inject', resume, scenario, options }, injectSettings);
  const settings = settled.options;
  if (settings.size.kind === 'upper' && settings.part.of > 1) {
    throw new UsageError('taco inject --shard:', 'looks are at all results', 'share out a campaign of a fixed --n');
  }
  const workspace = openWorkspace(host.root, settled.scenario, cache);
  const shared = sharedModesOf(workspace.scenario);
  const regions = expandRegions(settings.regions);
  const noLayers = untriedLayers(workspace.scenario.factors);
  if (noLayers !== undefined && regions.layer.length > 0) {
    throw new UsageError('taco inject --region:', `no fault in a layer: ${noLayers}`, LAYER_REMEDY);
  }
  if (settings.prune && workspace.scenario.factors.cpus === 'dedicated') {
    throw new UsageError(
      'taco inject --prune:',
      'uses are followed on one hart',
      'use cpus: shared, or leave --prune out',
    );
  }
  const expanded = settings.regions.length > 0 ? regions.guest : expandClasses(settings.classes);
  const classes = settings.prune ? pruneClasses(expanded) : expanded;
  const hasPlace = placesOf(workspace.scenario, workspace.images);
  const predictions = predictionsFor(host.root, workspace, hasPlace);
  const design: Design = {
    guests: workspace.scenario.guests.map(({ name }) => name),
    modes: checkModes(settings.modes, shared),
    seed: settings.seed,
    hasPlace,
  };
  const folder =
    resume !== undefined
      ? resumeRunFolder(resume)
      : openRunFolder(workspace, out, {
          request: { command: 'inject', scenario: scenarioForRecord(settled.scenario), options: settings },
          commandLine: `./taco ${process.argv.slice(2).join(' ')}`,
          version: host.version,
          seed: settings.seed,
          predictions: predictionsText(predictions),
        });
  const session = openSession({ host, workspace, folder, seed: settings.seed, workers, interruption, keep: slim });
  const paper = json ? { ...host, paper: PLAIN } : host;
  const write = json ? host.err : host.out;
  const print = (lines: readonly string[]): void => write(`${lines.join('\n')}\n`);
  try {
    const { document, code } = await conclude({
      host: paper,
      workspace,
      settings,
      design,
      shared,
      classes,
      layerClasses: regions.layer,
      session,
      print,
    });
    const text = `${JSON.stringify(document, null, 2)}\n`;
    folder.write('inject.json', text);
    if (json) host.out(text);
    if (session.missing > 0) {
      host.err(
        `taco: ${counted(session.missing, 'experiment')} of this campaign are missing\n  go on with ./taco inject --resume ${folder.path}\n`,
      );
    }
    host.err(`run folder ${folder.path}\n`);
    return code;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    host.err(`taco: interrupted; go on with ./taco inject --resume ${folder.path}\n`);
    return EXIT.INTERRUPTED;
  } finally {
    session.close();
  }
}
