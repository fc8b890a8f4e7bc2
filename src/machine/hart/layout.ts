import type { Field } from '../wasm/compile.ts';
import { SITE } from './sites.ts';

/**
 * Where each word of the machine lies in its one linear memory. Frozen early: emitted code holds these offsets, snapshots
 * and hashes copy these ranges, and nothing guest-visible lives elsewhere except in the devices' named State records.
 *
 *   0x0000_0000  guard, never used: a wild host address of ours faults or hits nothing
 *   0x0001_0000  hart 0: architectural state | accounting and run control | modelled TLBs | soft-TLBs
 *   …            one HART_STRIDE per hart
 *   ownerMap     one byte per RAM page: who owns it          (ledger)
 *   codeMap      u16 per RAM page: its predecoded page + 1   (derived)
 *   dirtyMap     one byte per RAM page: written since the last snapshot or restore
 *   dirtyList    how many pages that are, and which
 *   codePages    predecoded operations (derived)
 *   regionFlags  one byte per predecoded page: regions were compiled of it (derived)
 *   originals    predecoded operations whose places entries of regions have taken (derived)
 *   arrivals     u16 counts of arrivals, by a hash of the place (derived)
 *   sites        the last pages of loads and stores of regions, see sites.ts (derived)
 *   caches       adversarial translation caches of each hart, if it has them: saved and hashed like its state
 *   ram          guest RAM, 64 KiB aligned, a guard gap before it
 *   pool         pages of snapshots
 */
type Width = 1 | 2 | 4 | 8;
type Row = readonly [name: string, width: Width, count?: number];

/** Saved, restored and hashed: what software can observe, directly or by timing. */
const ARCHITECTURAL: readonly Row[] = [
  ['x', 8, 33], // x0 stays 0; slot 32 swallows writes to x0
  ['f', 8, 32],
  ['pc', 8],
  ['priv', 4], // 0 U, 1 S, 3 M
  ['virt', 4], // V
  ['wfi', 4], // waiting: no instruction runs until an interrupt is pending and enabled in mie
  ['hartid', 4],
  ['fcsr', 4],
  ['reserved_valid', 4], // LR reservation
  ['reserved_paddr', 8],
  ['mstatus', 8],
  ['misa', 8],
  ['medeleg', 8],
  ['mideleg', 8],
  ['mie', 8],
  ['mip', 8], // bits software sets: SSIP, STIP (without Sstc), SEIP
  ['lines', 8], // bits devices drive: MSIP, MTIP (timer), MEIP, SEIP
  ['mtvec', 8],
  ['mcounteren', 8],
  ['mcountinhibit', 8],
  ['menvcfg', 8],
  ['mscratch', 8],
  ['mepc', 8],
  ['mcause', 8],
  ['mtval', 8],
  ['mtinst', 8],
  ['mtval2', 8],
  ['stvec', 8],
  ['scounteren', 8],
  ['senvcfg', 8],
  ['sscratch', 8],
  ['sepc', 8],
  ['scause', 8],
  ['stval', 8],
  ['satp', 8],
  ['stimecmp', 8],
  ['hstatus', 8],
  ['hedeleg', 8],
  ['hideleg', 8],
  ['hvip', 8],
  ['hcounteren', 8],
  ['henvcfg', 8],
  ['hgeie', 8],
  ['htimedelta', 8],
  ['htval', 8],
  ['htinst', 8],
  ['hgatp', 8],
  ['vsstatus', 8],
  ['vstvec', 8],
  ['vsscratch', 8],
  ['vsepc', 8],
  ['vscause', 8],
  ['vstval', 8],
  ['vsatp', 8],
  ['vstimecmp', 8],
  ['pmpcfg', 1, 16],
  ['pmpaddr', 8, 16],
  ['mtimecmp', 8],
  ['time_delta', 8], // mtime = cycles / 100 + time_delta
  ['mcycle_delta', 8], // mcycle and minstret less the totals below; the counter itself while it is inhibited
  ['minstret_delta', 8],
  ['cycles', 8],
  ['instret', 8],
];

