import { attempt, setCsr, VA } from '../conformance/program.ts';
import { atp, entry, PTE, RW, Tables } from '../conformance/tables.ts';
import { GPA, on, twoStages } from '../conformance/two-stages.ts';
import { end, idle, type Litmus, PAGE_1, PAGE_2, pagesOf, put, read, write } from './litmus.ts';

const CLEAN = RW & ~PTE.D;
const OLD = RW & ~PTE.D & ~PTE.A;
const OTHER = VA + 0x1000;
const ADUE = '1 << 61';

/** Logs the A bit, or another, of the entry at slot. */
const bit = (register: string, slot: number, flag: number) =>
  `\n li a0, ${slot}\n ld ${register}, 0(a0)\n andi ${register}, ${register}, ${flag}\n snez ${register}, ${register}\n`;

interface Page {
  readonly hardware: boolean;
  /** Flags of VA, and of the page behind it, which the program never touches. */
  readonly flags: number;
  readonly behind: number;
}

/** The word of page 1 that stores go to is -1. */
function page({ hardware, flags, behind }: Page, steps: (leaf: number, next: number) => string, ...logged: string[]) {
  const tables = new Tables();
  const root = tables.withCode();
  const leaf = tables.map(root, VA, PAGE_1, flags);
  const next = tables.map(root, OTHER, PAGE_2, behind);
  return {
    text: `${hardware ? setCsr('menvcfg', ADUE) : ''} ${setCsr('satp', atp(root))} li a4, ${VA}
      ${steps(leaf, next)} ${end(...logged)}`,
    words: pagesOf(tables).set(PAGE_1 + 8, -1n),
  };
}

const KEPT = 'any translation for an address that was valid at any time since the most recent SFENCE.VMA';
const SPECULATIVE_A =
  'Updates of the A bit may be performed as a result of speculation [...]. However, updates to the D bit [...] must be exact';
const SVADE = 'when a virtual page is accessed and the A bit is clear [...] a page-fault exception is raised';
const STEP_9 = 'The address-translation cache cannot be used in step 9';

const software: Litmus[] = [
  {
    name: 'Svade: A set by software, no fence',
    clause: `${SVADE}; ${KEPT}`,
    ...page(
      { hardware: false, flags: OLD, behind: 0 },
      (leaf) => `${read('a1')} ${put(leaf, entry(PAGE_1, RW))} ${read('a3')}`,
      'a1',
      'a3',
    ),
    permitted: ['0 1', '0 0'],
    weak: '0 0',
  },
  {
    name: 'Svade: A set by software, sfence.vma va',
    clause: SVADE,
    ...page(
      { hardware: false, flags: OLD, behind: 0 },
      (leaf) => `${read('a1')} ${put(leaf, entry(PAGE_1, RW))} sfence.vma a4\n ${read('a3')}`,
      'a1',
      'a3',
    ),
    permitted: ['0 1'],
  },
  {
    name: 'Svade: nothing sets the bits of a page never touched',
    clause: SVADE,
    ...page(
      { hardware: false, flags: RW, behind: OLD },
      (_, next) => `${read('a1')} ${idle()} ${bit('a3', next, PTE.A)} ${bit('a5', next, PTE.D)}`,
      'a3',
      'a5',
    ),
    permitted: ['0 0'],
  },
];

const hardware: Litmus[] = [
  {
    name: 'Svadu: the bits of a page never touched',
    clause: SPECULATIVE_A,
    ...page(
      { hardware: true, flags: RW, behind: OLD },
      (_, next) => `${read('a1')} ${idle()} ${bit('a3', next, PTE.A)} ${bit('a5', next, PTE.D)}`,
      'a3',
      'a5',
    ),
    permitted: ['0 0', '1 0'],
    weak: '1 0',
  },
  {
    name: 'Svadu: a store to a clean page that was read',
    clause: STEP_9,
    ...page(
      { hardware: true, flags: CLEAN, behind: 0 },
      (leaf) => `${read('a1')} ${write('a3')} ${bit('a5', leaf, PTE.D)}`,
      'a1',
      'a3',
      'a5',
    ),
    permitted: ['1 1 1'],
  },
  {
    name: 'Svadu: the kept entry is clean, the one in memory another',
    clause: STEP_9,
    ...page(
      { hardware: true, flags: CLEAN, behind: 0 },
      (leaf) =>
        `${read('a1')} ${put(leaf, entry(PAGE_2, CLEAN))} ${write('a3')} li a0, ${PAGE_1}\n ld a5, 8(a0)\n snez a5, a5`,
      'a3',
      'a5',
    ),
    permitted: ['1 1'],
  },
  {
    name: 'Svadu: A cleared, no fence',
    clause: KEPT,
    ...page(
      { hardware: true, flags: RW, behind: 0 },
      (leaf) => `${read('a1')} ${put(leaf, entry(PAGE_1, OLD))} ${read('a3')} ${bit('a5', leaf, PTE.A)}`,
      'a1',
      'a3',
      'a5',
    ),
    permitted: ['1 1 0', '1 1 1'],
    weak: '1 1 0',
  },
  {
    name: 'Svadu: A cleared, sfence.vma va',
    clause: KEPT,
    ...page(
      { hardware: true, flags: RW, behind: 0 },
      (leaf) =>
        `${read('a1')} ${put(leaf, entry(PAGE_1, OLD))} sfence.vma a4\n ${read('a3')} ${bit('a5', leaf, PTE.A)}`,
      'a1',
      'a3',
      'a5',
    ),
    permitted: ['1 1 1'],
  },
  {
    name: 'Svadu: D cleared and stored to, no fence',
    clause: KEPT,
    ...page(
      { hardware: true, flags: RW, behind: 0 },
      (leaf) => `${write('a1')} ${put(leaf, entry(PAGE_1, CLEAN))} ${write('a3')} ${bit('a5', leaf, PTE.D)}`,
      'a1',
      'a3',
      'a5',
    ),
    permitted: ['1 1 0', '1 1 1'],
    weak: '1 1 0',
  },
];

/** HS-mode works, with a guest's tables loaded; the guest never touched the page behind VA. */
function guests(): Omit<Litmus, 'name' | 'clause'> {
  const { tables, root, guest } = twoStages(RW, RW | PTE.U);
  const next = tables.map(root, OTHER, GPA + 0x1000, OLD);
  tables.map(guest, GPA + 0x1000, PAGE_2, RW | PTE.U);
  return {
    text: `${setCsr('menvcfg', ADUE)} ${setCsr('henvcfg', ADUE)} ${on(root, guest)}
      ${read('a1', 'VS')} ${attempt('VS', '')} ${idle('S')} ${bit('a3', next, PTE.A)} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    permitted: ['1 0'],
  };
}

/** Accessed and dirty bits, set by hardware (Svadu) and by software (Svade). */
export const ACCESSED_DIRTY: readonly Litmus[] = [
  ...software,
  ...hardware,
  {
    name: 'Svadu: a guest’s page, by the walker in HS-mode',
    clause:
      'VS-stage page-table entries’ A bits must not be set as a result of speculative execution, unless the effective privilege mode is VS or VU',
    ...guests(),
  },
];
