import { describe, expect, it } from 'vitest';
import { checksum, DISK_MAX, DISK_MIN, FileSystemError, makeFileSystem, readFileSystem } from './file-system.ts';

const BLOCK = 512;
const content = (length: number): Uint8Array => Uint8Array.from({ length }, (_, n) => (n * 7 + (n >> 8)) & 255);

describe('an image', () => {
  it.each([
    ['without files', {}],
    ['of short files', { a: content(1), 'twenty-characters-ab': content(512), c: content(0) }],
    ['with a chain of three nodes', { long: content(120 * BLOCK + 3), b: content(700) }],
    ['that is full of files', Object.fromEntries([...'abcdefgh'].map((name, n) => [name, content(n * 100)]))],
  ])('%s gives them back', (_, files) => {
    expect(Object.fromEntries(readFileSystem(makeFileSystem(0x2_0000, files)))).toEqual(files);
  });

  it.each([
    ['too small a disk', DISK_MIN - BLOCK, {}],
    ['too large a disk', DISK_MAX + BLOCK, {}],
    ['part of a block', DISK_MIN + 1, {}],
    ['more than fits', DISK_MIN, { a: content(DISK_MIN) }],
    ['too many files', DISK_MIN, Object.fromEntries([...'abcdefghi'].map((name) => [name, content(1)]))],
    ['a long name', DISK_MIN, { 'twenty-one-characters': content(1) }],
    ['no name', DISK_MIN, { '': content(1) }],
  ])('of %s is refused', (_, size, files) => {
    expect(() => makeFileSystem(size, files)).toThrow(FileSystemError);
  });

  it('notices each flipped bit of what is in use', () => {
    const image = makeFileSystem(DISK_MIN, { a: content(1500) });
    const used = [0, 1, 2, 10, 11, 12].flatMap((block) => [0, 8, 100, 200, 507].map((at) => block * BLOCK + at));
    for (const at of used) {
      const wrong = image.slice();
      wrong[at] = (wrong[at] ?? 0) ^ 0x80;
      expect(() => readFileSystem(wrong), `byte ${at}`).toThrow(FileSystemError);
    }
  });
});

it('a checksum depends on the block, on each bit and on the order of words', () => {
  const bytes = new Uint8Array(508);
  const sums = new Set([checksum(1, bytes), checksum(2, bytes)]);
  for (let bit = 0; bit < 508 * 8; bit += 13) {
    const other = bytes.slice();
    other[bit >> 3] = 1 << (bit & 7);
    sums.add(checksum(1, other));
  }
  expect(sums.size).toBe(2 + Math.ceil((508 * 8) / 13));
});
