/**
 * Where things lie in the memory of a batch. The harness and its cells share one 2 MiB page, each program owns a region, and
 * both are mapped where they are (virtual = guest-physical = physical) by every table that a program can switch on, so the
 * handlers of all levels work under any of them.
 */
export const RAM_BASE = 0x80000000;
export const RAM_BYTES = 64 * 2 ** 20;
/** Bit 14 upwards of an address in the harness: what traps there ends the segment. */
export const HARNESS_BYTES = 0x4000;
export const CELLS = RAM_BASE + HARNESS_BYTES;

export const REGIONS = RAM_BASE + 0x200000;
export const REGION_SHIFT = 18;
export const REGION_BYTES = 2 ** REGION_SHIFT;
/** Programs that one batch holds. */
export const SLOTS = Math.floor((RAM_BYTES - 0x200000) / REGION_BYTES);
export const regionOf = (slot: number): number => REGIONS + slot * REGION_BYTES;

/** Offsets in a region. The low CODE_BITS of an address name an instruction under every alias of the code. */
export const CODE_BITS = 15;
export const CODE_BYTES = 2 ** CODE_BITS;
/** Header: segment count, entries of the segments, menvcfg and henvcfg, x1..x31, f0..f31. */
export const HEADER = 0x8000;
export const HEADER_ENTRIES = HEADER + 8;
export const HEADER_ENVCFG = HEADER + 0xc0;
export const HEADER_X = HEADER + 0x100;
export const HEADER_F = HEADER + 0x200;
export const LOG = 0x9000;
export const LOG_ENTRY = 64;
/** Traps after which a segment is ended. */
export const SEGMENT_TRAPS = 80;
export const MAX_SEGMENTS = 5;
/** One record of the whole state for each segment that ended. */
export const DUMP = 0x10000;
export const DUMP_BYTES = 0x800;
export const DUMP_F = 31 * 8;
export const DUMP_CSR = 63 * 8;
/** Data pages, with a page of nothing on either side. */
export const DATA = 0x16000;
export const DATA_PAGES = 4;
export const TABLES = 0x20000;

/** Addresses that no device answers on either machine: the windows of virtual and of guest-physical addresses. */
const WINDOW = 0xc0000000;
/** In the 4 KiB window: pages of data, the code for U-mode, and two more aliases of the code with random permissions. */
export const WINDOW_DATA = WINDOW;
export const WINDOW_DATA_PAGES = 16;
export const WINDOW_CODE = WINDOW + 0x40000;
export const WINDOW_CODE_RANDOM = [WINDOW + 0x80000, WINDOW + 0x100000] as const;
/** One 2 MiB page that holds the region. */
export const WINDOW_MEGA = WINDOW + 0x200000;
/** Below a table that VS finds through the G-stage. */
export const WINDOW_FAR = WINDOW + 0x600000;
/** One 1 GiB page that holds RAM. */
export const WINDOW_GIGA = 0x100000000;
/** One page of 512 GiB that holds all of it, from Sv48 on. */
export const WINDOW_TERA = 5 * 2 ** 39;
