import { type Format, MODES } from './ieee754.ts';

/** Cases per instruction with the mode in frm, and per mode in the word. */
export const DYNAMIC_CASES = 20_000;
export const STATIC_CASES = 2_000;
/** All cases of an instruction, by whether it rounds. */
export const casesOfFloat = (rounds: boolean): number => DYNAMIC_CASES + (rounds ? MODES.length * STATIC_CASES : 0);

/** Numbers without visible pattern, the same in every run. */
export class Sequence {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  below(limit: number): number {
    return this.next() % limit;
  }

  word(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }

  of<T>(list: readonly [T, ...T[]]): T;
  of<T>(list: readonly T[]): T | undefined;
  of<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }
}

const unique = (values: readonly bigint[]) => [...new Set(values)];

/** Encodings at which something changes: of numbers, of NaNs, and of integers that a conversion meets. */
export function boundaries(format: Format): bigint[] {
  const { width, precision, emax } = format;
  const fraction = BigInt(precision - 1);
  const one = BigInt(emax) << fraction;
  const infinite = BigInt(2 * emax + 1) << fraction;
  const power = (exponent: number) => BigInt(emax + exponent) << fraction;
  const powers = [
    1 - emax,
    2 - emax,
    precision - emax,
    -emax >> 1,
    -precision,
    1 - precision,
    -2,
    -1,
    0,
    1,
    2,
    precision - 2,
    precision - 1,
    precision,
    30,
    31,
    32,
    62,
    63,
    64,
    emax >> 1,
    emax - precision,
    emax - 1,
    emax,
  ];
  const half = 1n << (fraction - 1n);
  const positive = [
    ...[0n, 1n, 2n, 3n, half - 1n, half, half + 1n],
    ...powers.flatMap((exponent) => [-1n, 0n, 1n].map((ulps) => power(exponent) + ulps)),
    // 1.5, and integers and halves on both sides of where integers end.
    ...[one + half, power(1) + half, power(2) + (half >> 1n)],
    ...[precision - 2, precision - 3].flatMap((exponent) => [power(exponent) + 1n, power(exponent) + 3n]),
    infinite - 1n,
    infinite,
    // NaNs: signalling, canonical, quiet with more in the fraction.
    ...[infinite + 1n, infinite + half - 1n, infinite + half, infinite + half + 1n],
  ];
  const sign = 1n << BigInt(width - 1);
  return unique([...positive, ...positive.map((bits) => bits | sign)]);
}

/** Integers at the edges of the types, and where the formats cannot hold every one. */
export const INTEGER_BOUNDARIES: readonly bigint[] = unique(
  [0, 1, 2, 23, 24, 25, 30, 31, 32, 33, 52, 53, 54, 55, 62, 63]
    .flatMap((shift) => [-3n, -2n, -1n, 0n, 1n, 2n, 3n].map((more) => (1n << BigInt(shift)) + more))
    .flatMap((value) => [value, -value])
    .map((value) => BigInt.asUintN(64, value)),
);

/** A significand with few bits, runs or a pattern near a halfway case, or any. */
function someFraction(format: Format, random: Sequence): bigint {
  const bits = format.precision - 1;
  const mask = (1n << BigInt(bits)) - 1n;
  const one = () => 1n << BigInt(random.below(bits));
  switch (random.below(6)) {
    case 0:
      return one();
    case 1:
      return one() | one();
    case 2:
      return mask ^ one();
    case 3:
      return (one() - 1n) & mask;
    case 4:
      return mask ^ ((one() - 1n) & mask);
    default:
      return random.word() & mask;
  }
}

/** A finite number or zero with an exponent field near `around`. */
function numberNear(format: Format, around: number, spread: number, random: Sequence): bigint {
  const field = Math.min(2 * format.emax, Math.max(0, around - spread + random.below(2 * spread + 1)));
  const sign = BigInt(random.below(2)) << BigInt(format.width - 1);
  return sign | (BigInt(field) << BigInt(format.precision - 1)) | someFraction(format, random);
}

/** Exponent fields from which results fall near overflow, underflow or one. */
function center(format: Format, random: Sequence): number {
  const { emax, precision } = format;
  return random.of([
    emax,
    emax,
    random.below(2 * emax),
    1,
    precision,
    2 * emax,
    emax >> 1,
    (emax >> 1) + emax,
    emax + 1 - (precision >> 1),
  ]);
}

/** Operands of one operation: clustered exponents, so that they interact; sometimes one equal or opposite to another. */
function cluster(format: Format, count: number, random: Sequence): bigint[] {
  if (count === 3 && format.width === 64 && random.below(12) === 0) return awkwardSum(random);
  const around = center(format, random);
  const spread = random.of([0, 1, 3, format.precision, 2 * format.precision + 3]);
  const values = Array.from({ length: count }, () => numberNear(format, around, spread, random));
  // A product at the verge of overflow.
  if (count > 1 && random.below(16) === 0) values[0] = partner(format, values[1] ?? 0n, random);
  if (count === 3) {
    // An addend near the product, so that much cancels.
    const [a = 0n, b = 0n] = values;
    const field = (bits: bigint) => Number(bits >> BigInt(format.precision - 1)) & (2 * format.emax + 1);
    const product = field(a) + field(b) - format.emax;
    if (random.below(2) === 0)
      values[2] = numberNear(format, product, random.of([0, 1, 2, format.precision + 2, 130]), random);
    if (random.below(4) === 0) values[2] = nearProduct(format, a, b, random);
  } else if (count === 2 && random.below(8) === 0) {
    values[1] = (values[0] ?? 0n) ^ BigInt(random.below(4)) ^ (BigInt(random.below(2)) << BigInt(format.width - 1));
  }
  return values;
}

