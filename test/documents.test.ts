// What people read first must not go stale: paths that documents name exist, and no file says where it was written.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Paths between backticks: with a slash or a known ending, and without the blanks that commands have. */
function pathsIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path = '']) => path);
  return quoted.filter((path) => /^(src|test|tools|images|schemas|scenarios|bench)\/|\.(md|json|yaml)$/.test(path));
}

describe.each(['README.md', 'READING.md'])('%s', (file) => {
  it('names files and folders that exist', () => {
    const paths = pathsIn(read(file)).filter((path) => !path.startsWith('guests/'));
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

it('README names every script that it tells people to run', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const told = [...read('README.md').matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
  expect(told.filter((name) => scripts[name] === undefined)).toEqual([]);
});

it('no committed file names a folder of a home or a registry of packages', () => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  const local = /"resolved":|\/home\/[a-z]|\/Users\/[A-Z]|registry\.[a-z]+\.(org|com)/;
  const found = files.filter(
    (file) => !/\.elf$/.test(file) && file !== 'test/documents.test.ts' && local.test(read(file)),
  );
  expect(found).toEqual([]);
});
