// `taco argue`: the whole argument, from its options to its exit code.

import { join } from 'node:path';
import { z } from 'zod';
import { controlHolds, POSITIVE_CONTROL } from '../faults/controls.ts';
import { EFFORTS } from '../faults/effort.ts';
import { canStrike } from '../faults/experiments.ts';
import { NATIVE } from '../faults/lab.ts';
import { placesOf } from '../faults/places.ts';
import { predictionsText } from '../faults/predict.ts';
import type { ArgueDocument } from '../report/documents.ts';
import { documentText, reportFiles } from '../report/files.ts';
import { type Argument, measureArgument, WATCHED } from './argument.ts';
import { openSession } from './campaign-session.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { predictionsFor } from './predictions.ts';
import { openRunFolder, type RunFolder, resumeRunFolder } from './run-folder.ts';
import { scenarioForRecord, settle } from './settle.ts';
import { openWorkspace, sharedModesOf } from './workspace.ts';

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

interface Run extends Argument {
  readonly folder: RunFolder;
  /** As they were asked for. */
  readonly scenarioFile: string | undefined;
  readonly out: string | undefined;
}

/** The next longer effort, where there is one. */
function longerThan(effort: keyof typeof EFFORTS): string | undefined {
  const efforts = Object.keys(EFFORTS);
  return efforts[efforts.indexOf(effort) + 1];
}

/** The same text in every run: a folder that was not asked for is named by the link to the newest, the real one on
 * stderr. */
function closingLines({ workspace, design, options, scenarioFile, out }: Run): string[] {
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
function finish(run: Run, document: ArgueDocument): number {
  const { host, options, folder } = run;
  for (const { name, text } of reportFiles(document)) folder.write(name, text);
  if (options.json) host.out(documentText(document));
  else run.print(closingLines(run));
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
  const run: Run = {
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
    return finish(run, await measureArgument(run));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    host.err(`taco: interrupted; go on with ./taco argue --resume ${folder.path}\n`);
    return EXIT.INTERRUPTED;
  } finally {
    session.close();
  }
}
