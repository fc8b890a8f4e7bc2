import type { Random } from '../../src/faults/random.ts';
import type { Limits } from './csr-rules.ts';
import {
  DATA,
  DATA_PAGES,
  RAM_BASE,
  WINDOW_CODE,
  WINDOW_CODE_RANDOM,
  WINDOW_DATA,
  WINDOW_DATA_PAGES,
  WINDOW_GIGA,
  WINDOW_MEGA,
  WINDOW_TERA,
} from './layout.ts';
import type { Item, Mode } from './program.ts';
import { chance, constant, pick, placed } from './words.ts';

/** An address: a constant, or one that depends on where the program lies. */
export type Address = bigint | ((base: number) => bigint);

/** What a body is entered in: translated says of its own first stage, satp or vsatp. */
export interface Regime {
  readonly mode: Mode;
  readonly translated: boolean;
  /** hgatp translates. */
  readonly guest: boolean;
}
export const isVirtual = (mode: Mode): boolean => mode === 'VS' || mode === 'VU';

/** Loads a register with an address. */
export const loadAddress = (rd: number, address: Address): Item =>
  typeof address === 'bigint' ? constant(rd, address) : placed(rd, address);

/** A place in a page, often near its end, so that accesses cross into the next. */
const within = (random: Random): number => (chance(random, 20) ? 4096 - random.below(9) : random.below(4096));
const aligned = (value: number, to: number) => value - (value % to);

const HIGH = [1n << 38n, 1n << 48n, 1n << 39n, 1n << 40n, 1n << 41n, 1n << 56n, 1n << 63n, 0x80000000n];

/**
 * An address for loads and stores: where the data lies, in every window that may lead there, and now and then nowhere. None
 * is one that a device answers, also where translation is off. `sure`: only places with memory behind them, if the regime is
 * still what it was.
 */
export function dataAddress(
  random: Random,
  { mode, translated, guest }: Regime,
  limits: Limits,
  alignment = 1,
  sure = false,
): Address {
  const offset = aligned(random.below(DATA_PAGES) * 4096 + within(random), alignment);
  const page = aligned(random.below(WINDOW_DATA_PAGES) * 4096 + within(random), alignment);
  const physical: Address = (base) => BigInt(base + DATA + offset);
  const window = BigInt(WINDOW_DATA + page);
  if (sure)
    return mode === 'M' || !(isVirtual(mode) ? guest : translated) ? physical : pick(random, [window, physical]);
  if ((mode === 'M' || !translated) && chance(random, 60)) return physical;
  const kind = random.below(100);
  if (kind < 50) return window;
  if (kind < 62) return physical;
  if (kind < 72) return (base) => BigInt(WINDOW_MEGA + ((base + DATA + offset) % 0x200000));
  if (kind < 82) return (base) => BigInt(WINDOW_GIGA + (base + DATA + offset - RAM_BASE));
  if (kind < 84) return (base) => BigInt(WINDOW_TERA + base + DATA + offset);
  if (kind < 87) return -0x40000000n + BigInt(page);
  if (kind < 93) return BigInt(WINDOW_DATA + pick(random, [0x400000, 0x600000, 0x800000]) + page);
  // Beyond canonical addresses of each kind, the mirror of the window in the upper half of a 41-bit space, and nowhere.
  const high = pick(random, limits.lowGuestAddresses ? HIGH.filter((bit) => bit !== 1n << 40n) : HIGH);
  return high + BigInt(WINDOW_DATA + page);
}

/** What to add to the physical address of code so that it runs under another alias. */
export function codeAlias(random: Random, mode: Mode, translated: boolean): Address {
  const toWindow = (window: number) => (base: number) => BigInt(window) - BigInt(base);
  if (chance(random, 12)) return toWindow(pick(random, WINDOW_CODE_RANDOM));
  const user = mode === 'U' || mode === 'VU';
  return user && translated ? toWindow(WINDOW_CODE) : 0n;
}
