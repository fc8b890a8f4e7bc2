import { describe, expect, it } from 'vitest';
import { philox, Random } from './random.ts';

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox', () => {
  // Known-answer vectors of the Random123 distribution, philox4x32 10.
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const)('answers as published for %j %j', (counter, key, expected) => {
    expect(hex(philox(counter, key))).toBe(expected);
  });
});

describe('Random', () => {
  it('splits by name, whatever was drawn before', () => {
    const first = Random.seeded(7);
    const second = Random.seeded(7);
    for (let draw = 0; draw < 13; draw++) second.word();
    expect(first.split('HWF-1/3').word()).toBe(second.split('HWF-1/3').word());
  });

  it('gives other numbers for another seed and another name', () => {
    const draws = [
      Random.seeded(1).word(),
      Random.seeded(2).word(),
      Random.seeded(2 ** 32 + 1).word(),
      Random.seeded(1).split('a').word(),
      Random.seeded(1).split('b').word(),
      Random.seeded(1).split('').word(),
    ];
    expect(new Set(draws).size).toBe(draws.length);
  });

  it('is uniform below a bound', () => {
    const random = Random.seeded(3);
    const counts = new Array<number>(7).fill(0);
    const draws = 70_000;
    for (let draw = 0; draw < draws; draw++) {
      const value = random.below(7);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    const expected = draws / 7;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(22.46); // 99.9 % point of chi-square with 6 degrees of freedom
  });

  it('reaches bounds past 32 bits', () => {
    const random = Random.seeded(5);
    const values = Array.from({ length: 64 }, () => random.below(2 ** 50));
    expect(Math.max(...values)).toBeGreaterThan(2 ** 48);
    expect(values.every((value) => value < 2 ** 50 && Number.isInteger(value))).toBe(true);
  });

  it.each([0, -1, 1.5, 2 ** 54])('refuses the bound %d', (bound) => {
    expect(() => Random.seeded(1).below(bound)).toThrow(RangeError);
  });
});
