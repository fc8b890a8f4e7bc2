import type { Random } from '../../src/faults/random.ts';
import { COMPRESSED, decode, INSTRUCTIONS } from '../../src/machine/isa/table.ts';
import { codeAlias, dataAddress, loadAddress, type Regime } from './addresses.ts';
import { type CsrChoice, csrItem } from './csr-items.ts';
import type { Limits } from './csr-rules.ts';
import { fixed, type Item, type Mode } from './program.ts';
import { hgatpOf, satpOf, vsatpOf } from './tables.ts';
import {
  addressAhead,
  branchAhead,
  build,
  chance,
  constant,
  type Form,
  join,
  pick,
  POINTERS,
  randomWord,
  RESULTS,
  rowOf,
  placed,
} from './words.ts';

/** Rows by what a random program does with them. */
export interface Forms {
  readonly plain: readonly Form[];
  readonly memory: readonly Form[];
  /** HLV, HSV and the like. */
  readonly sideways: readonly Form[];
  readonly atomic: readonly Form[];
  readonly branches: readonly Form[];
  readonly fences: readonly Form[];
  readonly illegal: (random: Random) => number | undefined;
  readonly csrs: CsrChoice;
  readonly limits: Limits;
}

const BY_ITEMS = new Set(['lr.w', 'lr.d', 'sc.w', 'sc.d', 'csrrw', 'csrrs', 'csrrc', 'csrrwi', 'csrrsi', 'csrrci']);
const TRAPPING = new Set(['ecall', 'ebreak', 'c.ebreak', 'mret', 'sret', 'wfi']);

/** Sorts all rows of the table that the other machine has, too. */
export function sortForms(limits: Limits, csrs: CsrChoice): Forms {
  const { absent } = limits;
  const groups = {
    plain: [] as Form[],
    memory: [] as Form[],
    sideways: [] as Form[],
    atomic: [] as Form[],
    branches: [] as Form[],
    fences: [] as Form[],
  };
  for (const form of [...INSTRUCTIONS, ...COMPRESSED]) {
    const row = rowOf(form);
    if (absent.has(row.name) || absent.has(form.name) || BY_ITEMS.has(row.name) || TRAPPING.has(form.name)) continue;
    const { cost, format } = row;
    if (form.format.syntax.includes('target')) groups.branches.push(form);
    else if (cost === 'indirect') continue;
    else if (cost === 'atomic') groups.atomic.push(form);
    else if (cost === 'fence') groups.fences.push(form);
    else if (/^h[ls]v/.test(row.name)) groups.sideways.push(form);
    else if (format.syntax.includes('m') || format.syntax.includes('a')) groups.memory.push(form);
    else groups.plain.push(form);
  }
  return { ...groups, illegal: illegalWords(absent), csrs, limits };
}

const MAJOR_FP = [0x43, 0x47, 0x4b, 0x4f, 0x53];

/** Words that this table does not know, out of the opcodes that the other machine has no more of than we do. */
function illegalWords(absent: ReadonlySet<string>): Forms['illegal'] {
  const halves = Array.from({ length: 0x10000 }, (_, i) => i).filter(
    (half) => half !== 0 && (half & 3) !== 3 && decode(half) === undefined,
  );
  const noFloats = !INSTRUCTIONS.some((row) => row.name === 'fadd.s') || absent.has('fadd.s');
  return (random) => {
    if (chance(random, 30)) return pick(random, halves);
    const word = (random.word() | 3) >>> 0;
    if (noFloats && MAJOR_FP.includes(word & 0x7f)) return undefined;
    return (word & 0xffff) === 0 || decode(word) !== undefined ? undefined : word;
  };
}

const pointerOf = (random: Random) => pick(random, POINTERS);
const resultOf = (random: Random) => pick(random, RESULTS);
const nonzero = (random: Random) =>
  pick(
    random,
    RESULTS.filter((register) => register !== 0),
  );

/** Changes a pointer, in one of the ways that keep it an address. */
function pointerItem(random: Random, regime: Regime, limits: Limits): Item {
  return loadAddress(pointerOf(random), dataAddress(random, regime, limits));
}

/** A value that no memory holds, by which a program knows that LR trapped. */
const UNTOUCHED = -1234;

/** LR, nothing that could end the reservation by chance, SC; where it succeeded sometimes another, which must fail. */
function reservationItem(random: Random, regime: Regime, limits: Limits): Item {
  const pointer = pointerOf(random);
  const suffix = chance(random, 50) ? 'd' : 'w';
  const ordering = () => random.below(4) << 25;
  const [old, sign] = pick(random, PAIRS);
  const lr = (build(`lr.${suffix}`, { rd: old, rs1: pointer }) | ordering()) >>> 0;
  const sc = (rd: number) => (build(`sc.${suffix}`, { rd, rs1: pointer, rs2: random.below(31) }) | ordering()) >>> 0;
  const between = Array.from({ length: random.below(4) }, () => {
    const rd = pick(
      random,
      RESULTS.filter((register) => register !== sign),
    );
    return build('addi', { rd, rs1: random.below(31), imm: random.below(4096) - 2048 });
  });
  const again = chance(random, 20) ? [build('bne', { rs1: sign, imm: 8 }), sc(nonzero(random))] : [];
  const rest = [...between, sc(sign), ...again];
  const address = dataAddress(random, regime, limits, chance(random, 90) ? 8 : 1, limits.shyAccesses);
  return join(
    loadAddress(pointer, address),
    fixed(
      build('addi', { rd: old, imm: UNTOUCHED }),
      build('addi', { rd: sign, imm: UNTOUCHED }),
      lr,
      build('beq', { rs1: old, rs2: sign, imm: 4 + 4 * rest.length }),
      ...rest,
    ),
  );
}
const PAIRS = [
  [5, 6],
  [13, 12],
  [20, 29],
] as const;

