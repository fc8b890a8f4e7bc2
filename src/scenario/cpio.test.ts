import { describe, expect, it } from 'vitest';
import { CHARACTER_DEVICE, DIRECTORY, EXECUTABLE, withFile, writeCpio } from './cpio.ts';

/** A reader written from the format's description: what an unpacking kernel sees. */
function readCpio(bytes: Uint8Array) {
  const text = (from: number, length: number) => new TextDecoder().decode(bytes.subarray(from, from + length));
  const align = (at: number) => Math.ceil(at / 4) * 4;
  const entries = [];
  for (let at = 0; ; ) {
    const number = (index: number) => Number.parseInt(text(at + 6 + 8 * index, 8), 16);
    const [mode, size, nameLength] = [number(1), number(6), number(11)];
    const name = text(at + 110, nameLength - 1);
    const data = align(at + 110 + nameLength);
    if (name === 'TRAILER!!!') return { entries, end: align(data + size) };
    entries.push({
      magic: text(at, 6),
      name,
      mode,
      text: text(data, size),
      device: [number(9), number(10)],
      links: number(4),
    });
    at = align(data + size);
  }
}

describe('writeCpio', () => {
  const bytes = writeCpio([
    { path: 'dev', mode: DIRECTORY },
    { path: 'dev/console', mode: CHARACTER_DEVICE, device: [5, 1] },
    { path: 'init', mode: EXECUTABLE, bytes: new TextEncoder().encode('#!/bin/sh\n') },
  ]);

  it('gives each entry its header, name and bytes', () => {
    const magic = '070701';
    expect(readCpio(bytes).entries).toEqual([
      { magic, name: 'dev', mode: 0o040755, text: '', device: [0, 0], links: 1 },
      { magic, name: 'dev/console', mode: 0o020600, text: '', device: [5, 1], links: 1 },
      { magic, name: 'init', mode: 0o100755, text: '#!/bin/sh\n', device: [0, 0], links: 1 },
    ]);
  });

  it('is followed by an archive of one file that is to take the place of its like', () => {
    const script = new TextEncoder().encode('#!/bin/other\n');
    const odd = bytes.subarray(0, bytes.length - 1);
    for (const archive of [bytes, odd]) {
      const both = withFile(archive, { path: 'init', mode: EXECUTABLE, bytes: script });
      expect(both.subarray(0, archive.length)).toEqual(archive);
      expect(readCpio(both.subarray(bytes.length)).entries).toMatchObject([{ name: 'init', text: '#!/bin/other\n' }]);
    }
  });

  it('ends with the trailer, aligned', () => {
    expect(readCpio(bytes).end).toBe(bytes.length);
  });
});
