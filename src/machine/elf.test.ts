import { describe, expect, it } from 'vitest';
import type { ElfProblem } from './elf.ts';
import { ElfError, parseElf } from './elf.ts';

// A small executable laid out by hand: header, two program headers, text, strings, symbols, section headers.
const PROGRAM_HEADERS = 64;
const TEXT = 0x100;
const STRINGS = 0x120;
const SYMBOLS = 0x180;
const SECTION_HEADERS = 0x200;
const FILE_SIZE = 0x300;
const strings = '\0.text\0.strtab\0.symtab\0main\0table\0$xrv64\0.L1\0gone\0';
const nameOffset = (name: string): number => strings.indexOf(`\0${name}\0`) + 1;

function sample(): { file: Uint8Array; view: DataView } {
  const file = new Uint8Array(FILE_SIZE);
  const view = new DataView(file.buffer);
  const u64 = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 3, true);
  view.setUint16(18, 243, true);
  u64(24, 0x8000_0000);
  u64(32, PROGRAM_HEADERS);
  u64(40, SECTION_HEADERS);
  [64, 56, 2, 64, 4, 2].forEach((value, index) => {
    view.setUint16(52 + 2 * index, value, true);
  });
  const segment = (index: number, type: number, words: number[]): void => {
    const at = PROGRAM_HEADERS + 56 * index;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, 5, true);
    words.forEach((word, place) => {
      u64(at + 8 + 8 * place, word);
    });
  };
  segment(0, 1, [TEXT, 0x8000_0000, 0x9000_0000, 16, 0x1000, 0x1000]);
  segment(1, 2, [2 ** 40, 0, 0, 2 ** 40, 2 ** 40, 8]); // PT_DYNAMIC: not loaded, so not looked at
  for (let index = 0; index < 16; index++) file[TEXT + index] = index;
  file.set(new TextEncoder().encode(strings), STRINGS);
  const symbol = (index: number, name: string, type: number, section: number, address: number): void => {
    const at = SYMBOLS + 24 * index;
    view.setUint32(at, nameOffset(name), true);
    view.setUint8(at + 4, type);
    view.setUint16(at + 6, section, true);
    u64(at + 8, address);
    u64(at + 16, 8);
  };
  symbol(1, 'main', 0x12, 1, 0x8000_0004);
  symbol(2, 'table', 0x01, 0xfff1, 0x1234);
  symbol(3, '$xrv64', 0, 1, 0x8000_0000);
  symbol(4, 'gone', 0x10, 0, 0);
  const section = (index: number, name: string, words: number[]): void => {
    const at = SECTION_HEADERS + 64 * index;
    view.setUint32(at, nameOffset(name), true);
    const [type, flags, address, offset, size, link, entrySize] = words;
    view.setUint32(at + 4, type ?? 0, true);
    u64(at + 8, flags ?? 0);
    u64(at + 16, address ?? 0);
    u64(at + 24, offset ?? 0);
    u64(at + 32, size ?? 0);
    view.setUint32(at + 40, link ?? 0, true);
    u64(at + 56, entrySize ?? 0);
  };
  section(1, '.text', [1, 6, 0x8000_0000, TEXT, 16]);
  section(2, '.strtab', [3, 0, 0, STRINGS, strings.length]);
  section(3, '.symtab', [2, 0, 0, SYMBOLS, 24 * 5, 2, 24]);
  return { file, view };
}

/** The problem that parsing reports; any other exception fails the test. */
function problemOf(file: Uint8Array): ElfProblem | undefined {
  try {
    parseElf(file);
    return undefined;
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    expect(error.message).not.toBe('');
    return error.problem;
  }
}

function broken(change: (view: DataView, file: Uint8Array) => void): ElfProblem | undefined {
  const { file, view } = sample();
  change(view, file);
  return problemOf(file);
}