/** Saved, restored and hashed too: who ran how long, and whose effects are foreign. Party numbers: see PARTY. */
const ACCOUNTING: readonly Row[] = [
  ['party', 4],
  ['world', 4], // guest index on whose behalf the machine runs, NO_WORLD before the first
  ['own_code', 4], // owner code of the world on whose behalf we run; OWNER.any before the first
  ['layer_code', 4], // 1 while layer or firmware code runs
  ['page_va', 8], // virtual page of the last fetch: to stay in it is no new arrival
  ['resumed', 4], // the layer was just left: the next fetch is the landing
  ['party_cycles', 8, 16],
  ['party_instret', 8, 16],
  ['layer_entries', 8, 16], // traps taken into the layer, per world
  ['refills', 8, 16], // misses of the modelled TLBs, per party whose access it was, and page-table references made for them
  ['references', 8, 16],
  ['entered', 4], // the world left when the layer was entered
  ['visit', 8, 4], // totals for the world left when the layer was entered: layer cycles, instret, firmware cycles, instret
  ['own_satp', 8, 4], // what each guest itself last wrote into satp
];

/**
 * Soft-TLBs: derived from live modelled entries, emptied on restore. One bank for M; S, S with SUM, and U; VS, VS with SUM,
 * and VU: each for so many worlds and address spaces as take turns ("spaces"). The last bank is never filled.
 */
export const SPACES = 4;
export const BANKS = SPACES * 7 + 1;

/** Run control: set by the host before a run, or scratch within one instruction. Neither saved nor hashed. */
const CONTROL: readonly Row[] = [
  ['p', 8], // cycles << 20 | instret of the running quantum
  ['stop', 8], // the quantum ends when p reaches this
  ['limit_cycle', 8],
  ['yield_cycle', 8], // come back to the host at least here
  ['event_cycle', 8], // next device event
  ['instret_world', 4], // party whose own instret is watched, or NO_WORLD
  ['instret_limit', 8],
  ['host_request', 4], // a device asks the host to look: the run ends after this instruction
  ['exception', 4], // cause + 1 of an exception not yet taken
  ['exception_tval', 8],
  ['exception_tval2', 8],
  ['exception_tinst', 8],
  ['exception_gva', 4],
  ['mmio_low', 4],
  ['mmio_high', 4],
  ['sideways', 4], // the access in flight is HLV/HSV: hstatus.SPVP and V=1, whatever the mode
  ['data_priv', 4], // effective privilege and V of loads and stores (MPRV, HLV)
  ['data_virt', 4],
  ['access_virt', 4], // the translation in progress is a guest's
  ['data_or_fetch_virt', 4],
  ['data_bank', 4], // host address of the soft-TLB bank for loads and stores
  ['bank_changes', 4], // how often data_bank became another
  ['fetch_bank', 4],
  ['soft_used', 4], // one bit per bank: something may be cached there
  ['soft_age', 8], // how often something was dropped from the soft-TLBs
  ['span_before', 4], // results of span_limits
  ['span_after', 4],
  ['soft_wide', 4], // and something of a superpage
  ['space_keys', 8, 3 * SPACES * 3], // what each space of M, of S and of VS is for: world, satp or vsatp, hgatp
  ['space_now', 4, 3], // the one in use of each
  ['space_next', 4, 3], // and the one to be given up next
  ['fetch_host', 4], // host address of the page being executed, for instruction bits in tval
  ['code_base', 4], // predecoded page being executed
  ['cross_bits', 4], // instruction word that crosses into the next page
  ['cross_op', 1, 16], // and its predecoded operation
  ['machine_party', 4], // the rule of the mode: what M-mode code is, what V=0 S-mode code is
  ['supervisor_party', 4],
  ['only_world', 4], // native: the one guest
  ['current_guest', 4], // host address of the layer's current_guest word, or 0
  ['roots', 8, 8], // hgatp root page numbers of the guests, by guest index
  ['walk_pa', 8], // results of the walker
  ['walk_gpa', 8],
  ['walk_size', 8], // bytes mapped by the leaf (the smaller of the two stages)
  ['walk_perms', 4],
  ['walk_refs', 4], // page-table references made: the cost of the refill
  ['cost_csr', 4], // timing parameters, see timing.ts
  ['cost_trap', 4],
  ['cost_xret', 4],
  ['cost_mmio', 4],
  ['cost_fence', 4],
  ['cost_l2_hit', 4],
  ['l2_mask', 4], // sets of the second-level TLB, less one
  ['cost_walk_start', 4],
  ['cost_walk_ref', 4],
  ['modelled', 4], // 1: the finite TLBs decide what is a miss; 0: `functional`
  ['ram_pages', 4],
  ['ram_host', 4],
  ['owner_map', 4],
  ['code_map', 4],
  ['code_pages', 4],
  ['region_flags', 4],
  ['dirty_map', 4],
  ['dirty_list', 4], // host address of the number of dirty pages and the list of them
  ['watch_page', 8], // virtual page that holds the watched pc, 1 if none
  ['watch_offset', 4],
  ['watch_priv', 4],
  ['watch_world', 4],
  ['caches', 4], // host address of the adversarial translation caches, or 0: the finite TLBs are all there is
  ['cache_room', 4], // entries they hold at most
  ['stale_layer', 4], // their two switches, see adversarial.ts
  ['stale_guest', 4],
  ['worlds_switch', 4], // several worlds take turns
  ['unsettled', 4], // the CSR write at hand changed what the loop keeps, or may let an interrupt in
  ['speculating', 4], // the walk in progress is nobody's access
  ['recalled_pte', 8], // results of recall
  ['recalled_global', 4],
  ['arrivals', 4], // host address of the counts of arrivals
  ['threshold', 4], // of arrivals, at which a region is asked for
  ['traced', 4], // tell the host of traps, of who runs, and of waiting
];

