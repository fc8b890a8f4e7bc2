// The copies from which a layer restarts a guest: its image and its device tree in whole pages, one after the other in
// the part of layer RAM that is kept for them.
import { constants } from '../../images/index.ts';

const PAGE = 0x1000;

/** Of one guest, what its slot holds when it begins. */
export interface Pristine {
  readonly image: Copy;
  readonly deviceTree: Copy;
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

/** A device tree of a guest has far less: its one part of any length is a command line of 256 characters. */
const TREE_LIMIT = 2 * PAGE;

const inPages = (size: number): number => Math.ceil(size / PAGE) * PAGE;

/** The pieces as one run of whole pages from offset 0 on. */
export function flatImage(pieces: readonly Piece[]): Uint8Array {
  const flat = new Uint8Array(inPages(Math.max(0, ...pieces.map(({ at, bytes }) => at + bytes.length))));
  for (const { at, bytes } of pieces) flat.set(bytes, at);
  return flat;
}

/** Bytes that copies of images of these sizes take at most, device trees included. */
export function roomForCopies(imageSizes: readonly number[]): number {
  return imageSizes.reduce((sum, size) => sum + inPages(size) + TREE_LIMIT, 0);
}

/** Where the copies of each guest lie; openImages has seen that there is room. */
export function placeCopies(
  guests: readonly { readonly image: Uint8Array; readonly deviceTree: Uint8Array }[],
): readonly Pristine[] {
  let next: number = constants.PRISTINE_BASE;
  const place = (bytes: Uint8Array): Copy => {
    const base = next;
    next += bytes.length;
    return { base, bytes };
  };
  const placed = guests.map(({ image, deviceTree }) => ({
    image: place(image),
    deviceTree: place(flatImage([{ at: 0, bytes: deviceTree }])),
  }));
  if (next > constants.PRISTINE_BASE + constants.PRISTINE_SIZE)
    throw new RangeError('no room for copies of the guests');
  return placed;
}
