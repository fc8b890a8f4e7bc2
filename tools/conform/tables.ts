import type { Random } from '../../src/faults/random.ts';
import type { Limits } from './csr-rules.ts';
import {
  CODE_BYTES,
  DATA,
  DATA_PAGES,
  RAM_BASE,
  TABLES,
  WINDOW_CODE,
  WINDOW_CODE_RANDOM,
  WINDOW_DATA,
  WINDOW_DATA_PAGES,
  WINDOW_TERA,
} from './layout.ts';
import type { Tables } from './program.ts';
import { chance, pick } from './words.ts';

/** Offsets from TABLES of the tables of one translation stage. */
interface StageLayout {
  readonly root: number;
  /** Maps harness and region where they are. */
  readonly identity: number;
  /** Second level of the windows, and the third below its first entry. */
  readonly window: number;
  readonly pages: number;
  /** Roots of the deeper schemes, each above the one before: `root` is that of Sv39. */
  readonly root48: number;
  readonly root57: number;
}
const PAGE = 4096;
const S: StageLayout = {
  root: 0,
  identity: PAGE,
  window: 2 * PAGE,
  pages: 3 * PAGE,
  root48: 9 * PAGE,
  root57: 10 * PAGE,
};
const VS: StageLayout = {
  root: 4 * PAGE,
  identity: 5 * PAGE,
  window: 6 * PAGE,
  pages: 7 * PAGE,
  root48: 11 * PAGE,
  root57: 19 * PAGE,
};
/** A third-level table that VS reaches by a guest-physical address of the windows. */
const VS_FAR = 8 * PAGE;
/** Roots of the G-stage are four pages. */
const G: StageLayout = {
  root: 12 * PAGE,
  identity: 16 * PAGE,
  window: 17 * PAGE,
  pages: 18 * PAGE,
  root48: 20 * PAGE,
  root57: 24 * PAGE,
};

/** MODE of satp, vsatp and hgatp, with the root that it begins at. */
export const SCHEMES = [
  [8n, 'root'],
  [9n, 'root48'],
  [10n, 'root57'],
] as const;
export type Scheme = (typeof SCHEMES)[number];

const tableRegister =
  (stage: StageLayout) =>
  (base: number, id: number, [mode, root]: Scheme): bigint =>
    (mode << 60n) | (BigInt(id) << 44n) | (BigInt(base + TABLES + stage[root]) >> 12n);
export const satpOf = tableRegister(S);
export const vsatpOf = tableRegister(VS);
export const hgatpOf = tableRegister(G);

const V = 1;
const R = 2;
const W = 4;
const X = 8;
const U = 16;
const A = 64;
const D = 128;

/** Entries of the window's second level beyond the plain one, by index: what they do, see `buildStage`. */
export const WINDOW_ODD = { mega: 1, dirtyPointer: 2, far: 3 } as const;

/** Where the page of 512 GiB lies in Sv48. */
const TERA_INDEX = WINDOW_TERA / 2 ** 39;

/** The entry of the G-stage by which VS reaches its far table: index and offset. */
const FAR_INDEX = 40;
export const FAR_ENTRY = G.pages + 8 * FAR_INDEX;

/** Tables that the windows need and nothing else: roots and identities are not among them. */
export const PMP_TABLES = [S, VS, G].flatMap((stage) => [stage.window, stage.pages]).concat(VS_FAR);

/** A made entry: its offset from TABLES, and its value for a region. */
export interface Entry {
  readonly offset: number;
  readonly value: (base: number) => bigint;
}

const megaOf = (base: number): number => Math.floor(base / 0x200000) * 0x200000;
const pte = (address: number, flags: number | bigint): bigint => ((BigInt(address) >> 12n) << 10n) | BigInt(flags);
/** A bit that no entry may have set here: reserved, or of Svpbmt and Svnapot. */
const oddBit = (random: Random): bigint => (chance(random, 2) ? 1n << BigInt(54 + random.below(10)) : 0n);
/** What software may use. */
const softwareBits = (random: Random): bigint => BigInt(random.below(4)) << 8n;

/** Which stage a table serves, and what the limits say of it. */
interface Kind {
  readonly user: 'always' | 'either';
  /** No page that only executes. */
  readonly readable: boolean;
}

/** Flags of a leaf: mostly such that accesses succeed, for the rest anything. */
function leafFlags(random: Random, { user, readable }: Kind, execute = false): bigint {
  const flags = anyFlags(random, user === 'always' ? U : pick(random, [0, U]), execute);
  const allowed = readable && (flags & X) !== 0 ? flags | R : flags;
  return BigInt(allowed) | softwareBits(random) | oddBit(random);
}

function anyFlags(random: Random, u: number, execute: boolean): number {
  const base = V | R | (execute ? X : W);
  const kind = random.below(100);
  if (kind < 60) return base | u | A | D;
  if (kind < 80) return V | pick(random, [R, R | W, X, R | X, R | W | X]) | u | A | D;
  if (kind < 90) return base | u | pick(random, [0, A, D, A | D]);
  return random.below(256);
}

const kindOf = (which: 'S' | 'VS' | 'G', limits: Limits): Kind => ({
  user: which === 'G' ? 'always' : 'either',
  readable: limits.readableCode,
});

/** What puts an entry into a table. */
type Put = (table: number, index: number, value: (base: number) => bigint) => void;

