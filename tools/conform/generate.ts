import { Random } from '../../src/faults/random.ts';
import { codeAlias, dataAddress, isVirtual, loadAddress, type Regime } from './addresses.ts';
import { bodyItem } from './body.ts';
import type { Forms } from './forms.ts';
import { fenceAll, pmpItem, softwareInterruptItem, tableItem } from './system-items.ts';
import { setCsr } from './csr-items.ts';
import { envcfgOf, type Limits, type Rules } from './csr-rules.ts';
import { DATA_PAGES, MAX_SEGMENTS, TABLES } from './layout.ts';
import { fixed, type Item, type Mode, type Program, type Segment } from './program.ts';
import { changedEntry, type Entry, randomEntries, tablesOf } from './tables.ts';
import { addressAhead, build, chance, constant, join, pick, placed, POINTERS, word64 } from './words.ts';

export interface Shape {
  /** How often each mode is entered. */
  readonly modes: readonly Mode[];
  /** For each variant of programs. */
  readonly forms: readonly Forms[];
}

export const MODES: readonly Mode[] = [
  'M',
  'M',
  'S',
  'S',
  'S',
  'U',
  'U',
  'VS',
  'VS',
  'VS',
  'VS',
  'VS',
  'VU',
  'VU',
  'VU',
  'VU',
];

/** Values that arithmetic finds interesting. */
function operand(random: Random): bigint {
  const kind = random.below(8);
  if (kind === 0) return 0n;
  if (kind === 1) return (1n << 64n) - 1n;
  if (kind === 2) return 1n << BigInt(random.below(64));
  if (kind === 3) return BigInt.asUintN(64, -(1n << BigInt(random.below(64))));
  if (kind === 4) return BigInt(random.below(256));
  if (kind === 5) return BigInt.asUintN(64, BigInt.asIntN(32, word64(random)));
  return word64(random);
}

/** Doubles and boxed singles of all kinds, and what is neither. */
function floating(random: Random): bigint {
  const kind = random.below(8);
  const sign = BigInt(random.below(2));
  if (kind < 3) {
    const exponent = pick(random, [0n, 1n, 0x7fen, 0x7ffn, 0x3ffn, BigInt(0x3ff + random.below(120) - 60)]);
    return (sign << 63n) | (exponent << 52n) | (word64(random) & pick(random, [0n, 1n, 0xfffffffffffffn, 1n << 51n]));
  }
  if (kind < 7) {
    const exponent = pick(random, [0n, 1n, 0xfen, 0xffn, 0x7fn, BigInt(0x7f + random.below(60) - 30)]);
    const boxed = (sign << 31n) | (exponent << 23n) | (word64(random) & pick(random, [0n, 1n, 0x7fffffn, 1n << 22n]));
    return (0xffffffffn << 32n) | boxed;
  }
  return word64(random);
}

/** An entry of the tables stored by M-mode, with every fence there is. */
function tableChange(random: Random, entry: Entry): Item {
  const [value, address] = pick(random, [
    [5, 6],
    [10, 11],
    [28, 29],
  ] as const);
  return join(
    placed(value, entry.value, 64),
    placed(address, (base) => BigInt(base + TABLES + entry.offset)),
    fixed(build('sd', { rs1: address, rs2: value })),
    fenceAll(),
  );
}

/** Leaves M-mode by mret for the first item of the body. */
function enterItem(random: Random, mode: Exclude<Mode, 'M'>, translated: boolean, limits: Limits): Item {
  const shift = codeAlias(random, mode, translated);
  const [target, other] = pick(random, [
    [5, 6],
    [12, 13],
    [30, 29],
  ] as const);
  const privilege = mode === 'S' || mode === 'VS' ? 1n : 0n;
  const virtual = mode === 'VS' || mode === 'VU' ? 1n : 0n;
  const change = join(loadAddress(target, shift), fixed(build('add', { rd: other, rs1: other, rs2: target })));
  return join(
    // MPRV, too, which some keep over the return, and TVM and TSR, which some apply to guests.
    constant(
      target,
      (3n << 11n) | (1n << 17n) | (1n << 39n) | (virtual !== 0n && limits.plainReturns ? 5n << 20n : 0n),
    ),
    fixed(build('csrrc', { rd: 0, rs1: target, imm: 0x300 })),
    constant(target, (privilege << 11n) | (virtual << 39n)),
    fixed(build('csrrs', { rd: 0, rs1: target, imm: 0x300 })),
    addressAhead(other, 1),
    change,
    fixed(build('csrrw', { rd: 0, rs1: other, imm: 0x341 }), build('mret', {})),
  );
}

/** Interrupts made pending and enabled before a mode is entered: they are taken at its first instruction or never. */
function interruptItems(random: Random, rules: Rules): Item[] {
  const items = ['mie', 'mideleg', 'hideleg'].map((name) => setCsr(random, name, rules));
  if (chance(random, 60)) items.push(setCsr(random, 'hvip', rules));
  if (chance(random, 60)) items.push(setCsr(random, 'mip', rules));
  if (chance(random, 20)) items.push(setCsr(random, pick(random, ['stimecmp', 'vstimecmp']), rules));
  if (chance(random, 15)) items.push(softwareInterruptItem(random));
  if (chance(random, 50)) items.push(setCsr(random, 'vsstatus', rules));
  return items;
}

