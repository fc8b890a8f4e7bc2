// The manifest of images/: what each image was built from, so that stale images are found without a compiler.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listSources } from './compile.ts';
import type { ImageRow } from './table.ts';
import { flagsOf, imageTable, sharedHeaders } from './table.ts';

export interface ImageRecord {
  readonly sha256: string;
  /** Hash over flags and input files. */
  readonly sourceHash: string;
  readonly inputs: readonly string[];
  readonly sourceLines: number;
  readonly reachable: number | null;
}

export interface Manifest {
  readonly compiler: string;
  /** Hash over the headers whose layouts are in index.ts. */
  readonly headersHash: string;
  readonly images: Readonly<Record<string, ImageRecord>>;
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

function hashFiles(root: string, files: readonly string[]): string {
  const parts = files.map((file) => {
    const path = join(root, file);
    return `${file} ${existsSync(path) ? sha256(readFileSync(path)) : 'absent'}`;
  });
  return sha256(parts.join('\n'));
}

export function sourceHash(root: string, row: ImageRow, inputs: readonly string[]): string {
  const { compile, link } = flagsOf(row);
  return sha256([...compile, ...link, hashFiles(root, inputs)].join('\n'));
}

export const headersHash = (root: string): string => hashFiles(root, sharedHeaders);

export function readManifest(root: string): Manifest | undefined {
  const file = join(root, 'images', 'manifest.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Images whose sources are no longer those they were built from, each with the reason. */
export function findStale(root: string, manifest: Manifest): string[] {
  const stale: string[] = [];
  if (manifest.headersHash !== headersHash(root)) stale.push(`index.ts: ${sharedHeaders.join(' or ')} has changed`);
  for (const row of imageTable) {
    const sources = listSources(root, [...row.folders, ...row.libraries]);
    const record = manifest.images[row.name];
    if (!record) {
      if (listSources(root, row.folders).length > 0) stale.push(`${row.name}: never built`);
      continue;
    }
    const added = sources.find((source) => !record.inputs.includes(source));
    if (added) stale.push(`${row.name}: ${added} is new`);
    else if (sourceHash(root, row, record.inputs) !== record.sourceHash)
      stale.push(`${row.name}: a source has changed`);
    const file = join(root, 'images', `${row.name}.elf`);
    if (!existsSync(file)) stale.push(`${row.name}: ${row.name}.elf is missing`);
    else if (sha256(readFileSync(file)) !== record.sha256)
      stale.push(`${row.name}: ${row.name}.elf is not what was built`);
  }
  return stale;
}
