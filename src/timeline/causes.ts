// Causes of traps in words: "Privileged ISA", tables 14 and 15.4.

const INTERRUPTS: Readonly<Record<number, string>> = {
  1: 'S software interrupt',
  2: 'VS software interrupt',
  3: 'M software interrupt',
  5: 'S timer interrupt',
  6: 'VS timer interrupt',
  7: 'M timer interrupt',
  9: 'S external interrupt',
  10: 'VS external interrupt',
  11: 'M external interrupt',
  12: 'guest external interrupt',
};

const EXCEPTIONS: Readonly<Record<number, string>> = {
  0: 'fetch misaligned',
  1: 'fetch access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load misaligned',
  5: 'load access fault',
  6: 'store misaligned',
  7: 'store access fault',
  8: 'ecall from U',
  9: 'ecall from S',
  10: 'ecall from VS',
  11: 'ecall from M',
  12: 'fetch page fault',
  13: 'load page fault',
  15: 'store page fault',
  20: 'fetch guest page fault',
  21: 'load guest page fault',
  22: 'virtual instruction',
  23: 'store guest page fault',
};

export function describeCause(interrupt: boolean, cause: number): string {
  const known = interrupt ? INTERRUPTS[cause] : EXCEPTIONS[cause];
  return known ?? `${interrupt ? 'interrupt' : 'exception'} ${cause}`;
}
