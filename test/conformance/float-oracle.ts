import {
  BINARY32,
  BINARY64,
  canonicalNan,
  type Datum,
  DIVIDE_BY_ZERO,
  decode,
  type Format,
  INEXACT,
  INVALID,
  infinity,
  type Mode,
  type Result,
  ratio,
  root,
  round,
  toMultiple,
  zero,
} from './ieee754.ts';

/** What one instruction of F or D does with the values of its source registers: the destination register, and flags raised. */
export interface FloatInstruction {
  readonly name: string;
  /** Register files of the sources, and of the destination. */
  readonly sources: readonly ('f' | 'x')[];
  readonly destination: 'f' | 'x';
  /** Whether it has a rounding mode. */
  readonly rounds: boolean;
  /** Formats of its operands and of its result, an integer taken for that of its partner. */
  readonly format: Format;
  evaluate(sources: readonly bigint[], mode: Mode): Result;
}

type Finite = Extract<Datum, { kind: 'finite' }>;
const BOX = 0xffffffff_00000000n;
const U64 = (1n << 64n) - 1n;

const boxed = (format: Format, { bits, flags }: Result): Result => ({
  bits: format.width === 32 ? bits | BOX : bits,
  flags,
});
/** A register as a number of that format: a single that is not NaN-boxed is the canonical NaN. */
const bitsOf = (format: Format, register: bigint): bigint => {
  if (format.width === 64) return register;
  return register >> 32n === 0xffffffffn ? register & 0xffffffffn : canonicalNan(format);
};

const invalid = (format: Format): Result => ({ bits: canonicalNan(format), flags: INVALID });
/** The result where an operand is a NaN. */
const nan = (format: Format, operands: readonly Datum[]): Result => ({
  bits: canonicalNan(format),
  flags: operands.some((operand) => operand.kind === 'nan' && operand.signalling) ? INVALID : 0,
});
const isZero = (datum: Datum) => datum.kind === 'finite' && datum.significand === 0n;
const negated = (datum: Datum): Datum => (datum.kind === 'nan' ? datum : { ...datum, negative: !datum.negative });
const exactly = (bits: bigint): Result => ({ bits, flags: 0 });

/** x + y exactly, then rounded. */
function addFinite(format: Format, x: Finite, y: Finite, mode: Mode): Result {
  const exponent = Math.min(x.exponent, y.exponent);
  const at = (d: Finite) => (d.negative ? -1n : 1n) * (d.significand << BigInt(d.exponent - exponent));
  const total = at(x) + at(y);
  if (total === 0n) {
    const negative = isZero(x) && isZero(y) && x.negative === y.negative ? x.negative : mode === 'rdn';
    return exactly(zero(format, negative));
  }
  return round(format, ratio(total < 0n ? -total : total, 1n, exponent), total < 0n, mode);
}

function add(format: Format, x: Datum, y: Datum, mode: Mode): Result {
  if (x.kind === 'nan' || y.kind === 'nan') return nan(format, [x, y]);
  if (x.kind === 'infinite' && y.kind === 'infinite' && x.negative !== y.negative) return invalid(format);
  if (x.kind === 'infinite') return exactly(infinity(format, x.negative));
  if (y.kind === 'infinite') return exactly(infinity(format, y.negative));
  return addFinite(format, x, y, mode);
}

/** x * y + z; a product alone is not this with zero, whose sign would count. */
function fused(format: Format, x: Datum, y: Datum, z: Datum, mode: Mode): Result {
  // "The fused multiply-add instructions must set NV when the multiplicands are infinity and zero, even when the addend is a quiet NaN."
  const undefinedProduct = (x.kind === 'infinite' && isZero(y)) || (y.kind === 'infinite' && isZero(x));
  if (undefinedProduct) return invalid(format);
  if (x.kind === 'nan' || y.kind === 'nan' || z.kind === 'nan') return nan(format, [x, y, z]);
  const negative = x.negative !== y.negative;
  const product: Datum =
    x.kind === 'infinite' || y.kind === 'infinite'
      ? { kind: 'infinite', negative }
      : {
          kind: 'finite',
          negative,
          significand: x.significand * y.significand,
          exponent: x.exponent + y.exponent,
        };
  return add(format, product, z, mode);
}

function multiply(format: Format, x: Datum, y: Datum, mode: Mode): Result {
  if (x.kind === 'nan' || y.kind === 'nan') return nan(format, [x, y]);
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinite' || y.kind === 'infinite') {
    return isZero(x) || isZero(y) ? invalid(format) : exactly(infinity(format, negative));
  }
  if (isZero(x) || isZero(y)) return exactly(zero(format, negative));
  return round(format, ratio(x.significand * y.significand, 1n, x.exponent + y.exponent), negative, mode);
}