/** What M-mode sets up before the body runs. */
function prologue(random: Random, { csrs: { rules }, limits }: Forms, regime: Regime): Item[] {
  const items: Item[] = [];
  const sometimes = (percent: number, make: () => Item) => {
    if (chance(random, percent)) items.push(make());
  };
  const { mode, translated, guest } = regime;
  const virtual = isVirtual(mode);
  const delegation = chance(random, 60);
  if (delegation) items.push(setCsr(random, 'medeleg', rules), setCsr(random, 'hedeleg', rules));
  // With satp bare, faults of a guest may be called by the wrong name, so there it is on.
  const satpOn = mode === 'M' && limits.shyAccesses ? true : translated;
  sometimes(virtual ? 30 : 100, () => tableItem(random, 'satp', virtual || satpOn));
  sometimes(virtual ? 100 : 30, () => tableItem(random, 'vsatp', virtual ? translated : chance(random, 70)));
  sometimes(virtual ? 100 : 30, () => tableItem(random, 'hgatp', guest));
  while (!limits.noPmp && chance(random, 20)) items.push(pmpItem(random));
  while (chance(random, 25)) items.push(tableChange(random, changedEntry(random, limits)));
  sometimes(70, () => setCsr(random, 'mstatus', rules));
  sometimes(85, () => constantFs(random, limits));
  if (virtual) sometimes(60, () => setCsr(random, 'vsstatus', rules));
  sometimes(virtual ? 40 : 60, () => setCsr(random, 'hstatus', rules));
  for (const name of ['mcounteren', 'hcounteren', 'scounteren', 'menvcfg', 'henvcfg', 'senvcfg']) {
    sometimes(15, () => setCsr(random, name, rules));
  }
  if (chance(random, 35)) items.push(...interruptItems(random, rules));
  // Each: the segment before may have ended amid loading one, and what it holds then may be where a device is.
  for (const pointer of POINTERS) items.push(loadAddress(pointer, dataAddress(random, regime, limits)));
  if (mode !== 'M') items.push(enterItem(random, mode, translated, limits));
  return items;
}

/** Floating point on, at both levels. */
function constantFs(random: Random, limits: Limits): Item {
  const register = pick(random, [5, 7, 11, 17, 26]);
  const fs = BigInt(limits.dirtyFs ? 3 : 1 + random.below(3)) << 13n;
  return join(
    constant(register, fs),
    fixed(build('csrrs', { rd: 0, rs1: register, imm: 0x300 }), build('csrrs', { rd: 0, rs1: register, imm: 0x200 })),
  );
}

function segment(random: Random, modes: readonly Mode[], forms: Forms, bytes: number): Segment {
  const mode = pick(random, modes);
  // Translated: by satp, or for a guest by vsatp.
  const regime = { mode, translated: chance(random, mode === 'M' ? 40 : 80), guest: chance(random, 80) };
  const body: Item[] = [];
  for (let size = 0; size < bytes; size += body.at(-1)?.bytes ?? 0) body.push(bodyItem(random, regime, forms));
  const setup = prologue(random, forms, regime);
  const made = { mode, setup: setup.length, items: [...setup, ...body] };
  // Instructions that lie in two pages, of which the second may be no one's to execute.
  return chance(random, 30) ? { ...made, beforePageEnd: 2 * random.below(40) } : made;
}

/** Data without pattern: much of it, so by a quicker generator (xorshift32). */
function noise(seed: number): Uint8Array {
  const words = new Uint32Array(DATA_PAGES * 1024);
  let state = seed | 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
}

/** Of a program, without what sets it up. */
const MIN_INSTRUCTIONS = 50;
const MAX_INSTRUCTIONS = 500;
/** On average, of compressed and others. */
const BYTES_EACH = 3.8;
/** A segment is seldom shorter: each has its own setup. */
const SEGMENT_BYTES = 300;

/** Program number `index` of a seed: the same whatever else is generated. */
export function generate(seed: number, index: number, shape: Shape): Program {
  const random = Random.seeded(seed).split(`program ${index}`);
  const forms = pick(random, shape.forms);
  const segments: Segment[] = [];
  const bytes = BYTES_EACH * (MIN_INSTRUCTIONS + random.below(MAX_INSTRUCTIONS - MIN_INSTRUCTIONS + 1));
  const count = 1 + random.below(Math.min(MAX_SEGMENTS, Math.ceil(bytes / SEGMENT_BYTES)));
  for (let i = 0; i < count; i++) segments.push(segment(random, shape.modes, forms, bytes / count));
  const entries = randomEntries(random.split('tables'), forms.limits);
  return {
    name: `${seed}:${index}`,
    segments,
    x: Array.from({ length: 31 }, () => operand(random)),
    f: Array.from({ length: 32 }, () => floating(random)),
    data: noise(random.word()),
    tables: tablesOf(entries),
    envcfg: envcfgOf(forms.variant),
  };
}
