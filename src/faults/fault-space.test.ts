import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { type ElfSection, parseElf } from '../machine/elf.ts';
import { SymbolTable } from '../scenario/symbol-table.ts';
import { bitAt, bitsOf, drawBit, drawWeighted, type Region, regionsOf } from './fault-space.ts';
import { Random } from './random.ts';

function imageOf(name: string, bias: number) {
  const image = readBuiltImage({ kind: 'built', name });
  if (!('bytes' in image)) throw new Error(`no image ${name}`);
  const elf = parseElf(image.bytes);
  return { elf, symbols: new SymbolTable(name, elf, bias) };
}

const IMAGES = [
  ['rtos', 0x8200_0000, ['text', 'data', 'stack']],
  ['unix', 0x8400_0000, ['text', 'data', 'stack', 'page tables']],
  ['nanokernel', 0, ['text', 'data', 'stack']],
  ['hypervisor', 0, ['text', 'data', 'stack', 'page tables']],
  ['firmware', 0, ['text', 'data', 'stack']],
] as const;

const UNSAMPLED = new Set(['.rodata', '.saboteur']);

describe.each(IMAGES)('the fault space of %s', (name, bias, expected) => {
  const { elf, symbols } = imageOf(name, bias);
  const regions = regionsOf(elf, symbols, bias);
  const ranges = regions.flatMap((region) => region.ranges).sort((a, b) => a.base - b.base);

  it('has the regions that the image has', () => {
    expect(regions.map((region) => region.name)).toEqual(expected);
  });

  it('holds each byte once, and every byte of the sections that are sampled', () => {
    for (const [index, { base, size }] of ranges.entries()) {
      expect(base + size).toBeLessThanOrEqual(ranges[index + 1]?.base ?? Number.POSITIVE_INFINITY);
    }
    const sampled = (section: ElfSection) => section.allocated && !UNSAMPLED.has(section.name);
    const whole = elf.sections.filter(sampled).reduce((sum, { size }) => sum + size, 0);
    expect(regions.reduce((sum, region) => sum + bitsOf(region), 0)).toBe(8 * whole);
  });

  it('has no bit of the planted bugs or the read-only data', () => {
    for (const { name: section, address, size } of elf.sections) {
      if (section !== '.saboteur' && section !== '.rodata') continue;
      const [start, end] = [address + bias, address + bias + size];
      expect(ranges.filter(({ base, size: own }) => base < end && start < base + own)).toEqual([]);
    }
  });
});

describe('a region', () => {
  const region: Region = {
    name: 'data',
    ranges: [
      { base: 0x100, size: 2 },
      { base: 0x200, size: 1 },
    ],
  };

  it('numbers its bits without a gap', () => {
    const seen = Array.from({ length: bitsOf(region) }, (_, index) => bitAt(region, index));
    expect(seen).toHaveLength(24);
    expect(new Set(seen.map(({ address, bit }) => `${address}.${bit}`)).size).toBe(24);
    expect([seen[0], seen[15], seen[16]]).toEqual([
      { address: 0x100, bit: 0 },
      { address: 0x101, bit: 7 },
      { address: 0x200, bit: 0 },
    ]);
    expect(() => bitAt(region, 24)).toThrow(RangeError);
    expect(() => bitAt(region, -1)).toThrow(RangeError);
  });

  it('is drawn from evenly', () => {
    const random = Random.seeded(2);
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let draw = 0; draw < draws; draw++) {
      const { address, bit } = drawBit(region, random);
      counts.set(`${address}.${bit}`, (counts.get(`${address}.${bit}`) ?? 0) + 1);
    }
    const expected = draws / 24;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(24);
    expect(chiSquare).toBeLessThan(49.73); // 99.9 % point of chi-square with 23 degrees of freedom
  });
});

describe('a weighted draw', () => {
  it('takes each part in proportion, and never one of no weight', () => {
    const random = Random.seeded(4);
    const parts = [0, 1, 0, 3, 6];
    const counts = parts.map(() => 0);
    const draws = 20_000;
    for (let draw = 0; draw < draws; draw++) {
      const index = drawWeighted([0, 1, 2, 3, 4], (part) => parts[part] ?? 0, random);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    expect([counts[0], counts[2]]).toEqual([0, 0]);
    const chiSquare = [1, 3, 4].reduce((sum, index) => {
      const expected = (draws * (parts[index] ?? 0)) / 10;
      return sum + ((counts[index] ?? 0) - expected) ** 2 / expected;
    }, 0);
    expect(chiSquare).toBeLessThan(13.82); // 99.9 % point of chi-square with 2 degrees of freedom
  });

  it('needs a weight', () => {
    expect(() => drawWeighted([1], () => 0, Random.seeded(1))).toThrow(RangeError);
  });
});
