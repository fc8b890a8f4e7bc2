/** Register blocks of the SiFive CLINT: msip per hart (4 bytes), mtimecmp per hart (8 bytes), one mtime. */
export const CLINT = { MSIP: 0x0, MTIMECMP: 0x4000, MTIME: 0xbff8 } as const;
