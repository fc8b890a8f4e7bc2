import { attempt, setCsr, VA } from '../conformance/program.ts';
import { atp, entry, PTE, RW, RWX, Tables } from '../conformance/tables.ts';
import { end, idle, type Litmus, outcomes, PAGE_1, PAGE_2, pagesOf, put, read, write } from './litmus.ts';

const R = PTE.V | PTE.R | PTE.A | PTE.D;
const SUBSUMES =
  'any translation for an address that was valid at any time since the most recent SFENCE.VMA that subsumes that address';
const INVALID = 'This specification permits the caching of PTEs whose V (Valid) bit is clear';
const NON_LEAF = 'If software modifies a non-leaf PTE, it should execute SFENCE.VMA with rs1=x0';
const OTHER = VA + 0x1000;
const ASID = 5;

/** VA is mapped so, and perhaps the page behind it; S-mode runs under ASID 5. a4 = VA, a5 = 5, a6 = 6 for fences. */
function mapped(first: bigint | number, change: bigint | number, fence: string, permitted: string[], weak?: string) {
  const tables = new Tables();
  const root = tables.withCode();
  const leaf = tables.map(root, VA, PAGE_1, RW);
  tables.words.set(leaf, BigInt(first));
  return {
    text: `${setCsr('satp', atp(root, ASID))}
      li a4, ${VA}\n li a5, ${ASID}\n li a6, 6\n 
      ${read('a1')} ${put(leaf, change)} ${fence.replaceAll('LEAF', String(leaf))} ${read('a3')} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    ...outcomes(permitted, weak),
  };
}

const VALID = entry(PAGE_1, RW);
const REMAPPED = entry(PAGE_2, RW);
const otherVa = `li a3, ${OTHER}\n sfence.vma a3, zero`;

const leaves: Litmus[] = [
  { name: 'unmap, no fence', clause: SUBSUMES, ...mapped(VALID, 0, '', ['1 1', '1 0'], '1 1') },
  { name: 'unmap, sfence.vma', clause: SUBSUMES, ...mapped(VALID, 0, 'sfence.vma', ['1 0']) },
  { name: 'unmap, sfence.vma va', clause: SUBSUMES, ...mapped(VALID, 0, 'sfence.vma a4', ['1 0']) },
  { name: 'unmap, sfence.vma asid', clause: SUBSUMES, ...mapped(VALID, 0, 'sfence.vma zero, a5', ['1 0']) },
  { name: 'unmap, sfence.vma va, asid', clause: SUBSUMES, ...mapped(VALID, 0, 'sfence.vma a4, a5', ['1 0']) },
  {
    name: 'unmap, sinval.vma in its sequence',
    clause: 'SFENCE.W.INVAL, SINVAL.VMA, SFENCE.INVAL.IR: as SFENCE.VMA',
    ...mapped(VALID, 0, 'sfence.w.inval\n sinval.vma a4, a5\n sfence.inval.ir', ['1 0']),
  },
  { name: 'unmap, sfence.vma of another va', clause: SUBSUMES, ...mapped(VALID, 0, otherVa, ['1 1', '1 0'], '1 1') },
  {
    name: 'unmap, sfence.vma of another asid',
    clause: SUBSUMES,
    ...mapped(VALID, 0, 'sfence.vma zero, a6', ['1 1', '1 0'], '1 1'),
  },
  { name: 'remap, no fence', clause: SUBSUMES, ...mapped(VALID, REMAPPED, '', ['1 1', '1 2'], '1 1') },
  { name: 'remap, sfence.vma va', clause: SUBSUMES, ...mapped(VALID, REMAPPED, 'sfence.vma a4', ['1 2']) },
  {
    // The walker may read the old entry again as soon as the fence is over.
    name: 'fence before the change',
    clause: 'any previous stores already visible to the current RISC-V hart are ordered before',
    ...mapped(VALID, VALID, `${attempt('S', 'sfence.vma')} li a0, LEAF\n sd zero, 0(a0)`, ['1 1', '1 0'], '1 1'),
  },
  { name: 'map, no fence', clause: INVALID, ...mapped(0, VALID, '', ['0 1', '0 0'], '0 0') },
  { name: 'map, sfence.vma va', clause: INVALID, ...mapped(0, VALID, 'sfence.vma a4', ['0 1']) },
  { name: 'map, sfence.vma va, asid', clause: INVALID, ...mapped(0, VALID, 'sfence.vma a4, a5', ['0 1']) },
  { name: 'map, sfence.vma of another va', clause: INVALID, ...mapped(0, VALID, otherVa, ['0 1', '0 0'], '0 0') },
];

/** The page behind VA is touched by nobody before it changes. */
function neighbour(before: bigint | number, change: bigint, fence: string, permitted: string[], weak?: string) {
  const tables = new Tables();
  const root = tables.withCode();
  tables.map(root, VA, PAGE_1, RW);
  const slot = tables.map(root, OTHER, PAGE_2, RW);
  tables.words.set(slot, BigInt(before));
  return {
    text: `${setCsr('satp', atp(root, ASID))} li a4, ${OTHER}\n 
      ${read('a1')} ${idle()} ${put(slot, change)} ${fence} ${read('a3', 'S', OTHER)} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    ...outcomes(permitted, weak),
  };
}

