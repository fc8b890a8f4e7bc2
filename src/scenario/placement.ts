// Where the slots of guests lie in RAM. With `placement: identity` that is where the guests believe; with `shifted` it is
// elsewhere for each of them, so that a layer which forgets to translate an address is found out.
import { constants } from '../../images/index.ts';
import { RAM_BASE } from '../machine/board.ts';
import type { Range } from './quantities.ts';

/** Slots lie on 2 MiB so that a G-stage can use superpages. */
export const SLOT_ALIGNMENT = 2 ** 21;
export const FIRST_SLOT = RAM_BASE + constants.LAYER_MEMORY_SIZE;

/** A slot as its guest names it, and where it lies. */
export interface Placed {
  readonly memory: Range;
  readonly physicalBase: number;
}

/** Where in RAM that lies which guests name so. */
export function physicalOf(guests: readonly Placed[], address: number): number {
  const own = guests.find(({ memory: { base, size } }) => address >= base && address < base + size);
  return own === undefined ? address : address - own.memory.base + own.physicalBase;
}

/** What guests call that place in RAM. */
export function namedOf(guests: readonly Placed[], address: number): number {
  const own = guests.find(
    ({ memory, physicalBase }) => address >= physicalBase && address < physicalBase + memory.size,
  );
  return own === undefined ? address : address - own.physicalBase + own.memory.base;
}

/** Each slot where its guest believes it is: for what cannot translate. */
export function unshifted<T extends Placed>(guests: readonly T[]): T[] {
  return guests.map((guest) => ({ ...guest, physicalBase: guest.memory.base }));
}

/** The slots one after the other, in the order of `order`; each base at its guest's place in the list. */
function packed(slots: readonly Range[], order: readonly number[]): number[] {
  const bases = slots.map(({ base }) => base);
  let next = FIRST_SLOT;
  for (const index of order) {
    bases[index] = next;
    next += Math.ceil((slots[index]?.size ?? 0) / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
  }
  return bases;
}

/** Bases of the same slots elsewhere; undefined if each arrangement tried leaves a slot where it was, or RAM is too small. */
export function shiftedBases(slots: readonly Range[], ramSize: number): readonly number[] | undefined {
  const forwards = slots.map((_, index) => index);
  const end = RAM_BASE + ramSize;
  const total = slots.reduce((sum, { size }) => sum + size, 0);
  // Up against the end of RAM as well, for slots that are packed from its beginning already.
  const high = packed(slots, forwards).map((base) => base + end - FIRST_SLOT - total);
  const candidates = [packed(slots, forwards), packed(slots, forwards.toReversed()), high];
  return candidates.find((bases) =>
    bases.every(
      (base, index) => base !== slots[index]?.base && base >= FIRST_SLOT && base + (slots[index]?.size ?? 0) <= end,
    ),
  );
}
