import { attempt, setCsr, VA } from '../conformance/program.ts';
import { atp, entry, PTE, RW, Tables } from '../conformance/tables.ts';
import { GPA, on, twoStages } from '../conformance/two-stages.ts';
import { end, idle, type Litmus, outcomes, PAGE_1, PAGE_2, pagesOf, put, read } from './litmus.ts';

const U = PTE.U;
const VMID = 1;
const NOTHING = 0n;
const FORMER =
  'HFENCE.GVMA need not flush the former cache, but it must flush entries from the latter cache that match';
const GVMA =
  'previous stores [...] are ordered before all implicit reads by that hart done for G-stage address translation';
const VVMA = 'Its effect is much the same as temporarily entering VS-mode and executing SFENCE.VMA';
const SHIFTED = 'it specifies a single guest physical address, shifted right by 2 bits';

/**
 * VA -> GPA -> page 1, under VMID and ASID 1; then the entry of one stage changes. For fences: a4 = VA, a5 = 1, a6 = 2,
 * t0 = GPA, t1 = GPA >> 2, t2 = (GPA + 0x1000) >> 2.
 */
function change(which: 'VS' | 'G', pte: bigint, fence: string, permitted: string[], weak?: string) {
  const { tables, root, guest, leaf, guestLeaf } = twoStages(RW, RW | U);
  tables.map(guest, GPA + 0x1000, PAGE_2, RW | U);
  return {
    text: `${on(root, guest, VMID)}
      ${read('a1', 'VS')} ${put(which === 'VS' ? leaf : guestLeaf, pte)}
      li a4, ${VA}\n li a5, 1\n li a6, 2\n li t0, ${GPA}\n li t1, ${GPA / 4}\n li t2, ${(GPA + 0x1000) / 4}
      ${fence.replaceAll('GROOT', String(guest))} ${read('a3', 'VS')} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    ...outcomes(permitted, weak),
  };
}
const underVmid2 = (fence: string) =>
  `${setCsr('hgatp', `(8 << 60) | (2 << 44) | (GROOT >> 12)`)} ${fence}\n ${setCsr('hgatp', `(8 << 60) | (1 << 44) | (GROOT >> 12)`)}`;
const REMAP_G = entry(PAGE_2, RW | U);
const REMAP_VS = entry(GPA + 0x1000, RW);
const STALE = ['1 1', '1 0'];

const guestStage: Litmus[] = [
  { name: 'G unmap, no fence', clause: GVMA, ...change('G', NOTHING, '', STALE, '1 1') },
  { name: 'G unmap, hfence.gvma', clause: GVMA, ...change('G', NOTHING, 'hfence.gvma', ['1 0']) },
  { name: 'G unmap, hfence.gvma vmid', clause: GVMA, ...change('G', NOTHING, 'hfence.gvma zero, a5', ['1 0']) },
  { name: 'G unmap, hfence.gvma gpa, vmid', clause: GVMA, ...change('G', NOTHING, 'hfence.gvma t1, a5', ['1 0']) },
  { name: 'G unmap, hfence.gvma gpa', clause: GVMA, ...change('G', NOTHING, 'hfence.gvma t1', ['1 0']) },
  {
    name: 'G unmap, hinval.gvma gpa',
    clause: GVMA,
    ...change('G', NOTHING, 'sfence.w.inval\n hinval.gvma t1, zero\n sfence.inval.ir', ['1 0']),
  },
  { name: 'G unmap, gpa not shifted', clause: SHIFTED, ...change('G', NOTHING, 'hfence.gvma t0, a5', STALE, '1 1') },
  { name: 'G unmap, operands swapped', clause: SHIFTED, ...change('G', NOTHING, 'hfence.gvma a5, t1', STALE, '1 1') },
  {
    name: 'G unmap, the page behind fenced',
    clause: SHIFTED,
    ...change('G', NOTHING, 'hfence.gvma t2, a5', STALE, '1 1'),
  },
  { name: 'G unmap, another VMID fenced', clause: GVMA, ...change('G', NOTHING, 'hfence.gvma zero, a6', STALE, '1 1') },
  { name: 'G unmap, hfence.vvma only', clause: FORMER, ...change('G', NOTHING, 'hfence.vvma', STALE, '1 1') },
  {
    name: 'G unmap, sfence.vma of the guest only',
    clause: 'The SFENCE.VMA instruction orders stores only to the VS-level',
    ...change('G', NOTHING, attempt('VS', 'sfence.vma'), STALE, '1 1'),
  },
  { name: 'G remap, no fence', clause: GVMA, ...change('G', REMAP_G, '', ['1 1', '1 2'], '1 1') },
  { name: 'G remap, hfence.gvma gpa', clause: GVMA, ...change('G', REMAP_G, 'hfence.gvma t1, a5', ['1 2']) },
];

const firstStage: Litmus[] = [
  { name: 'VS unmap, no fence', clause: VVMA, ...change('VS', NOTHING, '', STALE, '1 1') },
  { name: 'VS unmap, hfence.vvma', clause: VVMA, ...change('VS', NOTHING, 'hfence.vvma', ['1 0']) },
  { name: 'VS unmap, hfence.vvma va, asid', clause: VVMA, ...change('VS', NOTHING, 'hfence.vvma a4, a5', ['1 0']) },
  {
    name: 'VS unmap, sfence.vma of the guest',
    clause: VVMA,
    ...change('VS', NOTHING, attempt('VS', 'sfence.vma'), ['1 0']),
  },
  {
    name: 'VS unmap, another ASID fenced',
    clause: VVMA,
    ...change('VS', NOTHING, 'hfence.vvma zero, a6', STALE, '1 1'),
  },
  {
    name: 'VS unmap, fenced under another VMID',
    clause: 'Implicit reads need not be ordered when hgatp.VMID is different than at the time HFENCE.VVMA executed',
    ...change('VS', NOTHING, underVmid2('hfence.vvma'), STALE, '1 1'),
  },
  { name: 'VS unmap, hfence.gvma only', clause: FORMER, ...change('VS', NOTHING, 'hfence.gvma', STALE, '1 1') },
  {
    name: 'VS unmap, sfence.vma of the host only',
    clause: 'When V=0 [...] orders stores only to HS-level address-translation structures',
    ...change('VS', NOTHING, 'sfence.vma', STALE, '1 1'),
  },
  {
    name: 'VS remap, hfence.gvma only',
    clause: FORMER,
    ...change('VS', REMAP_VS, 'hfence.gvma', ['1 1', '1 2'], '1 1'),
  },
  { name: 'VS remap, hfence.vvma', clause: VVMA, ...change('VS', REMAP_VS, 'hfence.vvma', ['1 2']) },
];

/** Two machines with the same first stage but other memory behind it: under which VMIDs they may meet. */
function machines(second: number, fence: string, permitted: string[], weak?: string): Omit<Litmus, 'name' | 'clause'> {
  const { tables, root, guest } = twoStages(RW, RW | U);
  const other = tables.withGuest();
  tables.map(other, GPA, PAGE_2, RW | U);
  return {
    text: `${on(root, guest, VMID)} li a5, ${second}\n
      ${read('a1', 'VS')} ${setCsr('hgatp', atp(other, second))} ${fence} ${read('a3', 'VS')} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    ...outcomes(permitted, weak),
  };
}
const REUSE =
  'if a VMID is reused, it may be necessary to execute an HFENCE.GVMA instruction before or after writing hgatp';
