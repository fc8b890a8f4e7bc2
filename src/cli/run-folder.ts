// The run folder runs/<scenario>/<UTC>/: what was asked, with what, and every row as it came. `latest` points at it.

import { appendFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from './errors.ts';
import { makeFolder } from './files.ts';
import type { Workspace } from './workspace.ts';

/** The one place outside stdout and stderr that a command writes to. */
export interface RunFolder {
  readonly path: string;
  /** Appended and flushed at once: a row that was reported is on the disk. */
  append(row: unknown): void;
  write(file: string, text: string): void;
}

export interface RunNotes {
  readonly command: string;
  readonly version: string;
  readonly seed: number;
  readonly predictions: string;
}

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

export function openRunFolder(workspace: Workspace, out: string | undefined, notes: RunNotes): RunFolder {
  const started = new Date();
  const path = out ?? join(workspace.root, 'runs', workspace.scenario.name, stampOf(started));
  create(path);
  if (out === undefined) pointLatest(path);
  const write = (file: string, text: string) => writeFileSync(join(path, file), text);
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
  write(
    'README.txt',
    `To run this again:\n\n  ${notes.command}\n\nwith the images and the scenario ${workspace.stamp}.\n`,
  );
  write('scenario.yaml', workspace.text);
  write('predictions.yaml', notes.predictions);
  write('env.json', `${JSON.stringify(environment, null, 2)}\n`);
  const shard = join(path, 'shards', 'rows.jsonl');
  return { path, write, append: (row) => appendFileSync(shard, `${JSON.stringify(row)}\n`) };
}
