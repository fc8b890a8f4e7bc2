/** Register blocks of the PLIC. Enable words lie 0x80 apart per context, threshold and claim 0x1000 apart. */
export const PLIC = {
  PRIORITY: 0x0,
  PENDING: 0x1000,
  ENABLE: 0x2000,
  ENABLE_STRIDE: 0x80,
  THRESHOLD: 0x20_0000,
  CLAIM: 0x20_0004,
  CONTEXT_STRIDE: 0x1000,
} as const;
