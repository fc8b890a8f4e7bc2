export const DOORBELL = { RAISE: 0x0, LOWER: 0x4 } as const;
