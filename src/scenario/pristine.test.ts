import { describe, expect, it } from 'vitest';
import { constants } from '../../images/index.ts';
import { flatImage, placeCopies, placeForCopies, roomForCopies } from './pristine.ts';

const PAGE = 4096;
const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

describe('copies for restarts', () => {
  it('are whole pages, with zeros where an image gives nothing', () => {
    const flat = flatImage([
      { at: PAGE + 8, bytes: bytes(8, 2) },
      { at: 0, bytes: bytes(4, 1) },
    ]);
    expect(flat.length).toBe(2 * PAGE);
    expect([flat[0], flat[3], flat[4], flat[PAGE + 7], flat[PAGE + 8], flat[PAGE + 16]]).toEqual([1, 1, 0, 0, 2, 0]);
    expect(flatImage([]).length).toBe(0);
  });

  const own = { base: constants.PRISTINE_BASE, size: constants.PRISTINE_SIZE };

  it('follow one another in the room kept for them', () => {
    const guest = { image: bytes(2 * PAGE, 1), tail: bytes(100, 2) };
    const bases = placeCopies([guest, guest], own).flatMap(({ image, tail }) => [image.base, tail.base]);
    expect(bases).toEqual([own.base, own.base + 2 * PAGE, own.base + 3 * PAGE, own.base + 5 * PAGE]);
  });

  it('never take more than was foreseen', () => {
    const guest = { image: flatImage([{ at: 0, bytes: bytes(5, 1) }]), tail: bytes(3 * PAGE, 2) };
    const [placed] = placeCopies([guest], own);
    const end = (placed?.tail.base ?? 0) + (placed?.tail.bytes.length ?? 0);
    expect(end - own.base).toBeLessThanOrEqual(roomForCopies([{ image: 5, fileSystem: PAGE }]));
    expect(() => placeCopies([{ ...guest, image: bytes(own.size, 1) }], own)).toThrow('no room for copies');
  });

  it('lie in the memory of the layer if they fit, else behind all slots, else nowhere', () => {
    const MIB = 2 ** 20;
    const slots = [
      { base: 0x8400_0000, size: 32 * MIB },
      { base: 0x8100_0000, size: 32 * MIB },
    ];
    expect(placeForCopies(own.size, slots, 128 * MIB)).toEqual(own);
    expect(placeForCopies(31 * MIB, slots, 128 * MIB)).toEqual({ base: 0x8600_0000, size: 32 * MIB });
    expect(placeForCopies(33 * MIB, slots, 128 * MIB)).toBeUndefined();
  });
});
