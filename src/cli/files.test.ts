import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder, openPlainFile } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'taco-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file that a user names', () => {
  const file = join(folder, 'some');
  writeFileSync(file, 'text');

  it('is read whole', () => {
    expect(openPlainFile(file, 4)).toEqual({ bytes: Buffer.from('text') });
  });

  it('is not opened when it is too large, however little of it lies on the disk', () => {
    const sparse = join(folder, 'sparse');
    writeFileSync(sparse, '');
    truncateSync(sparse, 2 ** 32);
    expect(openPlainFile(sparse, 2 ** 20)).toEqual({ problem: 'is larger than 1 MiB' });
  });

  it('is a file, no folder and no device', () => {
    expect(openPlainFile(folder, 4)).toEqual({ problem: 'is a folder' });
    expect(openPlainFile(devNull, 4)).toEqual({ problem: 'is no plain file' });
    expect(openPlainFile(join(folder, 'none'), 4)).toEqual({ problem: 'does not exist' });
    expect(openPlainFile(join(file, 'below'), 4)).toEqual({ problem: 'does not exist' });
  });
});

describe('a folder that a user names', () => {
  it('is made with those above it, and may be there already', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolder(deep);
    makeFolder(deep);
    expect(statSync(deep).isDirectory()).toBe(true);
  });

  it('is refused below a file', () => {
    expect(() => makeFolder(join(folder, 'some', 'below'))).toThrow(/ENOTDIR|EEXIST/);
  });

  it.runIf(process.platform === 'linux')('is refused at once where the system makes none', () => {
    expect(() => makeFolder('/proc/taco/shards')).toThrow(/ENOENT|EACCES|EPERM/);
  });
});
