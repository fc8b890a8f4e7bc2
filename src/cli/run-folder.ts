// The run folder runs/<scenario>/<UTC>/: what was asked, with what, and every row as it came. `latest` points at it.

import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Folder } from '../campaign/folder.ts';
import { StorageFailed } from '../campaign/errors.ts';
import { problemOf, shardNames } from '../campaign/store.ts';
import { UsageError } from './errors.ts';
import { makeFolder } from './files.ts';
import { lockFolder } from './folder-lock.ts';
import { openShardFolder, replaceFile } from './shard-folder.ts';
import type { Workspace } from './workspace.ts';

/** The one place outside stdout and stderr that a command writes to. */
export interface RunFolder {
  readonly path: string;
  readonly shards: Folder;
  write(file: string, text: string): void;
  /** Lets others work on it. */
  close(): void;
}

/** What was asked, as it stands in the folder: enough to go on without being asked again. */
export interface Request {
  readonly command: string;
  /** Of the scenario's file; null for the default one. */
  readonly scenario: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** The whole command line, for people and documents. */
  readonly commandLine: string;
}

export interface RunNotes {
  readonly request: Omit<Request, 'commandLine'>;
  readonly commandLine: string;
  readonly version: string;
  readonly seed: number;
  readonly predictions: string;
}

const REQUEST = 'campaign.json';

/** UTC without the characters that file systems dislike. */
function stampOf(date: Date): string {
  return date.toISOString().replaceAll(':', '').replace(/\.\d+/, '');
}

function create(path: string): void {
  try {
    makeFolder(join(resolve(path), 'shards'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(path, `cannot be made (${code})`, 'give another folder with --out');
  }
}

/** Links are a convenience: where the file system has none, the folder's name is in a file. */
function pointLatest(path: string): void {
  const latest = join(dirname(path), 'latest');
  rmSync(latest, { recursive: true, force: true });
  const name = path.slice(dirname(path).length + 1);
  try {
    symlinkSync(name, latest, 'dir');
  } catch {
    writeFileSync(`${latest}.txt`, `${name}\n`);
  }
}

function openFolder(path: string): RunFolder {
  const shards = join(path, 'shards');
  try {
    const close = lockFolder(path);
    const write = (file: string, text: string) => {
      try {
        makeFolder(dirname(join(resolve(path), file)));
        replaceFile(join(path, file), text);
      } catch (error) {
        throw new StorageFailed(join(path, file), problemOf(error));
      }
    };
    return { path, shards: openShardFolder(shards), write, close };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new UsageError(path, `may not be written (${code})`, 'give the right to write, or another folder with --out');
  }
}

/** A new one. */
export function openRunFolder(workspace: Workspace, out: string | undefined, notes: RunNotes): RunFolder {
  const started = new Date();
  const path = out ?? join(workspace.root, 'runs', workspace.scenario.name, stampOf(started));
  create(path);
  const folder = openFolder(path);
  if (shardNames(folder.shards).length > 0) {
    folder.close();
    throw new UsageError(path, 'holds a campaign already', 'go on with it: --resume; or give another folder');
  }
  if (out === undefined) pointLatest(path);
  const environment = {
    started: started.toISOString(),
    taco: notes.version,
    node: process.version,
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model ?? '',
    cpus: cpus().length,
    stamp: workspace.stamp,
    images: workspace.hashes,
    seed: notes.seed,
  };
  folder.write(REQUEST, `${JSON.stringify({ ...notes.request, commandLine: notes.commandLine }, null, 2)}\n`);
  folder.write(
    'README.txt',
    `To run this again:\n\n  ${notes.commandLine}\n\nwith the images and the scenario ${workspace.stamp}. To go on where it stopped:\n\n  ./taco ${notes.request.command} --resume ${path}\n`,
  );
  folder.write('scenario.yaml', workspace.text);
  folder.write('predictions.yaml', notes.predictions);
  folder.write('env.json', `${JSON.stringify(environment, null, 2)}\n`);
  return folder;
}

/** What that folder was made for; it is untrusted, and its options are checked by whom they belong to. */
export function readRequest(path: string, command: string): Request {
  let request: Partial<Request>;
  try {
    request = JSON.parse(readFileSync(join(path, REQUEST), 'utf8')) as Partial<Request>;
  } catch {
    throw new UsageError(
      path,
      `is no folder of a campaign: ${REQUEST} is missing or unreadable`,
      'start it anew: --out',
    );
  }
  const { scenario = null, options, commandLine = '' } = request;
  if (request.command !== command || typeof options !== 'object' || options === null) {
    throw new UsageError(
      path,
      `was made by taco ${request.command}, not by taco ${command}`,
      `give it to taco ${request.command} --resume`,
    );
  }
  return { command, scenario, options, commandLine: String(commandLine) };
}

export function resumeRunFolder(path: string): RunFolder {
  create(path);
  return openFolder(path);
}