function divide(format: Format, x: Datum, y: Datum, mode: Mode): Result {
  if (x.kind === 'nan' || y.kind === 'nan') return nan(format, [x, y]);
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinite') return y.kind === 'infinite' ? invalid(format) : exactly(infinity(format, negative));
  if (y.kind === 'infinite') return exactly(zero(format, negative));
  if (isZero(y)) return isZero(x) ? invalid(format) : { bits: infinity(format, negative), flags: DIVIDE_BY_ZERO };
  if (isZero(x)) return exactly(zero(format, negative));
  return round(format, ratio(x.significand, y.significand, x.exponent - y.exponent), negative, mode);
}

function squareRoot(format: Format, x: Datum, mode: Mode): Result {
  if (x.kind === 'nan') return nan(format, [x]);
  if (isZero(x)) return exactly(zero(format, x.negative));
  if (x.negative) return invalid(format);
  if (x.kind === 'infinite') return exactly(infinity(format, false));
  return round(format, root(x.significand, x.exponent), false, mode);
}

/** Less, equal, greater; undefined where an operand is a NaN. */
function compared(x: Datum, y: Datum): number | undefined {
  if (x.kind === 'nan' || y.kind === 'nan') return undefined;
  const least = -2000;
  const key = (d: Exclude<Datum, { kind: 'nan' }>) => {
    const magnitude = d.kind === 'infinite' ? 1n << 8000n : d.significand << BigInt(d.exponent - least);
    return d.negative ? -magnitude : magnitude;
  };
  return key(x) < key(y) ? -1 : key(x) > key(y) ? 1 : 0;
}

function comparison(format: Format, x: Datum, y: Datum, quiet: boolean, holds: (order: number) => boolean): Result {
  const order = compared(x, y);
  if (order !== undefined) return exactly(holds(order) ? 1n : 0n);
  return { bits: 0n, flags: quiet ? nan(format, [x, y]).flags : INVALID };
}

/** minimumNumber and maximumNumber: a number wins over a NaN, -0 is less than +0. */
function extreme(format: Format, a: bigint, b: bigint, least: boolean): Result {
  const [x, y] = [decode(format, a), decode(format, b)];
  const { flags } = nan(format, [x, y]);
  if (x.kind === 'nan') return { bits: y.kind === 'nan' ? canonicalNan(format) : b, flags };
  if (y.kind === 'nan') return { bits: a, flags };
  const order = compared(x, y) || (x.negative === y.negative ? 0 : x.negative ? -1 : 1);
  return { bits: order < 0 === least ? a : b, flags };
}

function classOf(format: Format, x: Datum): bigint {
  if (x.kind === 'nan') return x.signalling ? 1n << 8n : 1n << 9n;
  const normal = x.kind === 'finite' && x.significand >> BigInt(format.precision - 1) === 1n;
  const size = x.kind === 'infinite' ? 0 : normal ? 1 : isZero(x) ? 3 : 2;
  return 1n << BigInt(x.negative ? size : 7 - size);
}

interface Integer {
  readonly name: string;
  readonly bits: number;
  readonly signed: boolean;
}
const INTEGERS: readonly Integer[] = [
  { name: 'w', bits: 32, signed: true },
  { name: 'wu', bits: 32, signed: false },
  { name: 'l', bits: 64, signed: true },
  { name: 'lu', bits: 64, signed: false },
];

function toInteger(type: Integer, x: Datum, mode: Mode): Result {
  const least = type.signed ? -(1n << BigInt(type.bits - 1)) : 0n;
  const greatest = least + (1n << BigInt(type.bits)) - 1n;
  const register = (value: bigint) => BigInt.asUintN(64, BigInt.asIntN(type.bits, value));
  if (x.kind === 'nan') return { bits: register(greatest), flags: INVALID };
  if (x.kind === 'infinite') return { bits: register(x.negative ? least : greatest), flags: INVALID };
  if (isZero(x)) return exactly(0n);
  const { integer, exact } = toMultiple(ratio(x.significand, 1n, x.exponent), x.negative, 0, mode);
  const value = x.negative ? -integer : integer;
  if (value < least) return { bits: register(least), flags: INVALID };
  if (value > greatest) return { bits: register(greatest), flags: INVALID };
  return { bits: register(value), flags: exact ? 0 : INEXACT };
}

