import { parseFunctions } from '../wasm/parse.ts';
import {
  DOUBLE,
  DZ,
  type FloatFormat,
  FORMATS,
  highProduct,
  jammed,
  literals,
  NV,
  NX,
  OF,
  RDN,
  RMM,
  RNE,
  RUP,
  SINGLE,
  UF,
  unpack,
} from './float-format.ts';

/**
 * Exact arithmetic of F and D for every rounding mode: the integer path behind the fast one in the rows of
 * `isa/fd-arithmetic.ts`. "Unprivileged ISA" 21.2 for rounding and flags, 21.3 for NaNs, 21.6 for the operations.
 */
const SHARED = `
fn float_illegal() { illegal(); }

// Only a change makes the FP state dirty.
fn accrue(flags: i32) {
  if ((fcsr | flags) != fcsr) { fcsr |= flags; fp_dirty(); }
}

// Shifts right; bit 0 then also says whether anything was lost.
fn jam(value: i64, distance: i64): i64 {
  if (distance >u 63) { return u64(value != 0); }
  return ${jammed('value', 'distance')};
}

fn sign_of(value: i64): i64 { return (value >> 63) | u64(value != 0); }

// A single that is not NaN-boxed counts as the canonical NaN.
fn unbox(value: i64): i64 { return (value >>> 32) == 0xffffffff ? value & 0xffffffff : 0x7fc00000; }
`;

/** Rounding and NaNs of a format. */
function rounding(format: FloatFormat): string {
  const { suffix: t, fractionBits, signBit } = format;
  const k = literals(format);
  const greatest = k.exponents - 2;
  return `
// Rounds a significand with leading bit ${literals(format).leading}; exponent is that of the result less one, so that adding the leading
// bit to it gives the field. Tininess is detected after rounding.
fn round_${t}(sign: i64, exponent: i64, sig: i64, mode: i32): i64 {
  let increment: i64 = ${k.half};
  if (mode != ${RNE} && mode != ${RMM}) { increment = mode == (sign != 0 ? ${RDN} : ${RUP}) ? ${k.guard} : 0; }
  if (exponent >=u ${greatest}) {
    if (exponent < 0) {
      // Not tiny where rounding to this precision, were the exponent unbounded, would carry up to the least normal number.
      let tiny = exponent != -1 || sig + increment >= 0;
      sig = jam(sig, 0 - exponent);
      exponent = 0;
      if (tiny && (sig & ${k.guard}) != 0) { accrue(${UF}); }
    } else {
      if (exponent > ${greatest} || sig + increment < 0) {
        accrue(${OF | NX});
        return (sign << ${signBit}) | (${k.infinity} - u64(increment == 0));
      }
    }
  }
  let rest = sig & ${k.guard};
  if (rest != 0 && (fcsr & ${NX}) == 0) { accrue(${NX}); }
  sig = ((sig + increment) >>> ${k.guardBits}) & ~u64((rest == ${k.half}) & (mode == ${RNE}));
  return (sign << ${signBit}) + (exponent << ${fractionBits}) + sig;
}

fn signals_${t}(a: i64): i32 { return (a & ${k.magnitude}) >u ${k.infinity} && (a & ${k.quiet}) == 0; }

// The result of an operation with a NaN among its operands.
fn nan_${t}(a: i64, b: i64): i64 {
  if (signals_${t}(a) || signals_${t}(b)) { accrue(${NV}); }
  return ${k.nan};
}

fn invalid_${t}(): i64 { accrue(${NV}); return ${k.nan}; }
`;
}

/** a + b for finite numbers of one format, rounded once to another. */
export function sum(from: FloatFormat, to: FloatFormat): string {
  const k = literals(from);
  // One bit below the leading one, so that a carry fits.
  const up = k.guardBits - 1;
  return `
fn sum_${from.suffix}${to.suffix}(a: i64, b: i64, mode: i32): i64 {
  let x = a & ${k.magnitude}; let y = b & ${k.magnitude};
  let less = 0 - u64(x < y);
  let sign = a ^ ((a ^ b) & less);
  let other = (x ^ y) & less;
  x = x ^ other; y = y ^ other;
  let exponent = x >>> ${from.fractionBits}; let distance = y >>> ${from.fractionBits};
  x = (x & ${k.fraction}) << ${up}; y = (y & ${k.fraction}) << ${up};
  if (exponent == 0) { exponent = 1; } else { x |= ${k.hidden} << ${up}; }
  if (distance == 0) { distance = 1; } else { y |= ${k.hidden} << ${up}; }
  distance = exponent - distance;
  if (distance > 63) { distance = 63; }
  y = ${jammed('y', 'distance')};
  let minus = 0 - ((a ^ b) >>> ${from.signBit});
  let sum = x + (y ^ minus) - minus;
  // An exact zero from numbers of unlike sign is positive, rounding down negative.
  if (sum == 0) { return ((mode == ${RDN} ? a | b : a & b) & ${k.sign}) >>> ${from.signBit - to.signBit}; }
  let shift = clz64(sum) - 1;
  return round_${to.suffix}(sign >>> ${from.signBit}, exponent - shift - ${from.bias - to.bias}, sum << shift, mode);
}`;
}

