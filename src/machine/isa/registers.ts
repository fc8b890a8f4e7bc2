/** ABI names of the integer and floating-point registers; the position is the number. "RISC-V ABIs", chapter 1. */
export const X_NAMES: readonly string[] =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
export const F_NAMES: readonly string[] = (
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 ' +
  'fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'
).split(' ');

const byName = (names: readonly string[], letter: string): ReadonlyMap<string, number> =>
  new Map(names.flatMap((name, i) => [[name, i] as const, [`${letter}${i}`, i] as const]));

const xNumbers = new Map([...byName(X_NAMES, 'x'), ['fp', 8] as const]);
const fNumbers = byName(F_NAMES, 'f');

/** Number of a register of that file, by ABI name or plain one. */
export function registerNumber(name: string, fp: boolean): number | undefined {
  return (fp ? fNumbers : xNumbers).get(name);
}

export function registerName(number: number, fp: boolean): string {
  return (fp ? F_NAMES : X_NAMES)[number] ?? `?${number}`;
}

/** Names of rounding modes by their number ("Unprivileged ISA", table 28); 5 and 6 are reserved. */
const MODE_NAMES: readonly (string | undefined)[] = ['rne', 'rtz', 'rdn', 'rup', 'rmm', undefined, undefined, 'dyn'];

export function roundingMode(name: string): number | undefined {
  const number = MODE_NAMES.indexOf(name);
  return number < 0 ? undefined : number;
}

export function roundingModeName(number: number): string {
  return MODE_NAMES[number] ?? `?${number}`;
}
