// Walks second-stage tables for a device as the hart does for a guest ("Privileged ISA" 12.3.2, whose steps are numbered
// below, and 15.5.1): every access counts as one of user mode. A and D bits are not set by hardware (GADE is 0).

import type { RamPort } from '../ram-port.ts';
import type { SecondStage } from './device-context.ts';
import { CAUSE, type Fault, fault } from './fault.ts';
import { bit, bits, pageAddress, readDoublewords } from './memory.ts';

/** A page of any size that a leaf maps. */
export interface Leaf {
  readonly kind: 'leaf';
  /** Guest-physical. */
  readonly base: number;
  readonly size: number;
  /** Physical. */
  readonly target: number;
  readonly readable: boolean;
  /** With D: a store needs both. */
  readonly writable: boolean;
}

export interface Walked {
  readonly found: Leaf | Fault;
  /** Accesses to memory that it took. */
  readonly references: number;
}

const PAGE = 4096;
/** Bits of a page table entry; R, W, X all clear: it leads to the next table. */
const PTE = { V: 0, R: 1, W: 2, X: 3, U: 4, A: 6, D: 7, N: 63 } as const;
/** Svnapot, which an IOMMU must have: 16 pages, said by the lowest bits of the PPN. */
const NAPOT_PAGES = 16;
const NAPOT_PATTERN = 8n;

/** Guest page fault or access fault, in the name of what the device wanted. */
export const guestPageFault = (write: boolean): Fault => fault(write ? CAUSE.WRITE_GUEST_PAGE : CAUSE.READ_GUEST_PAGE);
const accessFault = (write: boolean): Fault => fault(write ? CAUSE.WRITE_ACCESS : CAUSE.READ_ACCESS);

/** Permissions are left to the caller, who may have the leaf from before. */
export function walkSecondStage(ram: RamPort, stage: SecondStage, gpa: number, write: boolean): Walked {
  const top = stage.mode - 6;
  let references = 0;
  const stop = (found: Fault): Walked => ({ found, references });
  // The root is four times as wide as other tables; the address must fit (15.5.1).
  if (gpa >= 2 ** (9 * top + 23)) return stop(guestPageFault(write));
  let table = stage.root; // 1
  for (let level = top; level >= 0; level--) {
    const size = PAGE * 512 ** level;
    const index = Math.floor(gpa / size) % (level === top ? 2048 : 512);
    references++;
    const [pte] = readDoublewords(ram, table + 8 * index, 1) ?? [];
    if (pte === undefined) return stop(accessFault(write)); // 2
    const isReserved = bits(pte, 62, 54) !== 0n || (bit(pte, PTE.N) && level > 0);
    if (!bit(pte, PTE.V) || (!bit(pte, PTE.R) && bit(pte, PTE.W)) || isReserved) return stop(guestPageFault(write)); // 3
    if (bit(pte, PTE.R) || bit(pte, PTE.X)) return { found: leafOf(pte, gpa, size, write), references };
    // 4: D, A and U are reserved in a pointer, and so is N.
    if (bit(pte, PTE.D) || bit(pte, PTE.A) || bit(pte, PTE.U) || bit(pte, PTE.N)) return stop(guestPageFault(write));
    table = pageAddress(bits(pte, 53, 10));
  }
  return stop(guestPageFault(write));
}

function leafOf(pte: bigint, gpa: number, levelSize: number, write: boolean): Leaf | Fault {
  let size = levelSize;
  let ppn = bits(pte, 53, 10);
  if (bit(pte, PTE.N)) {
    if (bits(ppn, 3, 0) !== NAPOT_PATTERN) return guestPageFault(write);
    size = PAGE * NAPOT_PAGES;
    ppn -= NAPOT_PATTERN;
  }
  const target = pageAddress(ppn);
  // 6, 7 and 9: alignment, user mode, accessed.
  if (target % size !== 0 || !bit(pte, PTE.U) || !bit(pte, PTE.A)) return guestPageFault(write);
  return {
    kind: 'leaf',
    base: gpa - (gpa % size),
    size,
    target,
    readable: bit(pte, PTE.R),
    writable: bit(pte, PTE.W) && bit(pte, PTE.D),
  };
}
