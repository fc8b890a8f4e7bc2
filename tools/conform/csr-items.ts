import type { Random } from '../../src/faults/random.ts';
import { csrNumber } from '../../src/machine/hart/csrs.ts';
import { BLIND, type CsrRule, comparedCsrs, type Limits, type Rules, rulesFor, type Variant } from './csr-rules.ts';
import { fixed, type Item, type Mode } from './program.ts';
import { build, chance, constant, join, nonzero, pick, RESULTS, word64 } from './words.ts';

export interface CsrChoice {
  /** Names by the privilege that their number asks for: 0 U, 1 S, 2 H and VS, 3 M. */
  readonly byLevel: readonly (readonly string[])[];
  /** Not read: what comes back is not comparable. */
  readonly unread: ReadonlySet<string>;
  readonly rules: Rules;
}

/** Numbers that no implementation of ours or theirs has. */
const NOWHERE = [0x5c0, 0x6c0, 0x7c0, 0x800, 0x9c0, 0xac0, 0xbc0, 0xcc0, 0xdc0, 0xec0, 0xfc0];

export function csrChoice(limits: Limits, variant: Variant): CsrChoice {
  const rules = rulesFor(limits, variant);
  const names = [...comparedCsrs(limits), ...BLIND].filter((name) => rules[name]?.apart !== true);
  const level = (name: string) => ((csrNumber(name) ?? 0) >>> 8) & 3;
  return {
    byLevel: [0, 1, 2, 3].map((wanted) => names.filter((name) => level(name) === wanted)),
    unread: limits.unread,
    rules,
  };
}

/** Which levels a mode's programs look at, the ones that trap included. */
const LEVELS: Readonly<Record<Mode, readonly number[]>> = {
  M: [0, 1, 1, 2, 2, 2, 3, 3, 3, 3],
  S: [0, 1, 1, 1, 1, 2, 2, 2, 2, 3],
  U: [0, 0, 0, 0, 1, 1, 1, 2, 3],
  VS: [0, 1, 1, 1, 1, 1, 1, 2, 3],
  VU: [0, 0, 0, 0, 1, 1, 2, 3],
};

const result = (random: Random) => pick(random, RESULTS);

/** A value worth writing, below a mask. */
const someBits = (random: Random, mask: bigint): bigint => {
  const kind = random.below(10);
  if (kind === 0) return 0n;
  if (kind === 1) return mask;
  if (kind < 4) return mask & (1n << BigInt(random.below(64)));
  return mask & word64(random);
};

/** A value that a rule allows to be written. */
function valueFor(random: Random, rule: CsrRule): bigint {
  if (rule.choices !== undefined) return pick(random, rule.choices);
  let value = someBits(random, rule.write ?? 0n) | (rule.keep ?? 0n);
  for (const [shift, values] of rule.never ?? []) {
    // The field becomes 0 or 3: both are allowed wherever others are not.
    const field = (value >> shift) & 3n;
    if (values.includes(field)) value = (value & ~(3n << shift)) | (chance(random, 50) ? 3n << shift : 0n);
  }
  const [first, second] = rule.together ?? [1n, 0n];
  return (value & first) === first ? value & ~second : value;
}

/** Sets a CSR to a value of its rule, or some of its bits. */
export function setCsr(random: Random, name: string, rules: Rules): Item {
  const rule = rules[name] ?? {};
  const number = csrNumber(name) ?? 0;
  if (rule.write === undefined && rule.choices === undefined) {
    if (rule.set === undefined) return fixed(build('csrrs', { rd: 0, rs1: 0, imm: number }));
    return bitItem(random, name, rule.set, 0);
  }
  const register = nonzero(random);
  return join(constant(register, valueFor(random, rule)), fixed(build('csrrw', { rd: 0, rs1: register, imm: number })));
}

function bitItem(random: Random, name: string, mask: bigint, rd: number): Item {
  const number = csrNumber(name) ?? 0;
  const op = pick(random, ['csrrs', 'csrrc']);
  const small = mask & 31n;
  if (small !== 0n && chance(random, 30)) {
    return fixed(build(`${op}i`, { rd, rs1: Number(someBits(random, small)), imm: number }));
  }
  const register = nonzero(random);
  return join(constant(register, someBits(random, mask)), fixed(build(op, { rd, rs1: register, imm: number })));
}

/** An access to a CSR: read, written, or its bits set and cleared, within what the rules allow. Timid: to one of U-mode. */
export function csrItem(random: Random, mode: Mode, choice: CsrChoice, timid = false): Item {
  if (chance(random, 3)) {
    return fixed(build('csrrs', { rd: result(random), rs1: 0, imm: pick(random, NOWHERE) }));
  }
  const names = choice.byLevel[timid ? 0 : pick(random, LEVELS[mode])] ?? [];
  const name = pick(random, names);
  const number = csrNumber(name) ?? 0;
  const blind = (BLIND as readonly string[]).includes(name) || choice.unread.has(name);
  const rd = blind ? 0 : result(random);
  const rule = choice.rules[name];
  const writable = rule !== undefined && (rule.write !== undefined || rule.choices !== undefined);
  if (!writable && rule?.set !== undefined && chance(random, 50)) return bitItem(random, name, rule.set, rd);
  if (!writable) {
    // Also the write of a register that cannot be written.
    const op = number >>> 10 === 3 && chance(random, 20) ? 'csrrw' : 'csrrs';
    return fixed(build(op, { rd, rs1: op === 'csrrw' ? random.below(31) : 0, imm: number }));
  }
  if (chance(random, 30)) return fixed(build('csrrs', { rd, rs1: 0, imm: number }));
  // Where what is there is not comparable, it must not stay, in part, behind a write.
  const whole = choice.unread.has(name) && rule.write === (1n << 64n) - 1n;
  if (!whole && rule.write !== undefined && chance(random, 50))
    return bitItem(random, name, rule.set ?? rule.write, rd);
  const register = nonzero(random);
  const write = build('csrrw', { rd, rs1: register, imm: number });
  return join(constant(register, valueFor(random, rule)), fixed(write));
}
