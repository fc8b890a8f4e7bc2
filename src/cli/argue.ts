// `taco argue`: the whole argument, section by section as each is measured.

import { costRows, layerEffort } from '../cost/tally.ts';
import { workloads } from '../cost/workloads.ts';
import { runCampaign } from '../faults/campaign.ts';
import { findClass } from '../faults/catalogue.ts';
import { controlHolds, controlsOf, isControl, POSITIVE_CONTROL } from '../faults/controls.ts';
import {
  allDirected,
  controlExperiments,
  type Design,
  directedExperiments,
  randomExperiments,
} from '../faults/experiments.ts';
import { NATIVE } from '../faults/lab.ts';
import { placesOf } from '../faults/places.ts';
import { type Prediction, predict, predictionsText } from '../faults/predict.ts';
import type { ExperimentRecord } from '../faults/records.ts';
import type { ExperimentId } from '../faults/replay-id.ts';
import { mergeReach } from '../faults/sweep.ts';
import { ratesOf } from '../faults/tally.ts';
import { pairedOf } from '../faults/tally-paired.ts';
import { foreignPages, PAGE } from '../faults/targets.ts';
import { ISOLATION_LABEL } from '../faults/translation.ts';
import { chanceSection } from '../report/chance-section.ts';
import { judge } from '../report/claims.ts';
import { costSection } from '../report/cost-section.ts';
import { type ArgueDocument, argueSchema } from '../report/documents.ts';
import { headerSection } from '../report/header-section.ts';
import { PLAIN } from '../report/paper.ts';
import { reachSection } from '../report/reach-section.ts';
import { limitsSection, verdictSection } from '../report/verdict-section.ts';
import { watchedSection } from '../report/watched.ts';
import { planBoots } from '../scenario/boot.ts';
import { footprints } from '../scenario/footprint.ts';
import { findMode } from '../scenario/modes.ts';
import { loadResources } from '../scenario/resources.ts';
import { capabilityRows, predictionOf } from './capability.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { openPool, type Pool } from './pool.ts';
import { startProgress } from './progress.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';
import type { Row, Task } from './tasks.ts';
import { machineDoubts } from './validation.ts';
import { openWorkspace, readInput, sharedModesOf, type Workspace } from './workspace.ts';

/** Random faults per cell, and runs of each control. */
export const EFFORTS = {
  quick: { n: 100, controls: 10 },
  standard: { n: 1000, controls: 100 },
  long: { n: 10_000, controls: 1000 },
} as const;

/** As the command line checked them. */
export interface ArgueOptions {
  readonly scenario: string | undefined;
  readonly effort: keyof typeof EFFORTS;
  readonly seed: number;
  readonly json: boolean;
  readonly out: string | undefined;
  readonly workers: number;
}

const WATCHED = 'MEM-14';
const RANDOM_CLASS = 'HWF-1';
const RESOURCES = 'scenarios/resources.yaml';
/** Pages whose fetches make one task. */
const FETCHES_PER_TASK = 4096;
const MEBIBYTE = 2 ** 20;

interface Session {
  readonly host: Host;
  readonly options: ArgueOptions;
  readonly workspace: Workspace;
  readonly design: Design;
  readonly predictions: readonly Prediction[];
  readonly pool: Pool;
  readonly folder: RunFolder;
  readonly interruption: Interruption;
  /** To people: stdout, or stderr where a document goes to stdout. */
  readonly print: (lines: readonly string[]) => void;
}

async function run(session: Session, title: string, tasks: readonly Task[]): Promise<Row[]> {
  const progress = startProgress(session.host, title, tasks.length);
  let failed = 0;
  const rows = await runCampaign(tasks, session.pool.workers, {
    batchSize: 1,
    shouldStop: () => session.interruption.requested,
    onRows: (_task, fresh) => {
      for (const row of fresh) {
        session.folder.append(row);
        if (row.kind === 'experiment' && !isControl(row.record.class)) failed += countFailed(row.record);
      }
      progress.step(failed === 0 ? '' : `${failed} bystanders failed`);
    },
  });
  progress.end();
  if (session.interruption.requested) throw new Interrupted();
  return rows;
}

