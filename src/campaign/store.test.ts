import { createHash } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HostileFolder } from '../../test/hostile-folder.ts';
import { crc32 } from './crc32.ts';
import type { Header } from './header.ts';
import { type Result, Results } from './results.ts';
import { Store } from './store.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const header: Header = {
  schema: 'taco.shard/1',
  record: 2,
  stamp: '3f9c1e00',
  scenario: 'taco',
  seed: 1,
  timing: 'inorder',
  translation: 'finite',
};
type Row = { readonly value: number; readonly text?: string };
const all: Result<Row>[] = Array.from({ length: 6 }, (_, n) => ({ key: `t1.k${n}`, rows: [{ value: n, text: 'ä→' }] }));
const keys = all.map(({ key }) => key);

interface Opened {
  readonly store: Store<Row>;
  readonly results: Results<Row>;
  readonly said: string[];
}

function open(folder: HostileFolder, changes: Partial<Header> = {}, repair = true): Opened {
  const results = new Results<Row>(sha256);
  const said: string[] = [];
  const store = Store.open({
    folder,
    header: { ...header, ...changes },
    results,
    say: (line) => said.push(line),
    repair,
    shardBytes: 400,
  });
  return { store, results, said };
}

function filled(): HostileFolder {
  const folder = new HostileFolder();
  const { store } = open(folder);
  for (const result of all) store.append([result]);
  return folder;
}

/** What a resumed campaign does: finds out again what is missing. */
function complete({ store, results }: Opened): string {
  store.append(all.filter(({ key }) => !results.has(key)));
  return results.hashOf(keys);
}

const reference = complete(open(new HostileFolder()));

it('checks lines with the CRC that everybody knows', () => {
  for (const text of ['', 'a', '123456789', 'x'.repeat(1000)]) {
    const bytes = new TextEncoder().encode(text);
    expect(crc32(bytes)).toBe(zlibCrc32(bytes));
  }
});

