import { parseFunctions } from '../wasm/parse.ts';
import { DOUBLE, FORMATS, type FloatFormat, literals, NV, NX, RDN, RMM, RNE, RUP, SINGLE } from './float-format.ts';

/** Conversions between formats and to and from integers ("Unprivileged ISA" 21.7, 22.5), comparisons and classes (21.8, 21.9). */
const double = literals(DOUBLE);
const single = literals(SINGLE);

const BETWEEN = `
// A finite double that is not zero. A subnormal one is far below every single: as what remains it need not be normal.
fn narrow(a: i64, mode: i32): i64 {
  let exponent = ((a >>> 52) & 0x7ff) - ${DOUBLE.bias - SINGLE.bias + 1};
  return round_s(a >>> 63, exponent, ((a & ${double.fraction}) | ${double.hidden}) << ${double.guardBits}, mode);
}

fn convert_s_d(a: i64, mode: i32): i64 {
  let x = a & ${double.magnitude};
  if (x >u ${double.infinity}) {
    if (signals_d(a)) { accrue(${NV}); }
    return ${single.nan};
  }
  let sign = (a >>> 63) << 31;
  if (x == 0) { return sign; }
  if (x == ${double.infinity}) { return sign | ${single.infinity}; }
  return narrow(a, mode);
}

fn convert_d_s(a: i64): i64 {
  if ((a & ${single.magnitude}) <=u ${single.infinity}) { return f64_promote(a); }
  if (signals_s(a)) { accrue(${NV}); }
  return ${double.nan};
}
`;

const INTEGER = `
// The integer nearest to a in this mode, if it is one of \`bits\` bits; else the nearest that is, for a NaN the greatest.
fn integer_of(a: i64, mode: i32, bits: i64, unsigned: i32): i64 {
  let negative: i32 = a < 0;
  let least: i64 = unsigned ? 0 : -1 << (bits - 1);
  let greatest: i64 = ~least;
  if (unsigned) { greatest = -1 >>> (64 - bits); }
  let exponent = (a >>> 52) & 0x7ff;
  let magnitude = a & ${double.fraction};
  if (exponent == 0x7ff && magnitude != 0) { negative = 0; }
  if (exponent >= ${DOUBLE.bias + 64}) {
    accrue(${NV});
    return negative ? least : greatest;
  }
  if (exponent != 0) { magnitude |= ${double.hidden}; }
  // What lies behind the point, as a fraction of 2^64.
  let rest: i64 = 0;
  let down = ${DOUBLE.bias + 52} - exponent;
  if (down <= 0) {
    magnitude = magnitude << (0 - down);
  } else {
    if (down < 64) {
      rest = magnitude << (64 - down);
      magnitude = magnitude >>> down;
    } else {
      rest = u64(magnitude != 0);
      magnitude = 0;
    }
    let half: i64 = 1 << 63;
    if (mode == ${RNE}) { magnitude += u64(rest >u half || (rest == half && (magnitude & 1) != 0)); }
    if (mode == ${RMM}) { magnitude += u64(rest >=u half); }
    if (mode == ${RDN}) { magnitude += u64(negative && rest != 0); }
    if (mode == ${RUP}) { magnitude += u64(!negative && rest != 0); }
  }
  if (negative ? magnitude >u 0 - least : magnitude >u greatest) {
    accrue(${NV});
    return negative ? least : greatest;
  }
  if (rest != 0) { accrue(${NX}); }
  return negative ? 0 - magnitude : magnitude;
}
`;

function fromInteger(format: FloatFormat): string {
  const { suffix: t, bias } = format;
  return `
fn from_integer_${t}(sign: i64, magnitude: i64, mode: i32): i64 {
  if (magnitude == 0) { return 0; }
  let shift = clz64(magnitude);
  return round_${t}(sign, ${bias + 62} - shift, jam(magnitude << shift, 1), mode);
}
fn from_signed_${t}(a: i64, mode: i32): i64 { return from_integer_${t}(a >>> 63, a < 0 ? 0 - a : a, mode); }
fn from_unsigned_${t}(a: i64, mode: i32): i64 { return from_integer_${t}(0, a, mode); }
`;
}

function comparison(format: FloatFormat): string {
  const { suffix: t, fractionBits, signBit } = format;
  const k = literals(format);
  return `
// fmin and fmax where an operand is a NaN: the other one.
fn number_of_${t}(a: i64, b: i64): i64 {
  let none = nan_${t}(a, b);
  if ((a & ${k.magnitude}) <=u ${k.infinity}) { return a; }
  return (b & ${k.magnitude}) <=u ${k.infinity} ? b : none;
}

fn class_${t}(a: i64): i64 {
  let x = a & ${k.magnitude};
  if (x >u ${k.infinity}) { return signals_${t}(a) ? 0x100 : 0x200; }
  // From the least outwards: zero 3, subnormal 2, normal 1, infinite 0; positive ones mirrored.
  let rank: i64 = x == 0 ? 3 : x >>> ${fractionBits} == 0 ? 2 : x == ${k.infinity} ? 0 : 1;
  return 1 << (a >>> ${signBit} != 0 ? rank : 7 - rank);
}
`;
}

export const CONVERT_FUNCTIONS = parseFunctions(
  [BETWEEN, INTEGER, ...FORMATS.map(fromInteger), ...FORMATS.map(comparison)].join('\n'),
);