function fromInteger(format: Format, type: Integer, register: bigint, mode: Mode): Result {
  const value = type.signed ? BigInt.asIntN(type.bits, register) : BigInt.asUintN(type.bits, register);
  if (value === 0n) return exactly(zero(format, false));
  return round(format, ratio(value < 0n ? -value : value, 1n, 0), value < 0n, mode);
}

function convert(to: Format, x: Datum, mode: Mode): Result {
  if (x.kind === 'nan') return nan(to, [x]);
  if (x.kind === 'infinite') return exactly(infinity(to, x.negative));
  if (isZero(x)) return exactly(zero(to, x.negative));
  return round(to, ratio(x.significand, 1n, x.exponent), x.negative, mode);
}

type Operation = (format: Format, operands: readonly Datum[], mode: Mode, bits: readonly bigint[]) => Result;
const NONE: Datum = { kind: 'nan', signalling: false };

/** Instructions of one format whose sources are all of it. */
function instructions(format: Format, suffix: string): FloatInstruction[] {
  const make = (name: string, count: number, rounds: boolean, destination: 'f' | 'x', operation: Operation) => ({
    name: `${name}.${suffix}`,
    sources: Array.from({ length: count }, () => 'f' as const),
    destination,
    rounds,
    format,
    evaluate: (sources: readonly bigint[], mode: Mode) => {
      const bits = sources.map((source) => bitsOf(format, source));
      const result = operation(
        format,
        bits.map((operand) => decode(format, operand)),
        mode,
        bits,
      );
      return destination === 'f' ? boxed(format, result) : result;
    },
  });
  const two = (name: string, operation: (f: Format, x: Datum, y: Datum, mode: Mode) => Result) =>
    make(name, 2, true, 'f', (f, [x = NONE, y = NONE], mode) => operation(f, x, y, mode));
  const three = (name: string, product: (x: Datum) => Datum, addend: (z: Datum) => Datum) =>
    make(name, 3, true, 'f', (f, [x = NONE, y = NONE, z = NONE], mode) => fused(f, product(x), y, addend(z), mode));
  const choose = (name: string, least: boolean) =>
    make(name, 2, false, 'f', (f, _, __, [a = 0n, b = 0n]) => extreme(f, a, b, least));
  const compare = (name: string, quiet: boolean, holds: (order: number) => boolean) =>
    make(name, 2, false, 'x', (f, [x = NONE, y = NONE]) => comparison(f, x, y, quiet, holds));
  const same = (datum: Datum) => datum;
  return [
    two('fadd', add),
    two('fsub', (f, x, y, mode) => add(f, x, negated(y), mode)),
    two('fmul', multiply),
    two('fdiv', divide),
    make('fsqrt', 1, true, 'f', (f, [x = NONE], mode) => squareRoot(f, x, mode)),
    three('fmadd', same, same),
    three('fmsub', same, negated),
    three('fnmsub', negated, same),
    three('fnmadd', negated, negated),
    choose('fmin', true),
    choose('fmax', false),
    compare('feq', true, (order) => order === 0),
    compare('flt', false, (order) => order < 0),
    compare('fle', false, (order) => order <= 0),
    make('fclass', 1, false, 'x', (f, [x = NONE]) => exactly(classOf(f, x))),
  ];
}

function conversions(format: Format, suffix: string): FloatInstruction[] {
  return INTEGERS.flatMap(
    (type) =>
      [
        {
          name: `fcvt.${type.name}.${suffix}`,
          sources: ['f'],
          destination: 'x',
          rounds: true,
          format,
          evaluate: ([source = 0n], mode) => toInteger(type, decode(format, bitsOf(format, source)), mode),
        },
        {
          name: `fcvt.${suffix}.${type.name}`,
          sources: ['x'],
          destination: 'f',
          rounds: true,
          format,
          evaluate: ([source = 0n], mode) => boxed(format, fromInteger(format, type, source & U64, mode)),
        },
      ] satisfies FloatInstruction[],
  );
}

const between = (name: string, from: Format, to: Format): FloatInstruction => ({
  name,
  sources: ['f'],
  destination: 'f',
  rounds: true,
  format: from,
  evaluate: ([source = 0n], mode) => boxed(to, convert(to, decode(from, bitsOf(from, source)), mode)),
});

export const FLOAT_INSTRUCTIONS: readonly FloatInstruction[] = [
  ...instructions(BINARY32, 's'),
  ...conversions(BINARY32, 's'),
  ...instructions(BINARY64, 'd'),
  ...conversions(BINARY64, 'd'),
  between('fcvt.s.d', BINARY64, BINARY32),
  between('fcvt.d.s', BINARY32, BINARY64),
];