function atomicItem(random: Random, regime: Regime, { atomic, limits }: Forms): Item {
  if (chance(random, 30)) return reservationItem(random, regime, limits);
  const word = randomWord(random, pick(random, atomic), { pointer: true });
  const { shyAccesses } = limits;
  if (chance(random, shyAccesses ? 1 : 15)) return fixed(word);
  const address = dataAddress(
    random,
    regime,
    limits,
    chance(random, 90) ? 8 : 1,
    chance(random, shyAccesses ? 98 : 50),
  );
  return join(loadAddress(decode(word)?.operands.rs1 ?? 2, address), fixed(word));
}

/** jalr to an item further on, or through c.jr and c.jalr. */
function indirectItem(random: Random): Item {
  const register = nonzero(random);
  const short = chance(random, 40);
  const word = short
    ? (chance(random, 50) ? 0x8002 : 0x9002) | (register << 7)
    : build('jalr', { rd: resultOf(random), rs1: register, imm: 0 });
  return join(addressAhead(register, 1 + random.below(5)), fixed(word));
}

/** A return to an item further on, under the same alias or, for the mode it may lead to, another. */
function returnItem(random: Random, mode: Mode, limits: Limits): Item {
  const machine = mode === 'M' && chance(random, 60);
  const register = nonzero(random);
  const other = pick(
    random,
    RESULTS.filter((candidate) => candidate !== 0 && candidate !== register),
  );
  const target = addressAhead(register, 1 + random.below(3));
  const shift = codeAlias(random, pick(random, ['S', 'U', 'VU'] as const), chance(random, 50));
  const change = join(loadAddress(other, shift), fixed(build('add', { rd: register, rs1: register, rs2: other })));
  const epc = machine ? 0x341 : 0x141;
  const clear =
    mode === 'M' && limits.plainReturns
      ? [build('lui', { rd: other, imm: 1 << 17 }), build('csrrc', { rd: 0, rs1: other, imm: 0x300 })]
      : [];
  const write = build('csrrw', { rd: 0, rs1: register, imm: epc });
  const tail = fixed(write, ...clear, build(machine ? 'mret' : 'sret', {}));
  // The shift makes the code longer, so the target is named after it.
  return chance(random, 50) ? join(target, tail) : join(target, change, tail);
}

/** A table switched with the fence that the manual asks for. Both trap together where they trap. */
export function tableItem(random: Random, which: 'satp' | 'vsatp' | 'hgatp', on: boolean): Item {
  const register = nonzero(random);
  const id = random.below(which === 'hgatp' ? 0x4000 : 0x10000);
  const value = { satp: satpOf, vsatp: vsatpOf, hgatp: hgatpOf }[which];
  const number = { satp: 0x180, vsatp: 0x280, hgatp: 0x680 }[which];
  const fence = { satp: 'sfence.vma', vsatp: 'hfence.vvma', hgatp: 'hfence.gvma' }[which];
  return join(
    on ? placed(register, (base) => value(base, id), 64) : constant(register, 0n),
    fixed(build('csrrw', { rd: 0, rs1: register, imm: number }), build(fence, {})),
  );
}

/** msip written while MSIE is off: when a store to a device shows is not exact, when MSIE is set again it is. */
export function softwareInterruptItem(random: Random): Item {
  const register = nonzero(random);
  const value = pick(
    random,
    RESULTS.filter((candidate) => candidate !== 0 && candidate !== register),
  );
  return fixed(
    build('csrrci', { rd: 0, rs1: 8, imm: 0x304 }),
    build('addi', { rd: value, imm: random.below(2) }),
    build('lui', { rd: register, imm: 0x2000000 }),
    build('sw', { rs1: register, rs2: value, imm: 0 }),
    build('fence.i', {}),
    build(pick(random, ['csrrsi', 'csrrci']), { rd: 0, rs1: 8, imm: 0x304 }),
  );
}

/** One random item of a body. */
export function bodyItem(random: Random, regime: Regime, forms: Forms): Item {
  const { mode } = regime;
  const kind = random.below(1000);
  const timid = mode === 'VU' && forms.limits.shyAccesses && !chance(random, 3);
  if (kind < 370) return fixed(randomWord(random, pick(random, forms.plain)));
  if (kind < 610) return fixed(randomWord(random, pick(random, forms.memory), { pointer: true }));
  if (kind < 640 && !timid) return fixed(randomWord(random, pick(random, forms.sideways), { pointer: true }));
  if (kind < 700) return pointerItem(random, regime, forms.limits);
  if (kind < 750) {
    const form = pick(random, forms.branches);
    return branchAhead(form, randomWord(random, form), 1 + random.below(6));
  }
  if (kind < 790) return atomicItem(random, regime, forms);
  if (kind < 900) return csrItem(random, mode, forms.csrs, timid);
  if (kind < 915 && !timid) return fixed(randomWord(random, pick(random, forms.fences)));
  if (kind < 935) return indirectItem(random);
  if (kind < 955) return fixed(build(pick(random, ['ecall', 'ebreak', 'mret', 'sret'].slice(0, 2)), {}));
  if (kind < 970 && !timid) return returnItem(random, mode, forms.limits);
  if (kind < 980 && !timid)
    return tableItem(
      random,
      pick(random, ['satp', 'vsatp', 'hgatp']),
      chance(random, forms.limits.shyAccesses ? 97 : 80),
    );
  if (kind < 983 && mode === 'M') return softwareInterruptItem(random);
  const word = forms.illegal(random);
  return word === undefined ? bodyItem(random, regime, forms) : fixed(word);
}