describe('parseElf', () => {
  it('reads entry, segments, symbols and sections', () => {
    const elf = parseElf(sample().file);
    expect(elf.entry).toBe(0x8000_0000);
    expect(elf.segments).toEqual([
      {
        virtualAddress: 0x8000_0000,
        physicalAddress: 0x9000_0000,
        bytes: Uint8Array.from({ length: 16 }, (_, index) => index),
        memorySize: 0x1000,
        readable: true,
        writable: false,
        executable: true,
      },
    ]);
    expect(elf.symbols).toEqual([
      { name: 'main', address: 0x8000_0004, size: 8, type: 'function', section: '.text' },
      { name: 'table', address: 0x1234, size: 8, type: 'object', section: undefined },
    ]);
    expect(elf.sections[0]).toEqual({ name: '.text', address: 0x8000_0000, size: 16, allocated: true });
    expect(elf.sections.map(({ name }) => name)).toEqual(['.text', '.strtab', '.symtab']);
  });

  it('reads a file inside a larger buffer, and one without sections', () => {
    const { file, view } = sample();
    const larger = new Uint8Array(FILE_SIZE + 7);
    larger.set(file, 7);
    expect(parseElf(larger.subarray(7))).toEqual(parseElf(file));
    view.setUint16(60, 0, true);
    expect(parseElf(file)).toMatchObject({ symbols: [], sections: [] });
  });

  it('names what a file is instead of an executable for this machine', () => {
    expect(problemOf(new Uint8Array(0))).toBe('truncated');
    expect(problemOf(new TextEncoder().encode('#!/bin/sh\n'))).toBe('not-elf');
    expect(broken((view) => view.setUint8(4, 1))).toBe('wrong-class');
    expect(broken((view) => view.setUint8(5, 2))).toBe('wrong-endianness');
    expect(broken((view) => view.setUint16(18, 62, true))).toBe('wrong-machine');
    expect(broken((view) => view.setUint16(16, 1, true))).toBe('wrong-type');
  });

  it('refuses absurd sizes, offsets and counts', () => {
    const huge = 2n ** 64n - 1n;
    const segment = PROGRAM_HEADERS;
    const symtab = SECTION_HEADERS + 3 * 64;
    expect(broken((view) => view.setBigUint64(segment + 8, huge, true))).toBe('too-large');
    expect(broken((view) => view.setBigUint64(segment + 8, 2n ** 52n, true))).toBe('truncated');
    expect(broken((view) => view.setBigUint64(segment + 40, 2n ** 52n, true))).toBe('too-large');
    expect(broken((view) => view.setBigUint64(segment + 40, 8n, true))).toBe('malformed');
    expect(broken((view) => view.setBigUint64(segment + 16, huge, true))).toBe('too-large');
    expect(broken((view) => view.setUint16(56, 0xffff, true))).toBe('truncated');
    expect(broken((view) => view.setUint16(54, 0, true))).toBe('malformed');
    expect(broken((view) => view.setUint16(60, 0xffff, true))).toBe('truncated');
    expect(broken((view) => view.setBigUint64(symtab + 32, 24n * 1_000_000n, true))).toBe('truncated');
    expect(broken((view) => view.setBigUint64(symtab + 56, 0n, true))).toBe('malformed');
    expect(broken((view) => view.setUint32(symtab + 40, 99, true))).toBe('malformed');
    expect(broken((view) => view.setUint32(SYMBOLS + 24, 0xffff_ffff, true))).toBe('malformed');
    expect(broken((view) => view.setUint32(SECTION_HEADERS + 64, 0xffff, true))).toBe('malformed');
  });

  it('answers a file cut anywhere with an ElfError', () => {
    const { file } = sample();
    const needed = SECTION_HEADERS + 4 * 64;
    for (let length = 0; length < needed; length++) expect(problemOf(file.subarray(0, length))).toBe('truncated');
    expect(problemOf(file.subarray(0, needed))).toBeUndefined();
  });

  it('answers a file with any one byte changed with a result or an ElfError', () => {
    for (const value of [0x00, 0x7f, 0x80, 0xff]) {
      for (let at = 0; at < FILE_SIZE; at++) {
        broken((_view, file) => {
          file[at] = value;
        });
      }
    }
  });

  it('does not let one long name be read for every symbol', () => {
    const { file, view } = sample();
    file.fill(0x61, STRINGS, SYMBOLS);
    const long = new Uint8Array(0x10_0000).fill(0x61);
    long.set(file.subarray(0, STRINGS));
    long.set(file.subarray(SYMBOLS, FILE_SIZE), SYMBOLS);
    new DataView(long.buffer).setBigUint64(SECTION_HEADERS + 2 * 64 + 24, 0x1000n, true);
    new DataView(long.buffer).setBigUint64(SECTION_HEADERS + 2 * 64 + 32, 0xf_0000n, true);
    expect(problemOf(long)).toBe('malformed');
    expect(view.byteLength).toBe(FILE_SIZE);
  });
});
