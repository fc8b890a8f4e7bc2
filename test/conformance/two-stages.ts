import { ECALL } from './access.ts';
import { DATA, setCsr, VA } from './program.ts';
import { atp, PTE, RWX, Tables } from './tables.ts';

/** A guest-physical address far from where RAM is. */
export const GPA = 0x50000000;

/** Both roots with code, log and tables in place; VA maps to GPA, GPA to DATA, by those flags. */
export function twoStages(first: number = RWX, second: number = RWX | PTE.U) {
  const tables = new Tables();
  const root = tables.withCode();
  const guest = tables.withGuest();
  const leaf = tables.map(root, VA, GPA, first);
  const guestLeaf = tables.map(guest, GPA, DATA, second);
  return { tables, root, guest, leaf, guestLeaf };
}
/** Switches both stages on. */
export const on = (root: number, guest: number, id = 0) =>
  `${setCsr('vsatp', atp(root, id))} ${setCsr('hgatp', atp(guest, id))}`;
/** What to load: the tables, and content for the page of data. */
export const withData = (tables: Tables) => new Map([[DATA, ECALL], ...tables.words]);