/** The levels above Sv39: the same windows there, aliases of them further up, and one page of 512 GiB. */
function buildDeeper(random: Random, stage: StageLayout, which: 'S' | 'VS' | 'G', limits: Limits, put: Put): void {
  const pointer = (table: number) => (base: number) => pte(base + TABLES + table, V);
  if (which === 'G') {
    // An Sv39x4 root is what four entries of Sv48x4 point to.
    for (let i = 0; i < 4; i++) put(stage.root48, i, pointer(stage.root + i * PAGE));
    put(stage.root48, 4, pointer(stage.root));
  } else {
    for (const i of [0, 1, 511]) put(stage.root48, i, pointer(stage.root));
  }
  for (const i of [0, 1, 511]) put(stage.root57, i, pointer(stage.root48));
  const any = leafFlags(random, kindOf(which, limits));
  // As a pointer it would lead to where no memory is.
  const flags = limits.tablesInMemory ? any | BigInt(R) : any;
  const misplaced = chance(random, 10) ? 2 ** 30 : 0;
  put(stage.root48, TERA_INDEX, () => pte(misplaced, flags));
}

function buildStage(random: Random, stage: StageLayout, which: 'S' | 'VS' | 'G', limits: Limits): Entry[] {
  const entries: Entry[] = [];
  const put: Put = (table, index, value) => entries.push({ offset: table + 8 * index, value });
  const kind = kindOf(which, limits);
  const pointer = (table: number) => (base: number) => pte(base + TABLES + table, V);
  // What the harness and the handlers stand on: never random.
  const own = V | R | W | X | A | D | (which === 'G' ? U : 0);
  put(stage.root, 2, pointer(stage.identity));
  put(stage.identity, 0, () => pte(RAM_BASE, own));
  put(stage.root, 3, pointer(stage.window));
  put(stage.root, which === 'G' ? 1024 + 3 : 511, pointer(stage.window));
  put(stage.window, 0, pointer(stage.pages));
  buildDeeper(random, stage, which, limits, put);

  // Where a page of the window leads: for VS either where it is, or on into the windows of the G-stage.
  const leaf = (index: number, direct: (base: number) => number, through: number, flags: bigint) => {
    const indirect = which === 'VS' && chance(random, 50);
    put(stage.pages, index, (base) => pte(indirect ? through : direct(base), flags));
  };
  for (let i = 0; i < WINDOW_DATA_PAGES; i++) {
    const page = random.below(DATA_PAGES);
    leaf(
      i,
      (base) => base + DATA + page * PAGE,
      WINDOW_DATA + random.below(WINDOW_DATA_PAGES) * PAGE,
      leafFlags(random, kind),
    );
  }
  for (let i = 0; i < CODE_BYTES / PAGE; i++) {
    const index = (address: number) => (address >>> 12) - (WINDOW_DATA >>> 12) + i;
    put(stage.pages, index(WINDOW_CODE), (base) => pte(base + i * PAGE, V | R | X | U | A | D));
    for (const alias of WINDOW_CODE_RANDOM) {
      const through = pick(random, [WINDOW_CODE, ...WINDOW_CODE_RANDOM]) + i * PAGE;
      leaf(index(alias), (base) => base + i * PAGE, through, leafFlags(random, kind, true));
    }
  }
  const megaOff = chance(random, 10) ? PAGE : 0;
  const megaFlags = leafFlags(random, kind);
  put(stage.window, WINDOW_ODD.mega, (base) => pte(megaOf(base) + megaOff, megaFlags));
  const junk = pick(random, [0, A, D, U, A | D]);
  put(stage.window, WINDOW_ODD.dirtyPointer, (base) => pte(base + TABLES + stage.pages, V | junk));
  const gigaOff = chance(random, 10) ? 0x200000 : 0;
  const gigaFlags = leafFlags(random, kind);
  put(stage.root, 4, () => pte(RAM_BASE + gigaOff, gigaFlags));
  // A table where no memory is.
  if (!limits.tablesInMemory) put(stage.root, 5, () => pte(WINDOW_DATA, V));
  if (which === 'G') {
    const flags = leafFlags(random, kind);
    put(stage.pages, FAR_INDEX, (base) => pte(base + TABLES + VS_FAR, flags));
  } else if (which === 'VS') {
    put(stage.window, WINDOW_ODD.far, () => pte(WINDOW_DATA + FAR_INDEX * PAGE, V));
    for (let i = 0; i < WINDOW_DATA_PAGES; i++) {
      const page = random.below(DATA_PAGES);
      const flags = leafFlags(random, kind);
      put(VS_FAR, i, (base) => pte(base + DATA + page * PAGE, flags));
    }
  }
  return entries;
}

/** The identity page of the region needs its own index, which only the region knows. */
const regionLeaf = (stage: StageLayout, user: number) => (base: number) =>
  [stage.identity + 8 * ((base >>> 21) & 511), pte(megaOf(base), V | R | W | X | A | D | user)] as const;

const WHICH = { S, VS, G } as const;

export function randomEntries(random: Random, limits: Limits): Entry[] {
  return (['S', 'VS', 'G'] as const).flatMap((which) => buildStage(random.split(which), WHICH[which], which, limits));
}

/** One leaf of the windows made anew: which entry, and its value. */
export function changedEntry(random: Random, limits: Limits): Entry {
  const which = pick(random, ['S', 'VS', 'G'] as const);
  const stage = WHICH[which];
  const page = random.below(DATA_PAGES);
  const flags = leafFlags(random, kindOf(which, limits));
  const index = random.below(WINDOW_DATA_PAGES);
  return { offset: stage.pages + 8 * index, value: (base) => pte(base + DATA + page * PAGE, flags) };
}

export const tablesOf =
  (entries: readonly Entry[]): Tables =>
  (base) => {
    const result = new Map<number, bigint>();
    for (const { offset, value } of entries) result.set(offset, BigInt.asUintN(64, value(base)));
    for (const [stage, user] of [
      [S, 0],
      [VS, 0],
      [G, U],
    ] as const)
      result.set(...regionLeaf(stage, user)(base));
    return result;
  };
