import type { Random } from '../../src/faults/random.ts';
import { RAISE, RAISED_GUEST, RAISED_HOST } from './handlers.ts';
import { DATA, DATA_PAGES, TABLES } from './layout.ts';
import { fixed, type Item } from './program.ts';
import { hgatpOf, PMP_TABLES, SCHEMES, satpOf, vsatpOf } from './tables.ts';
import { build, chance, constant, join, nonzero, otherThan, pick, placed } from './words.ts';

/** A table switched with the fence that the manual asks for. Both trap together where they trap. */
export function tableItem(random: Random, which: 'satp' | 'vsatp' | 'hgatp', on: boolean): Item {
  const register = nonzero(random);
  const scheme = pick(random, chance(random, 60) ? SCHEMES.slice(0, 1) : SCHEMES);
  const id = random.below(which === 'hgatp' ? 0x4000 : 0x10000);
  const value = { satp: satpOf, vsatp: vsatpOf, hgatp: hgatpOf }[which];
  const number = { satp: 0x180, vsatp: 0x280, hgatp: 0x680 }[which];
  const fence = { satp: 'sfence.vma', vsatp: 'hfence.vvma', hgatp: 'hfence.gvma' }[which];
  return join(
    on ? placed(register, (base) => value(base, id, scheme), 64) : constant(register, 0n),
    fixed(build('csrrw', { rd: 0, rs1: register, imm: number }), build(fence, {})),
  );
}

/** msip written while MSIE is off: when a store to a device shows is not exact, when MSIE is set again it is. */
export function softwareInterruptItem(random: Random): Item {
  const register = nonzero(random);
  const value = otherThan(random, register);
  return fixed(
    // Below M-mode mie is out of reach, and nothing is stored.
    build('addi', { rd: register, imm: -1 }),
    build('addi', { rd: value, imm: -1 }),
    build('csrrci', { rd: value, rs1: 8, imm: MIE }),
    build('beq', { rs1: value, rs2: register, imm: 24 }),
    build('addi', { rd: value, imm: random.below(2) }),
    build('lui', { rd: register, imm: CLINT }),
    build('sw', { rs1: register, rs2: value, imm: 0 }),
    build('fence.i', {}),
    build(pick(random, ['csrrsi', 'csrrci']), { rd: 0, rs1: 8, imm: MIE }),
  );
}
/** Makes the trap handler raise interrupts, which are taken at the next instruction if the modes let them. */
export function interruptItem(random: Random): Item {
  const bits = random.word() & (RAISED_HOST | RAISED_GUEST);
  return fixed(((bits << 16) | RAISE) >>> 0);
}

const MIE = 0x304;
/** Its first word is msip of hart 0. */
const CLINT = 0x2000000;

const FENCE_ALL = ['sfence.vma', 'hfence.vvma', 'hfence.gvma'];
/** Every fence there is. */
export const fenceAll = (): Item => fixed(...FENCE_ALL.map((name) => build(name, {})));

/** Entries of PMP that programs change; the last one, which opens all memory, is the harness's. */
const PMP_ENTRIES = 7;
const PMP_CONFIG = 0x3a0;
const PMP_ADDRESS = 0x3b0;
const NAPOT = 0x18;
const TOR = 0x08;

/** A page of data, or of a table that only the windows need, closed or opened below M-mode by one entry of PMP. */
export function pmpItem(random: Random): Item {
  const entry = random.below(PMP_ENTRIES);
  const data = chance(random, 70);
  const offset = data ? DATA + 4096 * random.below(DATA_PAGES) : TABLES + pick(random, PMP_TABLES);
  const a = nonzero(random);
  const b = otherThan(random, a);
  const permissions = pick(random, [0, 1, 3, 4, 5, 7]);
  const byte = BigInt(8 * entry);
  const range = entry > 0 && chance(random, 30);
  const pages = data ? 1 + random.below(2) : 1;
  // A page is the least that both can tell apart: nine ones below.
  const address = (from: number, ones: number) => placed(a, (base) => BigInt(Math.floor((base + from) / 4) + ones));
  const write = (index: number) => fixed(build('csrrw', { rd: 0, rs1: a, imm: PMP_ADDRESS + index }));
  return join(
    // The lower bound of a range is the address of the entry before: that one is off, and so is the range that starts here.
    constant(b, range ? 0xffffffn << (byte - 8n) : 0xffffn << byte),
    fixed(build('csrrc', { rd: 0, rs1: b, imm: PMP_CONFIG })),
    ...(range
      ? [address(offset, 0), write(entry - 1), address(offset + 4096 * pages, 0), write(entry)]
      : [address(offset, 0x1ff), write(entry)]),
    constant(b, BigInt(chance(random, 10) ? 0 : (range ? TOR : NAPOT) | permissions) << byte),
    fixed(build('csrrs', { rd: 0, rs1: b, imm: PMP_CONFIG })),
    fenceAll(),
  );
}
