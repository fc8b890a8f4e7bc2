import { describe, expect, it } from 'vitest';
import { constants } from '../../images/index.ts';
import { flatImage, placeCopies, roomForCopies } from './pristine.ts';

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

  it('follow one another in the room kept for them', () => {
    const guest = { image: bytes(2 * PAGE, 1), deviceTree: bytes(100, 2) };
    const bases = placeCopies([guest, guest]).flatMap(({ image, deviceTree }) => [image.base, deviceTree.base]);
    const first = constants.PRISTINE_BASE;
    expect(bases).toEqual([first, first + 2 * PAGE, first + 3 * PAGE, first + 5 * PAGE]);
  });

  it('never take more than was foreseen', () => {
    const guest = { image: flatImage([{ at: 0, bytes: bytes(5, 1) }]), deviceTree: bytes(2 * PAGE, 2) };
    const [placed] = placeCopies([guest]);
    const end = (placed?.deviceTree.base ?? 0) + (placed?.deviceTree.bytes.length ?? 0);
    expect(end - constants.PRISTINE_BASE).toBeLessThanOrEqual(roomForCopies([5]));
    expect(() => placeCopies([{ ...guest, image: bytes(constants.PRISTINE_SIZE, 1) }])).toThrow('no room for copies');
  });
});