/** Modelled TLBs: timed, so part of the state. Entries of TLB_ENTRY bytes; first level I and D, second level shared. */
export const L1_ENTRIES = 32;
export const L2_SETS = 128;
export const L2_WAYS = 4;
export const TLB_ENTRY = 48;
const TLBS: readonly Row[] = [
  ['itlb_next', 4], // FIFO positions
  ['dtlb_next', 4],
  ['itlb', 1, L1_ENTRIES * TLB_ENTRY],
  ['dtlb', 1, L1_ENTRIES * TLB_ENTRY],
  ['l2_next', 1, L2_SETS],
  ['l2', 1, L2_SETS * L2_WAYS * TLB_ENTRY],
];

export const SOFT_ENTRIES = 256;
export const SOFT_ENTRY = 32;
export const FETCH_ENTRIES = 64;
export const FETCH_ENTRY = 16;
const SOFT: readonly Row[] = [
  ['soft', 1, BANKS * SOFT_ENTRIES * SOFT_ENTRY],
  ['fetch', 1, BANKS * FETCH_ENTRIES * FETCH_ENTRY],
];

/**
 * Adversarial translation caches: offsets from their base. `heads` are numbers of entries, counted from 1; an entry is
 *   0 key   8 tag   16 PTE   24 where in RAM it lies   28 number of the next in its chain
 */
export const CACHES = {
  random: 0,
  nextWalk: 8,
  used: 16,
  capped: 20,
  recentCount: 24,
  roots: 32,
  recent: 64,
  heads: 192,
  entries: 192 + 4 * 4096,
  entry: 32,
} as const;

function place(groups: readonly (readonly Row[])[]): { fields: Map<string, Field>; ends: number[] } {
  const fields = new Map<string, Field>();
  const ends: number[] = [];
  let at = 0;
  for (const group of groups) {
    for (const [name, width, count = 1] of group) {
      at = Math.ceil(at / 8) * 8;
      fields.set(name, { offset: at, width });
      at += width * count;
    }
    at = Math.ceil(at / 64) * 64;
    ends.push(at);
  }
  return { fields, ends };
}

const placed = place([ARCHITECTURAL, ACCOUNTING, TLBS, CONTROL, SOFT]);

