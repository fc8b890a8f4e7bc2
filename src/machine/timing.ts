import type { CostClass } from './isa/instruction.ts';

/**
 * What may be charged, and what it costs, in cycles. Sources: `inorder` follows Rocket and the U54 (in-order, single issue,
 * five stages): load result one cycle late, multiply 4, mispredicted branch 3 more, a flush of 5 to 6 for CSR writes and
 * returns, page-table references 4 each with one to start and one to refill; floating point as GCC tunes for Rocket. MMIO is
 * an assumption and is swept.
 */
export interface Timing {
  readonly name: 'inorder' | 'functional';
  readonly cost: Readonly<Record<CostClass, number>>;
  /** Charged with the load where the next instruction of the same page reads its destination. */
  readonly loadUse: number;
  /** More for a branch that goes against the static rule: backward taken, forward not taken. */
  readonly mispredict: number;
  /** More for a CSR access that writes, for a trap taken, an MMIO access. */
  readonly csrWrite: number;
  readonly trap: number;
  readonly mmio: number;
  readonly secondLevelHit: number;
  /** Of the second-level TLB, four ways each: a power of two, at most 128. */
  readonly secondLevelSets: number;
  readonly walkStart: number;
  readonly walkReference: number;
  /** The finite TLBs decide what is a miss. */
  readonly modelledTlb: boolean;
}

export const INORDER: Timing = {
  name: 'inorder',
  cost: {
    alu: 1,
    load: 1,
    store: 1,
    multiply: 4,
    divide: 34,
    float: 5,
    'float-divide': 20,
    branch: 1,
    jump: 1,
    indirect: 3,
    atomic: 5,
    csr: 1,
    return: 6,
    fence: 6,
    system: 1,
  },
  loadUse: 1,
  mispredict: 3,
  csrWrite: 5,
  trap: 6,
  mmio: 40,
  secondLevelHit: 2,
  secondLevelSets: 128,
  walkStart: 2,
  walkReference: 4,
  modelledTlb: true,
};

/** One cycle an instruction, one a trap, nothing else: for speed and for tests that ask only what, not when. */
export const FUNCTIONAL: Timing = {
  name: 'functional',
  cost: {
    alu: 1,
    load: 1,
    store: 1,
    multiply: 1,
    divide: 1,
    float: 1,
    'float-divide': 1,
    branch: 1,
    jump: 1,
    indirect: 1,
    atomic: 1,
    csr: 1,
    return: 1,
    fence: 1,
    system: 1,
  },
  loadUse: 0,
  mispredict: 0,
  csrWrite: 0,
  trap: 1,
  mmio: 0,
  secondLevelHit: 0,
  secondLevelSets: 128,
  walkStart: 0,
  walkReference: 0,
  modelledTlb: false,
};

export const TIMINGS: Readonly<Record<Timing['name'], Timing>> = { inorder: INORDER, functional: FUNCTIONAL };
