import { attempt, DATA, type Mode, record, VA, type Words } from '../conformance/program.ts';
import type { Tables } from '../conformance/tables.ts';

/** A small program, and what may come of it by the sentences of the manual: never what came of it here. */
export interface Litmus {
  readonly name: string;
  /** "Privileged ISA": the sentence that decides, or where it stands. */
  readonly clause: string;
  /** Logs values; an outcome is these, with blanks between. */
  readonly text: string;
  readonly words: Words;
  /** Every outcome that the manual permits. */
  readonly permitted: readonly string[];
  /** The one that only a machine that takes all the liberty there is will show. */
  readonly weak?: string;
}

/** Pages of data: the first holds 1, the second 2. A read that faults leaves 0. */
export const PAGE_1 = DATA;
export const PAGE_2 = DATA + 0x1000;

export const pagesOf = (tables: Tables): Map<number, bigint> => new Map([...tables.words, [PAGE_1, 1n], [PAGE_2, 2n]]);

/** Text that reads a word at va in a mode into a register, 0 where it faults. */
export const read = (register: string, mode: Mode = 'S', va = VA): string =>
  `\n li ${register}, 0\n ${attempt(mode, `li a0, ${va}\n ld ${register}, 0(a0)`)}`;

/** Text that stores a word at va in a mode: 1 where it was taken, 0 where it faulted. */
export const write = (register: string, mode: Mode = 'S', va = VA): string =>
  `\n li ${register}, 0\n ${attempt(mode, `li a0, ${va}\n sd zero, 8(a0)\n li ${register}, 1`)}`;

/** Text, for M-mode, that stores a page-table entry. */
export const put = (slot: number, pte: bigint | number): string => `\n li a0, ${slot}\n li a2, ${pte}\n sd a2, 0(a0)\n`;

/** Text that lets time pass in a mode: some thousand cycles. */
export const idle = (mode: Mode = 'S'): string => attempt(mode, 'li a0, 1500\n 902: addi a0, a0, -1\n bnez a0, 902b');

/** Text that logs the outcome. */
export const end = (...registers: string[]): string => `\n ${record(...registers)}`;

/** What may come of it, and what must be seen of that. */
export const outcomes = (permitted: readonly string[], weak?: string): Pick<Litmus, 'permitted' | 'weak'> =>
  weak === undefined ? { permitted } : { permitted, weak };
