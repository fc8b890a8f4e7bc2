import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Manifest } from './manifest.ts';
import { findStale, headersHash, readManifest, sha256, sourceHash } from './manifest.ts';
import { imageTable } from './table.ts';

const root = join(import.meta.dirname, '..', '..');

describe('the committed images', () => {
  it('are built from the committed sources', () => {
    const manifest = readManifest(root);
    const stale = manifest ? findStale(root, manifest) : ['images/manifest.json is missing'];
    expect(stale, `stale images\n  ${stale.join('\n  ')}\n  run \`npm run images\` and commit images/\n`).toEqual([]);
  });
});

describe('a stale image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-images-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is found when a source changes, appears, or the file is another', () => {
    const row = imageTable.find(({ name }) => name === 'unix');
    if (!row) throw new Error('the table has no unix');
    const source = 'src/guests/unix/main.c';
    const image = join(folder, 'images', 'unix.elf');
    const put = (file: string, text: string): void => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    for (const [file, text] of [
      [source, 'int one;'],
      ['images/unix.elf', 'built'],
    ] as const)
      put(file, text);
    const manifest: Manifest = {
      compiler: 'any',
      headersHash: headersHash(folder),
      images: {
        unix: {
          sha256: sha256('built'),
          sourceHash: sourceHash(folder, row, [source]),
          inputs: [source],
          sourceLines: 1,
          reachable: null,
        },
      },
    };
    expect(existsSync(image)).toBe(true);
    expect(findStale(folder, manifest)).toEqual([]);
    put(source, 'int two;');
    expect(findStale(folder, manifest)).toEqual(['unix: a source has changed']);
    put(source, 'int one;');
    put('src/guests/unix/more.c', '');
    expect(findStale(folder, manifest)).toEqual(['unix: src/guests/unix/more.c is new']);
    rmSync(join(folder, 'src/guests/unix/more.c'));
    put('images/unix.elf', 'patched');
    expect(findStale(folder, manifest)).toEqual(['unix: unix.elf is not what was built']);
  });
});
