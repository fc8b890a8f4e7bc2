import { describe, expect, it } from 'vitest';
import { shiftedBases } from './placement.ts';

const MIB = 2 ** 20;
const FIRST = 0x8040_0000;
const slot = (base: number, mib: number) => ({ base, size: mib * MIB });

describe('shifted slots', () => {
  it.each([
    ['with gaps', [slot(0x8200_0000, 32), slot(0x8400_0000, 64)], 128],
    ['packed already', [slot(FIRST, 2), slot(FIRST + 2 * MIB, 4)], 12],
    ['packed, and equal in size', [slot(FIRST, 2), slot(FIRST + 2 * MIB, 2)], 8],
    ['one alone', [slot(FIRST, 4)], 16],
  ])('are elsewhere, apart and in RAM: %s', (_, slots, ram) => {
    const bases = shiftedBases(slots, ram * MIB) ?? [];
    const placed = slots.map(({ size }, index) => ({ base: bases[index] ?? 0, size })).sort((a, b) => a.base - b.base);
    expect(bases).toHaveLength(slots.length);
    expect(bases.filter((base, index) => base === slots[index]?.base)).toEqual([]);
    let next = FIRST;
    for (const { base, size } of placed) {
      expect(base).toBeGreaterThanOrEqual(next);
      next = base + size;
    }
    expect(next).toBeLessThanOrEqual(0x8000_0000 + ram * MIB);
  });

  it('are nowhere if the slot is all there is', () => {
    expect(shiftedBases([slot(FIRST, 12)], 16 * MIB)).toBeUndefined();
  });
});