const reuse: Litmus[] = [
  { name: 'another VMID, no fence', clause: REUSE, ...machines(2, '', ['1 2']) },
  { name: 'VMID reused, no fence', clause: REUSE, ...machines(VMID, '', ['1 1', '1 2'], '1 1') },
  { name: 'VMID reused, hfence.gvma vmid', clause: REUSE, ...machines(VMID, 'hfence.gvma zero, a5', ['1 2']) },
  { name: 'VMID reused, hfence.vvma only', clause: REUSE, ...machines(VMID, 'hfence.vvma', ['1 1', '1 2'], '1 1') },
];

const SWITCH =
  'to prevent speculative execution causing one guest’s VS-stage translations to be cached under another guest’s VMID, world-switch code should zero vsatp, then swap hgatp, then finally write the new vsatp value';
/** A world switch between guests with their own VMID, and ASID 1 in both; VA is page 2 in the second. */
function worldSwitch(steps: (first: string, second: string) => string, permitted: string[], weak?: string) {
  const tables = new Tables();
  const guests = [PAGE_1, PAGE_2].map((page) => {
    const root = tables.withCode();
    tables.map(root, VA, GPA + (page - PAGE_1), RW);
    return root;
  });
  const stages = [1, 2].map(() => {
    const guest = tables.withGuest();
    tables.map(guest, GPA, PAGE_1, RW | U);
    tables.map(guest, GPA + 0x1000, PAGE_2, RW | U);
    return guest;
  });
  const [a = 0, b = 0] = guests;
  const [ga = 0, gb = 0] = stages;
  return {
    text: `${setCsr('vsatp', atp(a, 1))} ${setCsr('hgatp', atp(ga, 1))}
      ${read('a1', 'VS')} ${steps(setCsr('hgatp', atp(gb, 2)), setCsr('vsatp', atp(b, 1)))} ${read('a3', 'VS')}
      ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    ...outcomes(permitted, weak),
  };
}
const zero = setCsr('vsatp', 0);
const switches: Litmus[] = [
  { name: 'world switch in order', clause: SWITCH, ...worldSwitch((g, vs) => `${zero} ${g} ${vs}`, ['1 2']) },
  {
    name: 'hgatp before vsatp is cleared',
    clause: SWITCH,
    ...worldSwitch((g, vs) => `${g} ${zero} ${vs}`, ['1 1', '1 2'], '1 1'),
  },
  {
    name: 'hgatp before vsatp, in HS-mode',
    clause: SWITCH,
    ...worldSwitch((g, vs) => `${g} ${idle('S')} ${vs}`, ['1 1', '1 2'], '1 1'),
  },
  { name: 'vsatp before hgatp', clause: SWITCH, ...worldSwitch((g, vs) => `${vs} ${g}`, ['1 2']) },
  {
    name: 'hgatp before vsatp, and hfence.vvma',
    clause: SWITCH,
    ...worldSwitch((g, vs) => `${g} ${vs} hfence.vvma`, ['1 2']),
  },
];

/** Two-stage translation. */
export const TWO_STAGES: readonly Litmus[] = [...guestStage, ...firstStage, ...reuse, ...switches];
