import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingStrangers } from '../../tools/validate/strangers.ts';
import { readKernelSymbols } from './kallsyms.ts';

/** Token i stands for the letter i, but for one that stands for a whole word. */
const WORD = 1;
const tokens = Array.from({ length: 256 }, (_, code) => (code === WORD ? 'kernel' : String.fromCharCode(code || 2)));

/** As scripts/kallsyms.c writes it, each table on a boundary of 8 bytes. */
function image(names: readonly string[]): Uint8Array {
  const bytes: number[] = Array.from({ length: 64 }, () => 0xff);
  const align = () => {
    while (bytes.length % 8 !== 0) bytes.push(0);
  };
  const word = (value: number) => bytes.push(...[0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff));
  const packed = names.map((name) =>
    [...name.replace('kernel', String.fromCharCode(WORD))].map((c) => c.charCodeAt(0)),
  );
  align();
  word(names.length);
  align();
  const markers: number[] = [];
  const start = bytes.length;
  for (const [index, codes] of packed.entries()) {
    if (index % 256 === 0) markers.push(bytes.length - start);
    // A length that does not fit seven bits takes a second byte.
    if (codes.length < 0x80) bytes.push(codes.length);
    else bytes.push(0x80 | (codes.length & 0x7f), codes.length >>> 7);
    bytes.push(...codes);
  }
  align();
  for (const marker of markers) word(marker);
  align();
  const offsets: number[] = [];
  const table = bytes.length;
  for (const token of tokens) {
    offsets.push(bytes.length - table);
    bytes.push(...[...token].map((c) => c.charCodeAt(0)), 0);
  }
  align();
  for (const offset of offsets) bytes.push(offset & 0xff, offset >>> 8);
  align();
  for (const index of names.keys()) word(0x1000 + 0x10 * index);
  return Uint8Array.from(bytes);
}

const names = Array.from({ length: 600 }, (_, index) => `${index === 0 ? 'T_start' : `tkernel_${index}`}`);
names[7] = `d${'x'.repeat(200)}`;

describe('names that a kernel keeps', () => {
  it('come back with their kinds, from the start of the image', () => {
    const found = readKernelSymbols(image(names));
    expect(found).toHaveLength(600);
    expect(found[0]).toEqual({ name: '_start', kind: 'T', address: 0 });
    expect(found[7]).toEqual({ name: 'x'.repeat(200), kind: 'd', address: 0x70 });
    expect(found[599]).toEqual({ name: 'kernel_599', kind: 't', address: 0x10 * 599 });
  });

  it('are none where the tables are cut, scrambled or absent', () => {
    const whole = image(names);
    expect(readKernelSymbols(new Uint8Array(4096))).toEqual([]);
    for (let at = 0; at < whole.length; at += 997) {
      expect(readKernelSymbols(whole.subarray(0, at)).length).toBeLessThanOrEqual(600);
      const scrambled = whole.slice();
      scrambled[at] = (scrambled[at] ?? 0) ^ 0xff;
      expect(readKernelSymbols(scrambled).length).toBeLessThanOrEqual(600);
    }
  });
});

const missing = missingStrangers();
describe.skipIf(missing !== undefined)(
  `Debian's kernel${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    it('has its banner and the entry of its traps where the names say', () => {
      const bytes = readFileSync(join(import.meta.dirname, '../../guests/debian/vmlinux'));
      const found = new Map(readKernelSymbols(bytes).map(({ name, address }) => [name, address]));
      const banner = found.get('linux_banner') ?? 0;
      expect(bytes.subarray(banner, banner + 14).toString()).toBe('Linux version ');
      // csrrw tp, sscratch, tp: the first thing that a trap handler of Linux does.
      expect(bytes.readUInt32LE(found.get('handle_exception') ?? 0)).toBe(0x14021273);
    });
  },
);
