import { CODE, TABLES, USER_ALIAS } from './program.ts';

/** Bits of a page-table entry. "Privileged ISA" 12.4.1. */
export const PTE = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const;
export const RWX = PTE.V | PTE.R | PTE.W | PTE.X | PTE.A | PTE.D;
export const RW = PTE.V | PTE.R | PTE.W | PTE.A | PTE.D;
export const SV39 = 8n << 60n;
const PAGE = 0x1000;

/** Bytes mapped by a leaf of that level. */
export const levelSize = (level: number): number => PAGE * 512 ** level;

export const entry = (pa: number, flags: number): bigint => (BigInt(pa / PAGE) << 10n) | BigInt(flags);

/** Page tables under construction; their words are loaded with the program. */
export class Tables {
  readonly words = new Map<number, bigint>();
  private next = TABLES;

  /** An empty root table; four times as large for the G-stage. */
  root(wide = false): number {
    const size = wide ? 4 * PAGE : PAGE;
    const at = Math.ceil(this.next / size) * size;
    this.next = at + size;
    return at;
  }

  /** Maps one page of a level; returns the address of its entry. */
  map(root: number, va: number | bigint, pa: number, flags: number, level = 0): number {
    const address = BigInt(va);
    let table = root;
    for (let at = 2; ; at--) {
      const index = Number((address >> BigInt(12 + 9 * at)) & (at === 2 ? 2047n : 511n));
      // A sign-extended address has bits above 40, a guest-physical one has none: its root is four times as large.
      const slot = table + 8 * (at === 2 && address >= 1n << 41n ? index & 511 : index);
      if (at === level) {
        this.words.set(slot, entry(pa, flags));
        return slot;
      }
      const known = this.words.get(slot);
      if (known === undefined) {
        const made = this.next;
        this.next += PAGE;
        this.words.set(slot, entry(made, PTE.V));
        table = made;
      } else {
        table = Number(known >> 10n) * PAGE;
      }
    }
  }

  /** A first-stage root that maps code and log for S-mode in place and the code for U-mode at its alias. */
  withCode(): number {
    const root = this.root();
    this.map(root, CODE, CODE, RWX, 1);
    this.map(root, CODE + USER_ALIAS, CODE, RWX | PTE.U, 1);
    return root;
  }

  /** A G-stage root that maps code, log and the page tables in place. */
  withGuest(): number {
    const root = this.root(true);
    this.map(root, CODE, CODE, RWX | PTE.U, 1);
    for (let at = TABLES; at < TABLES + 0x40000; at += PAGE) this.map(root, at, at, RW | PTE.U);
    return root;
  }
}

/** Value of satp, vsatp (asid) or hgatp (vmid). */
export const atp = (root: number, id = 0): bigint => SV39 | (BigInt(id) << 44n) | BigInt(root / PAGE);