describe('a store', () => {
  it('gives back what was put in, over several shards', () => {
    const folder = filled();
    expect(folder.names().length).toBeGreaterThan(1);
    const { results, said } = open(folder);
    expect([results.size, said]).toEqual([all.length, []]);
    for (const { key, rows } of all) expect(results.rows(key)).toEqual(rows);
    expect(results.hashOf(keys)).toBe(reference);
  });

  it('has one hash whatever the order, and another for another result', () => {
    const backwards = open(new HostileFolder());
    backwards.store.append([...all].reverse());
    expect(backwards.results.hashOf([...keys].reverse())).toBe(reference);
    const other = open(new HostileFolder());
    other.store.append([...all.slice(1), { key: keys[0] ?? '', rows: [{ value: 7 }] }]);
    expect(other.results.hashOf(keys)).not.toBe(reference);
  });

  it('is valid JSON Lines', () => {
    for (const line of filled().text('001.jsonl').trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('of');
  });

  it('drops and counts a duplicate that agrees, whatever the order of its fields', () => {
    const { store, results } = open(filled());
    store.append([{ key: 't1.k2', rows: [{ text: 'ä→', value: 2 }] }]);
    expect([results.duplicates, results.size]).toEqual([1, all.length]);
  });

  it('ends with a DETERMINISM_ERROR that names both places when a duplicate disagrees', () => {
    const { store } = open(filled());
    expect(() => store.append([{ key: 't1.k2', rows: [{ value: 3 }] }])).toThrow(
      /DETERMINISM_ERROR {2}t1\.k2 .*jsonl:/,
    );
  });

  it.each([
    ['another seed', { seed: 2 }, 'seed 1, not 2'],
    ['other images', { stamp: '00000000' }, 'images and scenario 3f9c1e00, not 00000000'],
    ['another timing', { timing: 'functional' }, 'timing inorder, not functional'],
    ['another translation', { translation: 'adversarial' }, 'translation finite, not adversarial'],
    ['another version of records', { record: 3 }, 'record version 2, not 3'],
  ])('refuses a folder of %s and names both', (_, changes, words) => {
    const folder = filled();
    const before = folder.copy();
    expect(() => open(folder, changes)).toThrow(words);
    expect(folder.files).toEqual(before.files);
  });
});

describe('what a kill leaves', () => {
  it('is repaired at every byte of the last record, and of the header', () => {
    const whole = filled();
    const last = whole.names().at(-1) ?? '';
    const bytes = whole.read(last);
    for (let size = 0; size < bytes.length; size++) {
      const folder = whole.copy();
      folder.files.set(last, bytes.slice(0, size));
      const opened = open(folder);
      const torn = size > 0 && bytes[size - 1] !== 0x0a;
      expect(opened.said).toHaveLength(torn ? 1 : 0);
      expect(complete(opened)).toBe(reference);
      expect(open(folder)).toMatchObject({ said: [], results: { size: all.length, duplicates: 0 } });
    }
  });
});

describe('a flipped bit', () => {
  it('anywhere in a shard is set aside with its line, or refused where nobody knows whose it is', () => {
    const whole = filled();
    for (const name of whole.names()) {
      const bytes = whole.read(name);
      const headerEnd = bytes.indexOf(0x0a);
      for (let at = 0; at < bytes.length; at++) {
        const folder = whole.copy();
        const flipped = bytes.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        folder.files.set(name, flipped);
        if (at <= headerEnd) {
          expect(() => open(folder)).toThrow(/:1 {2}has a damaged header/);
          continue;
        }
        const opened = open(folder);
        expect(opened.said.join()).toMatch(/jsonl:\d+ {2}(is damaged|was cut off)/);
        expect(complete(opened)).toBe(reference);
        expect(open(folder)).toMatchObject({ said: [], results: { size: all.length } });
      }
    }
  });

  it('is refused with file and line where nothing may be repaired', () => {
    const folder = filled();
    const bytes = folder.read('001.jsonl');
    const at = bytes.indexOf(0x0a) + 40;
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    folder.files.set('001.jsonl', bytes);
    expect(() => open(folder, {}, false)).toThrow(/shards\/001\.jsonl:2 {2}is damaged.*\n.*--resume/);
    folder.files.set('001.jsonl', filled().read('001.jsonl').slice(0, -1));
    expect(() => open(folder, {}, false)).toThrow(/001\.jsonl:\d+ {2}was cut off/);
  });
});

describe('a disk that does not take it', () => {
  it('full at any byte loses nothing that was flushed, and goes on when there is room', () => {
    const need = [...filled().files.values()].reduce((sum, { length }) => sum + length, 0);
    for (let room = 1; room < need; room += 7) {
      const folder = new HostileFolder();
      folder.room = room;
      const flushed: Result<Row>[] = [];
      expect(() => {
        const { store } = open(folder);
        for (const result of all) {
          store.append([result]);
          flushed.push(result);
        }
      }).toThrow(/shards\/\d+\.jsonl {2}is full.*\n.*--resume/);
      folder.room = Number.POSITIVE_INFINITY;
      const opened = open(folder);
      expect(opened.said).toEqual([]);
      for (const { key } of flushed) expect(opened.results.has(key)).toBe(true);
      expect(complete(opened)).toBe(reference);
    }
  });

  it('that takes a byte at a time gets all of them', () => {
    const folder = new HostileFolder();
    folder.mouthful = 1;
    complete(open(folder));
    expect(open(folder).results.hashOf(keys)).toBe(reference);
  });

  it.each([
    ['EACCES', 'may not be written'],
    ['EROFS', 'may not be written'],
    ['EIO', 'cannot be written (EIO)'],
  ])('refuses with %s and says so', (code, words) => {
    const folder = filled();
    const { store } = open(folder);
    folder.refusal = code;
    expect(() => store.append([{ key: 'new', rows: [] }])).toThrow(words);
    expect(() => open(new HostileFolder())).not.toThrow();
    folder.files.set('002.jsonl', folder.read('002.jsonl').slice(0, -3));
    expect(() => open(folder)).toThrow(words);
  });
});