/**
 * Doubles whose product is 2^105 and less than 2^30: what decides between exact and inexact, or halfway and above, then lies 75
 * bits below the leading bit.
 */
type Pair = readonly [bigint, bigint];
const GAPS: readonly [Pair, ...Pair[]] = [
  [0x16b6dd157cfa63n, 0x168a75807e40c1n],
  [0x168330d9bec32fn, 0x16be326afbb8e9n],
  [0x19867a6ec341ebn, 0x140efb8a65d7cfn],
  [0x17897add623889n, 0x15c0c1b96114cfn],
  [0x1d63148c9e330dn, 0x116c32d6a86a54n],
  [0x16c3bf01c5db89n, 0x167db3ff6be33en],
];

/** Two significands whose product is 1 or -1 in its last 53 bits: as near to a double as can be without being one. */
function almostExact(random: Sequence): Pair {
  const range = 1n << 53n;
  const factor = (random.word() >> 12n) | (1n << 52n) | 1n;
  let inverse = factor;
  // Each step doubles the bits that are right, of which there are three at first.
  for (let i = 0; i < 5; i++) inverse = BigInt.asUintN(53, inverse * (2n - factor * inverse));
  // With its leading bit, or what is left to 2^53 then has it.
  return [factor, inverse >> 52n === 1n ? inverse : range - inverse];
}

/** A product with little below its first places, and an addend whose last place is about where that little decides. */
function awkwardSum(random: Sequence): bigint[] {
  const exponents = [random.below(800) + 600, random.below(800) + 600] as const;
  const wide = random.below(2) === 0;
  const pair = wide ? random.of(GAPS) : almostExact(random);
  const encode = (significand: bigint, exponent: number) =>
    (BigInt(random.below(2)) << 63n) | (BigInt(exponent) << 52n) | (significand & ((1n << 52n) - 1n));
  const addend = exponents[0] + exponents[1] - 1023 + (wide ? 50 + random.below(7) : random.below(6));
  return [encode(pair[0], exponents[0]), encode(pair[1], exponents[1]), encode(random.word(), addend)];
}

const view = new DataView(new ArrayBuffer(8));
export function hostValue(format: Format, bits: bigint): number {
  view.setBigUint64(0, bits);
  return format.width === 64 ? view.getFloat64(0) : view.getFloat32(4);
}
export function hostBits(format: Format, value: number): bigint {
  view.setBigUint64(0, 0n);
  if (format.width === 64) view.setFloat64(0, value);
  else view.setFloat32(4, value);
  return view.getBigUint64(0);
}

/** Minus the product as the host rounds it, give or take a little: what is left of the sum are the product's last bits. */
const nearProduct = (format: Format, a: bigint, b: bigint, random: Sequence): bigint =>
  hostBits(format, -(hostValue(format, a) * hostValue(format, b))) ^ BigInt(random.below(4) >> 1);

/** What times b is about the greatest number. */
function partner(format: Format, b: bigint, random: Sequence): bigint {
  const greatest = (BigInt(2 * format.emax + 1) << BigInt(format.precision - 1)) - 1n;
  return hostBits(format, hostValue(format, greatest) / hostValue(format, b)) ^ BigInt(random.below(4));
}

/** As a register holds it: a single boxed, or now and then not. */
const register = (format: Format, bits: bigint, random: Sequence): bigint => {
  if (format.width === 64) return bits;
  return (random.below(50) === 0 ? random.word() & 0xffffffff_00000000n : 0xffffffff_00000000n) | bits;
};

/** Operands for `count` cases of an instruction with sources in these files. */
export function* operandSets(
  format: Format,
  sources: readonly ('f' | 'x')[],
  count: number,
  random: Sequence,
): Generator<bigint[]> {
  const edges = boundaries(format);
  const [first] = sources;
  for (let i = 0; i < count; i++) {
    if (first === 'x') {
      const edge = INTEGER_BOUNDARIES[i];
      const any = random.word() >> BigInt(random.below(64));
      yield [edge ?? (random.below(2) === 0 ? any : BigInt.asUintN(64, -any))];
      continue;
    }
    const edge = () => random.of(edges) ?? 0n;
    const kind = random.below(4);
    const values =
      sources.length === 1 && i < edges.length
        ? [edges[i] ?? 0n]
        : kind === 0
          ? sources.map(edge)
          : cluster(format, sources.length, random);
    // A boundary among others.
    if (kind === 1) values[random.below(values.length)] = edge();
    yield values.map((bits) => register(format, bits, random));
  }
}
