// Builds the images of images/ from C, or with --check compares a fresh build with what is committed.
//
//   npm run images              all of them
//   npm run images -- rtos      some of them
//   npm run images -- --check   builds, compares, changes nothing
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformHeader } from '../src/machine/board.ts';
import { buildImage, compilerVersion, listSources, readSections, readSymbols, ToolError } from './images/compile.ts';
import { indexFile } from './images/index-file.ts';
import type { ImageRecord, Manifest } from './images/manifest.ts';
import { headersHash, readManifest, sha256, sourceHash } from './images/manifest.ts';
import { readHeaders } from './images/structs.ts';
import type { ImageRow } from './images/table.ts';
import { imageTable, sharedHeaders } from './images/table.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'images');
const PLATFORM_HEADER = 'src/onboard/platform.h';

type Outputs = Map<string, string | Uint8Array>;

function rowsToBuild(names: readonly string[]): ImageRow[] {
  for (const name of names) {
    if (!imageTable.some((row) => row.name === name)) {
      throw new ToolError(`no image is called ${name}\n  choose from ${imageTable.map((row) => row.name).join(', ')}`);
    }
  }
  return imageTable.filter((row) => {
    if (names.length > 0 && !names.includes(row.name)) return false;
    if (listSources(root, row.folders).length > 0) return true;
    console.error(`${row.name}: skipped, no sources in ${row.folders.join(', ')}`);
    return false;
  });
}

/** Builds the rows and says what files must then hold what; images not asked for stay as they are. */
function build(rows: readonly ImageRow[], outputs: Outputs): boolean {
  let good = true;
  const records: Record<string, ImageRecord> = { ...readManifest(root)?.images };
  for (const row of rows) {
    try {
      const image = buildImage(root, row);
      outputs.set(`images/${row.name}.elf`, image.bytes);
      records[row.name] = {
        sha256: sha256(image.bytes),
        sourceHash: sourceHash(root, row, image.inputs),
        inputs: image.inputs,
        sourceLines: image.sourceLines,
        reachable: image.reachable,
      };
      console.error(`${row.name}: ${image.bytes.length} bytes`);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      console.error(`${row.name}: ${error.message}`);
      good = false;
    }
  }
  const known = imageTable.filter((row) => records[row.name]);
  const manifest: Manifest = {
    compiler: compilerVersion(root),
    headersHash: headersHash(root),
    images: Object.fromEntries(known.map((row) => [row.name, records[row.name] as ImageRecord])),
  };
  const indexed = known.map((row) => {
    const built = join('build', 'images', row.name, `${row.name}.elf`);
    const file = outputs.has(`images/${row.name}.elf`) ? built : join('images', `${row.name}.elf`);
    const image = { sections: readSections(root, file), symbols: readSymbols(root, file) };
    const linkedAt = row.place === 'slot' ? row.place : row.place.base;
    const { sha256: hash, sourceLines, reachable } = manifest.images[row.name] as ImageRecord;
    return { name: row.name, sha256: hash, sourceLines, reachable, linkedAt, ...image };
  });
  outputs.set('images/manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  outputs.set('images/index.ts', indexFile(indexed, readHeaders(root, sharedHeaders)));
  return good;
}

/** A reader meanwhile sees the old file or the new one, never half of one. */
function write(outputs: Outputs): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of outputs) {
    const path = join(root, file);
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  }
}

function compare(outputs: Outputs): boolean {
  const different = [...outputs].filter(([file, content]) => {
    const path = join(root, file);
    return !existsSync(path) || !readFileSync(path).equals(Buffer.from(content));
  });
  for (const [file] of different)
    console.error(`${file} differs from a fresh build\n  run \`npm run images\` and commit`);
  return different.length === 0;
}

function main(args: readonly string[]): number {
  const check = args.includes('--check');
  const names = args.filter((arg) => arg !== '--check');
  const version = compilerVersion(root);
  const manifest = readManifest(root);
  if (check && manifest && manifest.compiler !== version) {
    console.error(`images were built with ${manifest.compiler}, this is ${version}\n  compare under that version`);
    return 1;
  }
  const header = platformHeader();
  const outputs: Outputs = new Map([[PLATFORM_HEADER, header]]);
  const stalePlatform =
    !existsSync(join(root, PLATFORM_HEADER)) || readFileSync(join(root, PLATFORM_HEADER), 'utf8') !== header;
  if (stalePlatform && !check) write(outputs);
  const good = build(rowsToBuild(names), outputs);
  if (check) return compare(outputs) && good ? 0 : 1;
  write(outputs);
  return good ? 0 : 1;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ToolError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
