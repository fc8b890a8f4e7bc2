// Sv39 tables of assembled guests: everything at its own address in 1 GiB leaves, and pages of 4 KiB in one window.

export const PTE = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const;
/** Readable, writable, executable by S-mode, accessed and dirty. */
export const KERNEL_PAGE = PTE.V | PTE.R | PTE.W | PTE.X | PTE.A | PTE.D;

/** First address of the window: far from where anything lies by itself. */
export const WINDOW = 0x30_4020_0000;
const PAGE = 0x1000;
const GIB = 2 ** 30;
const MIB2 = 2 ** 21;

export interface Page {
  /** Which page of the window. */
  readonly number: number;
  /** An expression of the assembler. */
  readonly physical: string;
  readonly flags?: number;
}

export const windowAddress = (page: number): number => WINDOW + page * PAGE;

const pte = (physical: string, flags: number): string => `(${physical}) >> 12 << 10 | ${flags}`;

const store = (address: string, value: string): string => `li t0, ${address}\n li t1, ${value}\n sd t1, 0(t0)\n`;

/** Instructions that build the tables at `root`, an expression, in three pages; t0 and t1 are lost. */
export function buildTables(root: string, pages: readonly Page[]): string {
  const entry = (table: number, address: number, leaf: number): string =>
    `${root} + ${table * PAGE + 8 * (Math.floor(address / leaf) % 512)}`;
  return [
    store(entry(0, 0, GIB), pte('0', KERNEL_PAGE)),
    store(entry(0, 2 * GIB, GIB), pte('0x80000000', KERNEL_PAGE)),
    store(entry(0, WINDOW, GIB), pte(`${root} + ${PAGE}`, PTE.V)),
    store(entry(1, WINDOW, MIB2), pte(`${root} + ${2 * PAGE}`, PTE.V)),
    ...pages.map(({ number, physical, flags }) =>
      store(entry(2, windowAddress(number), PAGE), pte(physical, flags ?? KERNEL_PAGE)),
    ),
  ].join('');
}

/** Puts the tables in force; t0 is lost. */
export const turnOnPaging = (root: string, asid: number): string =>
  `li t0, 8 << 60 | ${asid} << 44 | (${root}) >> 12\n csrw satp, t0\n sfence.vma\n`;
