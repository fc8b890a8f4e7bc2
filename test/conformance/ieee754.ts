/**
 * Arithmetic by the definition of IEEE 754: the exact value, then its rounding, then the flags. Written on integers of any
 * size and without a look at the machine, as an oracle for it. Slow, and meant to be read.
 */
export interface Format {
  /** Bits of the encoding, and of a significand with its leading bit. */
  readonly width: number;
  readonly precision: number;
  /** Greatest exponent of a finite number; the least of a normal one is 1 - emax. */
  readonly emax: number;
}

export const BINARY32: Format = { width: 32, precision: 24, emax: 127 };
export const BINARY64: Format = { width: 64, precision: 53, emax: 1023 };

/** In the order of frm. */
export const MODES = ['rne', 'rtz', 'rdn', 'rup', 'rmm'] as const;
export type Mode = (typeof MODES)[number];

/** Bits of fflags. */
export const INEXACT = 1;
export const UNDERFLOW = 2;
export const OVERFLOW = 4;
export const DIVIDE_BY_ZERO = 8;
export const INVALID = 16;

export type Datum =
  | { readonly kind: 'nan'; readonly signalling: boolean }
  | { readonly kind: 'infinite'; readonly negative: boolean }
  /** significand * 2^exponent; a zero has significand 0. */
  | { readonly kind: 'finite'; readonly negative: boolean; readonly significand: bigint; readonly exponent: number };

export interface Result {
  readonly bits: bigint;
  readonly flags: number;
}

const fractionBits = ({ precision }: Format) => BigInt(precision - 1);
const leastExponent = ({ emax, precision }: Format) => 1 - emax - (precision - 1);
const exponentMask = ({ emax }: Format) => BigInt(2 * emax + 1);

export function decode(format: Format, bits: bigint): Datum {
  const fraction = bits & ((1n << fractionBits(format)) - 1n);
  const biased = (bits >> fractionBits(format)) & exponentMask(format);
  const negative = bits >> BigInt(format.width - 1) === 1n;
  if (biased === exponentMask(format)) {
    if (fraction === 0n) return { kind: 'infinite', negative };
    return { kind: 'nan', signalling: fraction >> (fractionBits(format) - 1n) === 0n };
  }
  if (biased === 0n) return { kind: 'finite', negative, significand: fraction, exponent: leastExponent(format) };
  const significand = fraction | (1n << fractionBits(format));
  return { kind: 'finite', negative, significand, exponent: leastExponent(format) + Number(biased) - 1 };
}

const signed = (format: Format, negative: boolean, magnitude: bigint) =>
  magnitude | (negative ? 1n << BigInt(format.width - 1) : 0n);

export const infinity = (format: Format, negative: boolean) =>
  signed(format, negative, exponentMask(format) << fractionBits(format));
export const zero = (format: Format, negative: boolean) => signed(format, negative, 0n);
/** The one NaN that RISC-V operations give. */
export const canonicalNan = (format: Format) => ((exponentMask(format) << 1n) | 1n) << (fractionBits(format) - 1n);

/** A positive real number, known by how it compares with half * 2^(exponent - 1). */
export interface Real {
  /** Greatest e with 2^e not above it. */
  readonly logarithm: number;
  /** Greatest integer not above it / 2^exponent. */
  floor(exponent: number): bigint;
  compare(half: bigint, exponent: number): number;
}

const bitLength = (value: bigint) => value.toString(2).length;
/** Left, or right with what falls off lost. */
const scaled = (value: bigint, by: number) => (by >= 0 ? value << BigInt(by) : value >> BigInt(-by));
const order = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

/** numerator / denominator * 2^exponent */
export function ratio(numerator: bigint, denominator: bigint, exponent: number): Real {
  const floor = (at: number) => {
    const by = exponent - at;
    return by >= 0 ? (numerator << BigInt(by)) / denominator : numerator / (denominator << BigInt(-by));
  };
  const guess = bitLength(numerator) - bitLength(denominator) + exponent;
  return {
    logarithm: floor(guess) >= 1n ? guess : guess - 1,
    floor,
    compare: (half, at) => {
      const by = exponent - at + 1;
      const [left, right] = [numerator, half * denominator];
      return by >= 0 ? order(left << BigInt(by), right) : order(left, right << BigInt(-by));
    },
  };
}

function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The square root of significand * 2^exponent. */
export function root(significand: bigint, exponent: number): Real {
  return {
    logarithm: Math.floor((bitLength(significand) - 1 + exponent) / 2),
    floor: (at) => integerRoot(scaled(significand, exponent - 2 * at)),
    compare: (half, at) => {
      const by = exponent - 2 * (at - 1);
      return by >= 0 ? order(significand << BigInt(by), half * half) : order(significand, (half * half) << BigInt(-by));
    },
  };
}

/** The neighbour that the mode chooses among the multiples of 2^exponent, divided by it. */
export function toMultiple(
  value: Real,
  negative: boolean,
  exponent: number,
  mode: Mode,
): { integer: bigint; exact: boolean } {
  const below = value.floor(exponent);
  if (value.compare(2n * below, exponent) === 0) return { integer: below, exact: true };
  const half = value.compare(2n * below + 1n, exponent);
  const away = {
    rne: half > 0 || (half === 0 && (below & 1n) === 1n),
    rmm: half >= 0,
    rtz: false,
    rdn: negative,
    rup: !negative,
  }[mode];
  return { integer: away ? below + 1n : below, exact: false };
}

/** Rounds a number that is not zero. */
export function round(format: Format, value: Real, negative: boolean, mode: Mode): Result {
  const { precision, emax } = format;
  // First as if exponents had no bounds: overflow and tininess are questions about that result.
  const unbounded = value.logarithm - (precision - 1);
  const first = toMultiple(value, negative, unbounded, mode);
  if (value.logarithm > emax || first.integer === 1n << BigInt(emax + 1 - unbounded)) {
    const toInfinity = mode === 'rne' || mode === 'rmm' || mode === (negative ? 'rdn' : 'rup');
    const bits = infinity(format, negative) - (toInfinity ? 0n : 1n);
    return { bits, flags: OVERFLOW | INEXACT };
  }
  const tiny = value.logarithm < 1 - emax && !(value.logarithm === -emax && first.integer === 1n << BigInt(precision));
  const exponent = Math.max(unbounded, leastExponent(format));
  const { integer, exact } = toMultiple(value, negative, exponent, mode);
  // The leading bit of a normal significand adds one to the exponent field; so does a carry.
  const bits = (BigInt(exponent - leastExponent(format)) << fractionBits(format)) + integer;
  return { bits: signed(format, negative, bits), flags: exact ? 0 : INEXACT | (tiny ? UNDERFLOW : 0) };
}