/** Only for the running count on stderr. */
function countFailed(record: ExperimentRecord): number {
  return record.outcome.bystanders.filter(({ endpoints }) => endpoints.failed).length;
}

const experimentTasks = (lists: readonly (readonly ExperimentId[])[]): Task[] =>
  lists.map((ids) => ({ kind: 'experiments', ids }));

const experiments = (rows: readonly Row[]): ExperimentRecord[] =>
  rows.flatMap((row) => (row.kind === 'experiment' ? [row.record] : []));

/** Fetches come in pieces, since each is a restored run of its own and they are most of the sweep. */
function sweepTasks({ workspace, design }: Session): Task[] {
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

/** The factor that decides most about availability, so it stands in the heading. */
function panicPolicy(workspace: Workspace): string {
  const policies = workspace.scenario.guests.flatMap(({ bootargs }) => /panic=\w+/.exec(bootargs)?.[0] ?? []);
  return [...new Set(policies)].join(', ');
}

async function measureAll(session: Session): Promise<ArgueDocument> {
  const { host, options, workspace, design, print } = session;
  const { scenario } = workspace;
  const paper = options.json ? PLAIN : host.paper;
  const { n, controls } = EFFORTS[options.effort];
  const doubts = machineDoubts(host.root);
  const head = {
    schema: 'taco.argue/1' as const,
    seed: options.seed,
    version: host.version,
    images: workspace.hashes,
    modes: [...scenario.modes],
    factors: {
      ...Object.fromEntries(Object.entries(scenario.factors).map(([name, value]) => [name, String(value)])),
      panic: panicPolicy(workspace).replace('panic=', ''),
    },
    machineValidated: doubts.length === 0,
  };
  print(
    headerSection(paper, {
      document: head,
      guests: design.guests,
      ramMebibytes: scenario.machine.ramSize / MEBIBYTE,
      stamp: workspace.stamp,
      modes: scenario.modes.map(findMode),
    }),
  );

  const [watched = [], ...otherWatched] = directedExperiments(design, WATCHED);
  const first = experiments(await run(session, 'one bug', experimentTasks([watched])));
  print(['', ...watchedSection(paper, `${WATCHED}: ${findClass(WATCHED)?.name}, by ${design.guests[0]}`, first)]);

  const acts = allDirected(design).filter((list) => list[0]?.class !== WATCHED);
  const reached = await run(session, 'reach', [...sweepTasks(session), ...experimentTasks([...otherWatched, ...acts])]);
  const directed = [...first, ...experiments(reached)];
  const reach = mergeReach(reached.flatMap((row) => (row.kind === 'reach' ? [row.row] : [])));
  const capability = capabilityRows(design, session.predictions, directed);
  print(['', ...reachSection(paper, { modes: head.modes, reach, capability }, (id) => findClass(id)?.name ?? '')]);

  const chances = [...controlExperiments(design, controls), ...randomExperiments(design, RANDOM_CLASS, n)];
  const drawn = experiments(await run(session, 'chance', experimentTasks(chances)));
  const random = drawn.filter((record) => !isControl(record.class));
  const rates = ratesOf(random);
  const paired = pairedOf(random, design.modes);
  const controlled = controlsOf(
    [...directed, ...drawn],
    (record) => predictionOf(design, session.predictions, record)?.failed === true,
  );
  const chance = { modes: head.modes, rates, paired, controls: controlled };
  print(['', ...chanceSection(paper, chance, panicPolicy(workspace))]);

  const costs = scenario.modes.flatMap((mode) =>
    workloads.map(({ name }): Task => ({ kind: 'cost', mode, workload: name })),
  );
  const samples = (await run(session, 'cost', costs)).flatMap((row) => (row.kind === 'cost' ? [row.sample] : []));
  const cost = costRows(samples, scenario.modes);
  const effort = layerEffort(samples, scenario.modes);
  print(['', ...costSection(paper, { modes: head.modes, cost }, effort)]);

  const evidence = {
    ...head,
    translation: {
      isolation: ISOLATION_LABEL,
      cost: 'finite',
      capped: [...directed, ...drawn].filter((record) => record.capped).length,
    },
    reach,
    capability,
    rates,
    paired,
    layer: [],
    cost,
    effort,
    sensitivity: [],
    search: [],
    latency: [],
    footprint: footprints(),
    controls: controlled,
  };
  const document = argueSchema.parse({ ...evidence, claims: judge(evidence) });
  print(['', ...verdictSection(paper, document.claims), ...limitsSection(paper, doubts)]);
  return document;
}

/** Paths here are relative and the same in every run; the real folder is named on stderr. */
function closingLines(session: Session): string[] {
  const { workspace, design } = session;
  const example = `t1.${workspace.stamp}.${WATCHED}.${design.modes[0]}.${design.guests[0]}.${session.options.seed}-0`;
  return [
    '',
    ` document  runs/${workspace.scenario.name}/latest/argue.json      watch it  ./taco show ${POSITIVE_CONTROL}`,
    ` replay    ./taco replay ${example}`,
    ' narrower  ./taco argue --effort standard',
  ];
}

/** A failed control makes the whole run worthless, and the exit code says so. */
function finish(session: Session, document: ArgueDocument): number {
  const { host, options, folder } = session;
  folder.write('argue.json', `${JSON.stringify(document, null, 2)}\n`);
  if (options.json) host.out(`${JSON.stringify(document, null, 2)}\n`);
  else session.print(closingLines(session));
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
export async function argue(host: Host, options: ArgueOptions, interruption: Interruption): Promise<number> {
  const workspace = openWorkspace(host.root, options.scenario);
  const { scenario } = workspace;
  const modes = sharedModesOf(scenario);
  if (scenario.guests.length < 2 || modes.length === 0 || !scenario.modes.includes(NATIVE)) {
    throw new UsageError(
      workspace.file,
      'has no two guests, no mode that shares the hart, or no native mode',
      'the argument is about neighbours: give two guests, native and a mode such as colocated',
    );
  }
  const resources = loadResources(RESOURCES, readInput(`${host.root}/${RESOURCES}`, RESOURCES, 'restore it'));
  const hasPlace = placesOf(scenario, workspace.images);
  const predictions = predict(resources, scenario, hasPlace).filter(({ mode }) => scenario.modes.includes(mode));
  if (!predictions.some(({ fault, failed }) => fault === POSITIVE_CONTROL && failed)) {
    throw new UsageError(
      workspace.file,
      `has no positive control: ${POSITIVE_CONTROL} need not fail anybody in it, so a blind detector would pass`,
      'add colocated or open to its modes, and a guest that maps more than its own memory',
    );
  }
  const command = `./taco argue ${options.scenario ?? ''} --effort ${options.effort} --seed ${options.seed}`;
  const folder = openRunFolder(workspace, options.out, {
    command: command.replace('  ', ' '),
    version: host.version,
    seed: options.seed,
    predictions: predictionsText(predictions),
  });
  const pool = openPool(options.workers, {
    root: host.root,
    absolute: workspace.absolute,
    file: workspace.file,
    text: workspace.text,
  });
  const write = options.json ? host.err : host.out;
  const session: Session = {
    host,
    options,
    workspace,
    design: { guests: scenario.guests.map(({ name }) => name), modes, seed: options.seed, hasPlace },
    predictions,
    pool,
    folder,
    interruption,
    print: (lines) => write(`${lines.join('\n')}\n`),
  };
  try {
    return finish(session, await measureAll(session));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    host.err(`taco: interrupted; the rows so far are in ${folder.path}\n`);
    return EXIT.INTERRUPTED;
  } finally {
    await pool.close();
  }
}
