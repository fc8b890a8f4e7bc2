// The copies from which a layer restarts a guest: its image, and the end of its slot with initial file system and device
// tree, in whole pages, one after the other in a part of RAM that is the layer's.
import { constants } from '../../images/index.ts';
import { RAM_BASE } from '../machine/board.ts';
import { SLOT_ALIGNMENT } from './placement.ts';
import type { Range } from './quantities.ts';

const PAGE = 0x1000;

/** Of one guest, what its slot holds when it begins. */
export interface Pristine {
  readonly image: Copy;
  readonly tail: Copy;
}

export interface Copy {
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** Bytes with the offset at which they lie in the image. */
interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A device tree of a guest has less: its one part of any length is a command line of 1023 characters. */
const TREE_LIMIT = 2 * PAGE;

const inPages = (size: number): number => Math.ceil(size / PAGE) * PAGE;

/** The pieces as one run of whole pages from offset 0 on. */
export function flatImage(pieces: readonly Piece[]): Uint8Array {
  const flat = new Uint8Array(inPages(Math.max(0, ...pieces.map(({ at, bytes }) => at + bytes.length))));
  for (const { at, bytes } of pieces) flat.set(bytes, at);
  return flat;
}

/** Bytes that copies take at most of images and initial file systems of these sizes, device trees included. */
export function roomForCopies(guests: readonly { readonly image: number; readonly fileSystem: number }[]): number {
  return guests.reduce((sum, { image, fileSystem }) => sum + inPages(image) + inPages(fileSystem) + TREE_LIMIT, 0);
}

/** Where so many bytes of copies lie: in the memory of the layer, or behind the slots of all guests. Undefined: nowhere. */
export function placeForCopies(room: number, slots: readonly Range[], ramSize: number): Range | undefined {
  if (room <= constants.PRISTINE_SIZE) return { base: constants.PRISTINE_BASE, size: constants.PRISTINE_SIZE };
  const size = Math.ceil(room / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
  const base = RAM_BASE + ramSize - size;
  return slots.some((slot) => slot.base + slot.size > base) ? undefined : { base, size };
}

/** Where the copies of each guest lie; openImages has seen that there is room. */
export function placeCopies(
  guests: readonly { readonly image: Uint8Array; readonly tail: Uint8Array }[],
  area: Range,
): readonly Pristine[] {
  let next = area.base;
  const place = (bytes: Uint8Array): Copy => {
    const base = next;
    next += bytes.length;
    return { base, bytes };
  };
  const placed = guests.map(({ image, tail }) => ({
    image: place(image),
    tail: place(flatImage([{ at: 0, bytes: tail }])),
  }));
  if (next > area.base + area.size) throw new RangeError('no room for copies of the guests');
  return placed;
}
