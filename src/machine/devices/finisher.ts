/** The words that sifive_test knows; a failure carries its code in the upper half. */
export const FINISHER = { PASS: 0x5555, FAIL: 0x3333, RESET: 0x7777 } as const;
