// `taco merge`: the parts of one campaign, made on several machines, as the campaign that one machine would have made.

import { join } from 'node:path';
import { canonical } from '../campaign/canonical.ts';
import { RefusedFolder } from '../campaign/errors.ts';
import { differences, type Header } from '../campaign/header.ts';
import { type Result, Results } from '../campaign/results.ts';
import { headerOf, Store } from '../campaign/store.ts';
import { placesOf } from '../faults/places.ts';
import { predictionsText } from '../faults/predict.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { inject } from './inject.ts';
import { injectSettings } from './inject-settings.ts';
import type { Interruption } from './interruption.ts';
import { predictionsFor } from './predictions.ts';
import { openRunFolder, readRequest, type RunFolder } from './run-folder.ts';
import { openShardFolder } from './shard-folder.ts';
import type { Row } from './tasks.ts';
import { openWorkspace, sha256 } from './workspace.ts';

export interface MergeOptions {
  readonly folders: readonly string[];
  readonly out: string;
  readonly json: boolean;
}

interface Part {
  readonly path: string;
  readonly header: Header;
  readonly scenario: string | undefined;
  /** Without which part it is: what all of them must agree in. */
  readonly settings: string;
}

function openPart(path: string): Part {
  const request = readRequest(path, 'inject');
  const parsed = injectSettings.safeParse(request.options);
  const header = headerOf(openShardFolder(join(path, 'shards'), path));
  if (!parsed.success || header === undefined) {
    throw new UsageError(path, 'holds no results of a campaign', 'leave it out, or resume it first');
  }
  const { part: _part, ...settings } = parsed.data;
  return { path, header, scenario: request.scenario ?? undefined, settings: canonical(settings) };
}

/** Parts of one campaign differ in nothing but in which part they are. */
function checkAlike(first: Part, other: Part): void {
  const unlike = differences({ ...other.header }, first.header);
  const words =
    unlike !== '' ? unlike : other.settings === first.settings ? '' : `${other.settings}, not ${first.settings}`;
  if (words === '') return;
  throw new RefusedFolder(
    other.path,
    `is of another campaign than ${first.path}: recorded with ${words}`,
    'merge parts of one campaign: the same scenario, images, seed, classes and number of faults',
  );
}

/** Checked line by line: nothing damaged is carried over. */
function read({ path, header }: Part, say: (text: string) => void): Result<Row>[] {
  const results = new Results<Row>(sha256);
  const shards = join(path, 'shards');
  Store.open({ folder: openShardFolder(shards), header, results, say, repair: false });
  return results.all();
}

function write(found: readonly Result<Row>[][], into: RunFolder, header: Header, say: (text: string) => void): void {
  const results = new Results<Row>(sha256);
  const store = Store.open({ folder: into.shards, header, results, say, repair: true });
  for (const own of found) store.append(own);
  if (results.duplicates > 0) say(`${results.duplicates} results were in several parts, and agreed`);
}

export async function merge(
  host: Host,
  { folders, out, json }: MergeOptions,
  interruption: Interruption,
): Promise<number> {
  const parts = folders.map(openPart);
  const [first] = parts;
  if (first === undefined) return EXIT.USAGE;
  for (const part of parts) checkAlike(first, part);
  const say = (sentence: string): void => host.err(`${sentence}\n`);
  const found = parts.map((part) => read(part, say));
  const workspace = openWorkspace(host.root, first.scenario);
  const options = injectSettings.parse(JSON.parse(first.settings));
  const folder = openRunFolder(workspace, out, {
    request: { command: 'inject', scenario: first.scenario ?? null, options },
    commandLine: `./taco merge ${folders.join(' ')} --out ${out}`,
    version: host.version,
    seed: first.header.seed,
    predictions: predictionsText(predictionsFor(host.root, workspace, placesOf(workspace.scenario, workspace.images))),
  });
  try {
    write(found, folder, first.header, say);
  } finally {
    folder.close();
  }
  const nothingNew = { workers: 0, cache: true, resume: out, out: undefined, json };
  const asRecorded = {
    modes: undefined,
    classes: undefined,
    size: undefined,
    seed: undefined,
    part: undefined,
    prune: undefined,
    regions: undefined,
  };
  return inject(host, { ...nothingNew, ...asRecorded, scenario: undefined }, interruption);
}
