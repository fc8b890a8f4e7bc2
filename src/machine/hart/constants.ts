import {
  BANKS,
  CACHES,
  CODE_PAGE_BYTES,
  CODE_STORES,
  CODE_STORES_MOST,
  FETCH_ENTRIES,
  FETCH_ENTRY,
  L2_WAYS,
  SOFT_ENTRIES,
  SOFT_ENTRY,
  SPACES,
  TLB_ENTRY,
} from './layout.ts';

/** What the core tells while `traced` is set. */
export const OBSERVE = { party: 0, trap: 1, wait: 2 } as const;
/** Marks the cause of an interrupt where 32 bits must do. */
export const INTERRUPT_BIT = 64;

/** Numbers of the privileged architecture, by the names the semantics use. "RISC-V Privileged ISA", chapters 3, 12 and 15. */
export const CONSTANTS: ReadonlyMap<string, bigint> = new Map(
  Object.entries({
    // Exception causes (table 14, and 15 for the hypervisor extension).
    FETCH_ACCESS: 1n,
    ILLEGAL: 2n,
    BREAKPOINT: 3n,
    LOAD_ACCESS: 5n,
    STORE_MISALIGNED: 6n,
    STORE_ACCESS: 7n,
    FETCH_PAGE: 12n,
    LOAD_PAGE: 13n,
    STORE_PAGE: 15n,
    FETCH_GUEST_PAGE: 20n,
    LOAD_GUEST_PAGE: 21n,
    VIRTUAL: 22n,
    STORE_GUEST_PAGE: 23n,

    // What an access is for.
    LOAD: 0n,
    STORE: 1n,
    FETCH: 2n,
    PTE_READ: 3n, // the implicit read of a page-table entry

    // mstatus, sstatus, vsstatus.
    SIE: 1n << 1n,
    MIE: 1n << 3n,
    SPIE: 1n << 5n,
    MPIE: 1n << 7n,
    SPP: 1n << 8n,
    MPP: 3n << 11n,
    FS: 3n << 13n,
    MPRV: 1n << 17n,
    SUM: 1n << 18n,
    MXR: 1n << 19n,
    TVM: 1n << 20n,
    TW: 1n << 21n,
    TSR: 1n << 22n,
    UXL64: 2n << 32n,
    SXL64: 2n << 34n,
    GVA: 1n << 38n,
    MPV: 1n << 39n,
    SD: 1n << 63n,
    MSTATUS_WRITE: 0x7e79aan,
    MSTATUS_WRITE_H: (1n << 38n) | (1n << 39n),
    SSTATUS_WRITE: 0xc6122n,

    // hstatus.
    H_GVA: 1n << 6n,
    SPV: 1n << 7n,
    SPVP: 1n << 8n,
    HU: 1n << 9n,
    VTVM: 1n << 20n,
    VTW: 1n << 21n,
    VTSR: 1n << 22n,
    HSTATUS_WRITE: 0x7003c0n,

    MISA_H: 1n << 7n,
    STCE: 1n << 63n,
    ADUE: 1n << 61n,
    CBIE: 3n << 4n,
    CBCFE: 1n << 6n,
    CBZE: 1n << 7n,
    // FIOM and cache blocks: bits that senvcfg has too, and that menvcfg does not mask in henvcfg.
    ENVCFG_OPEN: 0xf1n,
    ENVCFG_WRITE: (1n << 63n) | (1n << 61n) | 0xf1n,

    COUNTERS_OPEN: 0xffffffffn, // every bit of the counter-enable registers
    COUNTERS_INHIBITED: 5n, // CY and IR of mcountinhibit: time has no bit, event counters count nothing

    // Interrupt bits.
    SSIP: 1n << 1n,
    VSSIP: 1n << 2n,
    STIP: 1n << 5n,
    VSTIP: 1n << 6n,
    MTIP: 1n << 7n,
    SEIP: 1n << 9n,
    VS_BITS: 0x444n,
    H_BITS: 0x1444n,
    S_BITS: 0x222n,
    M_BITS: 0x888n,
    MEDELEG_WRITE: 0xf0b7ffn,
    HEDELEG_WRITE: 0xcb1ffn,

    // Page-table entries; the G-stage permissions of a leaf are kept eight bits higher.
    PTE_V: 1n,
    PTE_R: 2n,
    PTE_W: 4n,
    PTE_X: 8n,
    PTE_U: 16n,
    PTE_G: 32n,
    PTE_A: 64n,
    PTE_D: 128n,
    ALL_PERMS: 0x1dfdfn,
    STAGE_BARE: 0x10000n, // in kept permissions: the first stage does not translate, so it refuses nothing
    PPN_MASK: (1n << 44n) - 1n,

    // Modelled TLB entries: validity and tags in one word.
    TAG_VALID: 1n,
    TAG_VIRT: 2n,
    TAG_GLOBAL: 4n,
    TAG_ASID: 0xffffn << 16n,
    TAG_VMID: 0x3fffn << 32n,

    // Sizes of the tables of layout.ts.
    TLB_ENTRY: BigInt(TLB_ENTRY),
    SOFT_ENTRY: BigInt(SOFT_ENTRY),
    FETCH_ENTRY: BigInt(FETCH_ENTRY),
    SOFT_BANK_BYTES: BigInt(SOFT_ENTRIES * SOFT_ENTRY),
    FETCH_BANK_BYTES: BigInt(FETCH_ENTRIES * FETCH_ENTRY),
    SPACES: BigInt(SPACES),
    NEVER_BANK: BigInt(BANKS - 1),
    SUPERVISOR_BANKS: ((1n << BigInt(3 * SPACES)) - 1n) << BigInt(SPACES),
    VIRTUAL_BANKS: ((1n << BigInt(3 * SPACES)) - 1n) << BigInt(4 * SPACES),
    L2_SET_BYTES: BigInt(L2_WAYS * TLB_ENTRY),
    CODE_PAGE_BYTES: BigInt(CODE_PAGE_BYTES),
    CODE_STORES: BigInt(CODE_STORES),
    CODE_STORES_MOST: BigInt(CODE_STORES_MOST),
    NO_PAGE: 0x800n, // bit 11 is cleared in every address that is compared with a soft tag

    // Adversarial translation caches.
    CACHE_RANDOM: BigInt(CACHES.random),
    CACHE_NEXT_WALK: BigInt(CACHES.nextWalk),
    CACHE_USED: BigInt(CACHES.used),
    CACHE_CAPPED: BigInt(CACHES.capped),
    CACHE_RECENT_COUNT: BigInt(CACHES.recentCount),
    CACHE_ROOTS: BigInt(CACHES.roots),
    CACHE_RECENT: BigInt(CACHES.recent),
    CACHE_HEADS: BigInt(CACHES.heads),
    CACHE_ENTRIES: BigInt(CACHES.entries),
    CACHE_ENTRY: BigInt(CACHES.entry),
    SPECULATION_CYCLES: 1024n, // the longest time between two speculative walks

    // What `observe` tells.
    OBSERVE_PARTY: BigInt(OBSERVE.party),
    OBSERVE_TRAP: BigInt(OBSERVE.trap),
    OBSERVE_WAIT: BigInt(OBSERVE.wait),
    INTERRUPT_BIT: BigInt(INTERRUPT_BIT),

    NO_WORLD: 0xffffffffn,
    NEVER: 1n << 62n,
    CYCLES_PER_TICK: 100n,
    RAM_BASE: 0x80000000n,
    CSR_MAP: 0x1000n,
  }),
);
