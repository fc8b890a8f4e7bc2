import { setCsr, VA } from '../conformance/program.ts';
import { atp, PTE, RW, Tables } from '../conformance/tables.ts';
import { end, type Litmus, outcomes, PAGE_1, PAGE_2, pagesOf, read } from './litmus.ts';

const ASID = 5;

/** Reads under one address space, then under another whose table says page 2. */
function spaces(flags: number, second: number, fence: string, permitted: string[], weak?: string, pointers = 0) {
  const tables = new Tables();
  const root = tables.withCode();
  tables.map(root, VA, PAGE_1, RW | flags);
  const top = root + 8 * (VA >> 30);
  tables.words.set(top, (tables.words.get(top) ?? 0n) | BigInt(pointers));
  const other = tables.withCode();
  tables.map(other, VA, PAGE_2, RW);
  return {
    text: `${setCsr('satp', atp(root, ASID))} li a5, ${ASID}\n li a4, ${VA}\n 
      ${read('a1')} ${setCsr('satp', atp(other, second))} ${fence} ${read('a3')} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    ...outcomes(permitted, weak),
  };
}

const REUSE = 'When software recycles an ASID [...] it should first change satp [...], then execute SFENCE.VMA';
const GLOBAL =
  'for a given virtual address, any global translation since the last subsuming SFENCE.VMA might be used, regardless of both ASID and virtual-address width';
const spacesApart: Litmus[] = [
  {
    name: 'another ASID, no fence',
    clause: 'changes to satp.ASID take effect immediately',
    ...spaces(0, 6, '', ['1 2']),
  },
  { name: 'ASID reused, no fence', clause: REUSE, ...spaces(0, ASID, '', ['1 1', '1 2'], '1 1') },
  { name: 'ASID reused, sfence.vma asid', clause: REUSE, ...spaces(0, ASID, 'sfence.vma zero, a5', ['1 2']) },
  { name: 'ASID reused, sfence.vma va', clause: REUSE, ...spaces(0, ASID, 'sfence.vma a4', ['1 2', '1 1'], '1 1') },
  { name: 'global leaf, another ASID', clause: GLOBAL, ...spaces(PTE.G, 6, '', ['1 1', '1 2'], '1 1') },
  { name: 'global pointer, another ASID', clause: GLOBAL, ...spaces(0, 6, '', ['1 1', '1 2'], '1 1', PTE.G) },
  {
    name: 'global leaf, sfence.vma asid',
    clause: 'except for entries containing global mappings',
    ...spaces(PTE.G, 6, 'sfence.vma zero, a5', ['1 1', '1 2'], '1 1'),
  },
  { name: 'global leaf, sfence.vma', clause: GLOBAL, ...spaces(PTE.G, 6, 'sfence.vma', ['1 2']) },
];

/** From no translation to Sv39, in which the page that was read is another. */
function fromBare(): Omit<Litmus, 'name' | 'clause'> {
  const tables = new Tables();
  const root = tables.withCode();
  tables.map(root, PAGE_1, PAGE_2, RW);
  return {
    text: `${read('a1', 'S', PAGE_1)} ${setCsr('satp', atp(root))} ${read('a3', 'S', PAGE_1)} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    permitted: ['1 2'],
  };
}

/** Several address spaces, and none. */
export const ADDRESS_SPACES: readonly Litmus[] = [
  ...spacesApart,
  {
    name: 'bare to Sv39',
    clause: 'Changing satp.MODE from Bare to other modes and vice versa also takes effect immediately',
    ...fromBare(),
  },
];