const SPECULATIVE =
  'Implementations may also execute the address-translation algorithm speculatively at any time, for any virtual address';
const neighbours: Litmus[] = [
  {
    name: 'map a page never touched, no fence',
    clause: SPECULATIVE,
    ...neighbour(0, entry(PAGE_2, RW), '', ['1 2', '1 0'], '1 0'),
  },
  {
    name: 'map a page never touched, sfence.vma va',
    clause: SPECULATIVE,
    ...neighbour(0, entry(PAGE_2, RW), 'sfence.vma a4', ['1 2']),
  },
  {
    name: 'unmap a page never touched, no fence',
    clause: SPECULATIVE,
    ...neighbour(entry(PAGE_2, RW), 0n, '', ['1 0', '1 2'], '1 2'),
  },
];

/** Stores around a change of the permissions. */
function permissions(first: number, second: number, fence: string, permitted: string[], weak?: string) {
  const tables = new Tables();
  const root = tables.withCode();
  const leaf = tables.map(root, VA, PAGE_1, first);
  return {
    text: `${setCsr('satp', atp(root))} li a4, ${VA}\n 
      ${write('a1')} ${put(leaf, entry(PAGE_1, second))} ${fence} ${write('a3')} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    ...outcomes(permitted, weak),
  };
}

const RAISE =
  'For the special cases of increasing the permissions on a leaf PTE [...] either the new or old permissions will be used';
const permission: Litmus[] = [
  { name: 'lower a permission, no fence', clause: SUBSUMES, ...permissions(RW, R, '', ['1 1', '1 0'], '1 1') },
  { name: 'lower a permission, sfence.vma', clause: SUBSUMES, ...permissions(RW, R, 'sfence.vma', ['1 0']) },
  { name: 'raise a permission, no fence', clause: RAISE, ...permissions(R, RW, '', ['0 1', '0 0'], '0 0') },
  { name: 'raise a permission, sfence.vma va', clause: RAISE, ...permissions(R, RW, 'sfence.vma a4', ['0 1']) },
];

const SUM =
  'Changes to the sstatus fields SUM and MXR take effect immediately, without the need to execute an SFENCE.VMA';
function immediate(first: number, bit: number, permitted: string[]) {
  const tables = new Tables();
  const root = tables.withCode();
  tables.map(root, VA, PAGE_1, first);
  return {
    text: `${setCsr('satp', atp(root))} 
      ${read('a1')} li a0, ${bit}\n csrs mstatus, a0\n ${read('a3')} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    permitted,
  };
}
const status: Litmus[] = [
  { name: 'SUM', clause: SUM, ...immediate(RW | PTE.U, 1 << 18, ['0 1']) },
  { name: 'MXR', clause: SUM, ...immediate(RWX & ~PTE.R & ~PTE.W, 1 << 19, ['0 1']) },
];

