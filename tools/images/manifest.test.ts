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
    const row = imageTable.find(({ name }) => name === 'rtos');
    if (!row) throw new Error('the table has no rtos');
    const source = 'src/guests/rtos/main.c';
    const image = join(folder, 'images', 'rtos.elf');
    const put = (file: string, text: string): void => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    for (const [file, text] of [
      [source, 'int one;'],
      ['images/rtos.elf', 'built'],
    ] as const)
      put(file, text);
    const manifest: Manifest = {
      compiler: 'any',
      headersHash: headersHash(folder),
      images: {
        rtos: {
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
    expect(findStale(folder, manifest)).toEqual(['rtos: a source has changed']);
    put(source, 'int one;');
    put('src/guests/rtos/more.c', '');
    expect(findStale(folder, manifest)).toEqual(['rtos: src/guests/rtos/more.c is new']);
    rmSync(join(folder, 'src/guests/rtos/more.c'));
    put('images/rtos.elf', 'patched');
    expect(findStale(folder, manifest)).toEqual(['rtos: rtos.elf is not what was built']);
  });
});