/** Text that leaves in `sig` and `exponent` the product of the normal significands, ready to be rounded. */
const doubleProduct = `
  let exponent = ea + eb - ${DOUBLE.bias};
  ${highProduct('sig', 'fa << 10', 'fb << 11')}
  sig |= u64((fa * fb << 21) != 0);
  let up = u64(sig <u ${literals(DOUBLE).leading});
  sig = sig << up; exponent -= up;
  return round_d(sign, exponent, sig, mode);`;

function arithmetic(format: FloatFormat): string {
  const { suffix: t, signBit, bias } = format;
  const k = literals(format);
  const widen = DOUBLE.fractionBits - format.fractionBits;
  return `
fn add_${t}(a: i64, b: i64, mode: i32): i64 {
  let x = a & ${k.magnitude}; let y = b & ${k.magnitude};
  if (x <u ${k.infinity} && y <u ${k.infinity}) { return sum_${t}${t}(a, b, mode); }
  if (x >u ${k.infinity} || y >u ${k.infinity}) { return nan_${t}(a, b); }
  if (x == y && a != b) { return invalid_${t}(); }
  return x == ${k.infinity} ? a : b;
}

fn mul_${t}(a: i64, b: i64, mode: i32): i64 {
  let sign = (a ^ b) >>> ${signBit};
  let x = a & ${k.magnitude}; let y = b & ${k.magnitude};
  if (x >=u ${k.infinity} || y >=u ${k.infinity}) {
    if (x >u ${k.infinity} || y >u ${k.infinity}) { return nan_${t}(a, b); }
    if (x == 0 || y == 0) { return invalid_${t}(); }
    return (sign << ${signBit}) | ${k.infinity};
  }
  if (x == 0 || y == 0) { return sign << ${signBit}; }
  ${format === SINGLE ? 'return narrow(f64_mul(f64_promote(a), f64_promote(b)), mode);' : `${unpack('a', format)}${unpack('b', format)}${doubleProduct}`}
}

fn div_${t}(a: i64, b: i64, mode: i32): i64 {
  let sign = (a ^ b) >>> ${signBit};
  let x = a & ${k.magnitude}; let y = b & ${k.magnitude};
  if (x >=u ${k.infinity} || y >=u ${k.infinity}) {
    if (x >u ${k.infinity} || y >u ${k.infinity}) { return nan_${t}(a, b); }
    if (x == y) { return invalid_${t}(); }
    return (sign << ${signBit}) | (x == ${k.infinity} ? x : 0);
  }
  if (y == 0) {
    if (x == 0) { return invalid_${t}(); }
    accrue(${DZ});
    return (sign << ${signBit}) | ${k.infinity};
  }
  if (x == 0) { return sign << ${signBit}; }
  ${unpack('a', format)}${unpack('b', format)}
  let exponent = ea - eb + ${bias - 1};
  let up = u64(fa <u fb);
  exponent -= up;
  fa = fa << (up + ${widen}); fb = fb << ${widen};
  // Wasm's quotient in [1, 2] is the nearest of 53 bits, and none is halfway between two. The remainder, less than fb, is
  // right modulo 2^64 and tells on which side of it the exact one lies.
  let q = f64_div(f64_from_s64(fa), f64_from_s64(fb)) - 0x3fe0000000000000;
  return round_${t}(sign, exponent, (q << 10) + sign_of((fa << 52) - q * fb), mode);
}

fn sqrt_${t}(a: i64, mode: i32): i64 {
  let x = a & ${k.magnitude};
  if (x >u ${k.infinity}) { return nan_${t}(a, a); }
  if (x == 0 || a == ${k.infinity}) { return a; }
  if (x != a) { return invalid_${t}(); }
  ${unpack('a', format)}
  let exponent = ((ea - ${bias}) >> 1) + ${bias - 1};
  fa = fa << (${widen} + (~ea & 1));
  // As for the quotient: the root in [2^26, 2^27] is the nearest of 53 bits and never halfway.
  let q = f64_sqrt(f64_from_s64(fa)) - 0x4180000000000000;
  return round_${t}(0, exponent, (q << 10) + sign_of((fa << 52) - q * q), mode);
}
`;
}

export const FLOAT_FUNCTIONS = parseFunctions(
  [SHARED, ...FORMATS.map(rounding), sum(SINGLE, SINGLE), sum(DOUBLE, DOUBLE), ...FORMATS.map(arithmetic)].join('\n'),
);