/** The entry of the second level, with `pages` behind the old pointer, changes after one read. */
function upper(before: 'pointer' | 'superpage' | 'nothing', after: 'pointer' | 'superpage', fence: string) {
  const tables = new Tables();
  const root = tables.withCode();
  const slot = tables.map(root, VA, PAGE_1, RW, 1);
  // Two tables of last-level entries, built by hand behind the others: VA is page 2 in one, page 1 in the other.
  const table = (address: number, pa: number) => {
    tables.words.set(address, entry(pa, RW));
    return entry(address, PTE.V);
  };
  const first = before === 'pointer' ? table(0x80380000, PAGE_2) : before === 'superpage' ? entry(PAGE_1, RW) : 0n;
  const second = after === 'pointer' ? table(0x80390000, before === 'pointer' ? PAGE_1 : PAGE_2) : entry(PAGE_1, RW);
  tables.words.set(slot, first);
  return {
    text: `${setCsr('satp', atp(root))} li a4, ${VA}\n 
      ${read('a1')} ${put(slot, second)} ${fence} ${read('a3')} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
  };
}

const EITHER = 'it is unpredictable whether the old non-leaf PTE or the new leaf PTE is used';
const uppers: Litmus[] = [
  {
    name: 'superpage to pointer, no fence',
    clause: SUBSUMES,
    ...upper('superpage', 'pointer', ''),
    permitted: ['1 1', '1 2'],
    weak: '1 1',
  },
  {
    name: 'superpage to pointer, sfence.vma va',
    clause: 'invalidates all address-translation cache entries that contain leaf page table entries',
    ...upper('superpage', 'pointer', 'sfence.vma a4'),
    permitted: ['1 2'],
  },
  {
    name: 'pointer to superpage, sfence.vma va',
    clause: EITHER,
    ...upper('pointer', 'superpage', 'sfence.vma a4'),
    permitted: ['2 1', '2 2'],
    weak: '2 2',
  },
  {
    name: 'pointer to superpage, sfence.vma',
    clause: EITHER,
    ...upper('pointer', 'superpage', 'sfence.vma'),
    permitted: ['2 1'],
  },
  {
    name: 'another table, sfence.vma va',
    clause: NON_LEAF,
    ...upper('pointer', 'pointer', 'sfence.vma a4'),
    permitted: ['2 1', '2 2'],
    weak: '2 2',
  },
  {
    name: 'another table, sfence.vma',
    clause: NON_LEAF,
    ...upper('pointer', 'pointer', 'sfence.vma'),
    permitted: ['2 1'],
  },
  {
    name: 'a first pointer, sfence.vma va',
    clause: NON_LEAF,
    ...upper('nothing', 'pointer', 'sfence.vma a4'),
    permitted: ['0 2', '0 0'],
    weak: '0 0',
  },
  {
    name: 'a first superpage, sfence.vma va',
    clause: NON_LEAF,
    ...upper('nothing', 'superpage', 'sfence.vma a4'),
    permitted: ['0 1'],
  },
];

/** Fetches and loads of one page, which is then another: each may see the one or the other. */
function fetches(fence: string, permitted: string[], weak?: string): Omit<Litmus, 'name' | 'clause'> {
  const tables = new Tables();
  const root = tables.withCode();
  const leaf = tables.map(root, VA, PAGE_1, RWX);
  // addi a1, zero, n; jalr zero, ra
  const code = (n: number) => (0x8067n << 32n) | BigInt((n << 20) | 0x593);
  const both = `${attempt('S', `li a0, ${VA}\n jalr ra, 0(a0)`)} ${read('a3')} li a4, 0xf00000\n and a3, a3, a4\n srli a3, a3, 20\n`;
  return {
    text: `${setCsr('satp', atp(root))} ${both} ${put(leaf, entry(PAGE_2, RWX))} ${fence} ${both} ${end('a1', 'a3')}`,
    words: new Map([...tables.words, [PAGE_1, code(1)], [PAGE_2, code(2)]]),
    ...outcomes(permitted, weak),
  };
}
const ANY = ['1 1', '1 2', '2 1', '2 2'];

/** One address space. */
export const FIRST_STAGE: readonly Litmus[] = [
  ...leaves,
  ...neighbours,
  ...permission,
  ...status,
  ...uppers,
  { name: 'fetch and load, no fence', clause: SUBSUMES, ...fetches('', ANY, '1 1') },
  {
    name: 'fetch old and load new',
    clause: 'subsequent accesses might use different translations',
    ...fetches(idle().repeat(3), ANY, '1 2'),
  },
  {
    name: 'fetch new and load old',
    clause: 'subsequent accesses might use different translations',
    ...fetches(idle().repeat(3), ANY, '2 1'),
  },
  { name: 'fetch and load, sfence.vma', clause: SUBSUMES, ...fetches('sfence.vma', ['2 2']) },
];