/** Every field of a hart, by name. */
export const FIELDS: ReadonlyMap<string, Field> = placed.fields;

const [, , savedEnd = 0, , allEnd = 0] = placed.ends;
/** Bytes from the hart base that a snapshot copies and a hash covers. */
export const SAVED_BYTES = savedEnd;
export const HART_STRIDE = Math.ceil(allEnd / 0x10000) * 0x10000;
export const HART_BASE = 0x10000;

export function offsetOf(name: string): number {
  const field = FIELDS.get(name);
  if (field === undefined) throw new Error(`no state field ${name}`);
  return field.offset;
}

/** Predecoded operations: 16 bytes, one per halfword of a page, then two sentinels that lead to the next page. */
export const OP_BYTES = 16;
export const SLOTS = 2048;
export const CODE_PAGE_BYTES = (SLOTS + 2) * OP_BYTES;
/** Where a place of operations counts the stores to its page, in the last of them, which needs no immediate. */
export const CODE_STORES = CODE_PAGE_BYTES - 8;
/** As many stores as take the time of predecoding the page anew: then its operations are given up. */
export const CODE_STORES_MOST = 4096;
/** More than a kernel runs of itself; those that are never taken cost the host nothing. */
export const CODE_PAGES = 2048;

/** Regions that there can be at once: one of each predecoded page in use, the others kept for bytes that may come back. */
export const REGIONS = CODE_PAGES + 1024;
/** Entries of compiled regions, and the counts that ask for them. */
export const REGION_ENTRIES = 1 << 15;
export const ARRIVALS = 1 << 14;

export const PAGE = 4096;
export const NO_WORLD = 0xffffffff;

/** Who the cycles belong to. Guests from 4 on; the layer's work on behalf of guest g is LAYER_FOR + g. */
export const PARTY = { idle: 0, firmware: 1, layer: 2, guest: 4, layerFor: 8, firmwareFor: 12 } as const;

/** Owner codes of RAM pages. */
export const OWNER = { free: 0, firmware: 1, layer: 2, channel: 3, guest: 4, any: 255 } as const;

export interface MemoryMap {
  readonly ownerMap: number;
  readonly codeMap: number;
  readonly dirtyMap: number;
  readonly dirtyList: number;
  readonly codePages: number;
  readonly regionFlags: number;
  readonly originals: number;
  readonly arrivals: number;
  readonly sites: number;
  readonly caches: number;
  readonly ram: number;
  readonly pool: number;
  readonly end: number;
}

/** Places everything for `harts` harts and `ramBytes` of RAM, with room for `poolBytes` of snapshot pages. */
export function memoryMap(harts: number, ramBytes: number, poolBytes: number, cacheBytes: number): MemoryMap {
  const pages = ramBytes / PAGE;
  const align = (value: number, to: number) => Math.ceil(value / to) * to;
  const ownerMap = HART_BASE + harts * HART_STRIDE;
  const codeMap = align(ownerMap + pages, 64);
  const dirtyMap = align(codeMap + pages * 2, 64);
  const dirtyList = align(dirtyMap + pages, 64);
  const codePages = align(dirtyList + 4 + pages * 4, 64);
  // The gap keeps a page-table or soft-TLB addend bug of ours from reaching RAM unnoticed.
  const regionFlags = codePages + CODE_PAGES * CODE_PAGE_BYTES;
  const originals = align(regionFlags + CODE_PAGES, 64);
  const arrivals = originals + REGION_ENTRIES * OP_BYTES;
  const sites = align(arrivals + ARRIVALS * 2, SITE.area);
  const caches = sites + REGIONS * SITE.area;
  const ram = align(caches + harts * cacheBytes, 0x10000) + 0x10000;
  const pool = ram + ramBytes;
  return {
    ownerMap,
    codeMap,
    dirtyMap,
    dirtyList,
    codePages,
    regionFlags,
    originals,
    arrivals,
    sites,
    caches,
    ram,
    pool,
    end: align(pool + poolBytes, 0x10000),
  };
}
