import { parseFunctions } from '../wasm/parse.ts';
import {
  DOUBLE,
  type FloatFormat,
  highProduct,
  jammed,
  literals,
  RDN,
  SINGLE,
  twoSum,
  unpack,
} from './float-format.ts';
import { sum } from './float.ts';

/**
 * Fused multiply-add, rounded once ("Unprivileged ISA" 21.6). fma(a, b, c) = a·b + c; the three other instructions give a or
 * c with the other sign.
 */
function special(format: FloatFormat): string {
  const { suffix: t, signBit } = format;
  const k = literals(format);
  return `
  let x = a & ${k.magnitude}; let y = b & ${k.magnitude}; let z = c & ${k.magnitude};
  let sign = (a ^ b) >>> ${signBit};
  if (x >=u ${k.infinity} || y >=u ${k.infinity} || z >=u ${k.infinity}) {
    // Infinity times zero is invalid even where a quiet NaN is added.
    if ((x == ${k.infinity} && y == 0) || (x == 0 && y == ${k.infinity})) { return invalid_${t}(); }
    if (x >u ${k.infinity} || y >u ${k.infinity} || z >u ${k.infinity}) { nan_${t}(a, b); return nan_${t}(c, c); }
    if (z != ${k.infinity}) { return (sign << ${signBit}) | ${k.infinity}; }
    if ((x == z || y == z) && sign != c >>> ${signBit}) { return invalid_${t}(); }
    return c;
  }`;
}

const k = literals(DOUBLE);

/**
 * Such a sum rounded to odd: of its two neighbours the one with an odd fraction, if it is between. What is then added or
 * rounded to fewer bits comes out as if it had been exact (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums").
 */
const toOdd = (sum: string) =>
  `${sum} + (u64(f64_ne(${sum}_error, 0)) & ~${sum} & 1) * (((${sum}_error ^ ${sum}) >> 63) | 1)`;

const TEXT = `
fn fma_s(a: i64, b: i64, c: i64, mode: i32): i64 {
  ${special(SINGLE)}
  // The product of two singles is a double.
  return sum_ds(f64_mul(f64_promote(a), f64_promote(b)), f64_promote(c), mode);
}

// Adds in 128 bits, high and low word, with a leading bit ${k.leading} of the high one.
fn fma_d(a: i64, b: i64, c: i64, mode: i32): i64 {
  ${special(DOUBLE)}
  if (x == 0 || y == 0) { return sum_dd(sign << 63, c, mode); }
  if (z == 0) { return mul_d(a, b, mode); }
  ${unpack('a', DOUBLE)}${unpack('b', DOUBLE)}${unpack('c', DOUBLE)}
  ${highProduct('high', 'fa << 9', 'fb << 11')}
  let low = fa * fb << 20;
  let exponent = ea + eb - ${DOUBLE.bias - 1};
  let distance = exponent - ec;
  // No branch that depends on the operands is foreseeable, so masks choose: first the part with the greater exponent, then
  // whether the other one is taken away, then whether the result was negative.
  let less = distance >> 63;
  exponent -= distance & less;
  let other = ((fc << 9) ^ high) & less;
  high = high ^ other; other = other ^ (fc << 9);
  let under = low & less;
  low = low ^ under;
  let unlike = sign ^ (c >>> 63);
  sign = sign ^ (unlike & less);
  distance = (distance ^ less) - less;
  if (distance < 64) {
    under = ${jammed('under', 'distance')} | ((other << 1) << (63 - distance));
    other = other >>> distance;
  } else {
    under = jam(other, distance - 64);
    other = 0;
  }
  unlike = 0 - unlike;
  other = (other ^ unlike) + (u64(under == 0) & unlike);
  under = (under ^ unlike) - unlike;
  low += under;
  high += other + u64(low <u under);
  let negative = high >> 63;
  low = (low ^ negative) - negative;
  high = (high ^ negative) + (u64(low == 0) & negative);
  sign = sign ^ (negative & 1);
  if (high == 0) {
    if (low == 0) { return mode == ${RDN} ? ${k.sign} : 0; }
    // So much cancels only where nothing was lost and the lowest bits are zeros.
    high = low >>> 1;
    low = 0;
    exponent -= 63;
  }
  let shift = clz64(high) - 1;
  let sig = (high << shift) | ((low >>> 1) >>> (63 - shift)) | u64((low << shift) != 0);
  return round_d(sign, exponent - shift, sig, mode);
}

// To nearest by operations of Wasm, without flags, for hosts that do not fuse. Right where the result is neither tiny nor
// infinite, which shows that the operands were finite. The product of two singles is a double, and its sum with a third rounded
// to odd has bits enough to be rounded again.
fn fma_nearest_s(a: i64, b: i64, c: i64): i64 {
  let product = f64_mul(f64_promote(a), f64_promote(b));
  let addend = f64_promote(c);
  ${twoSum(DOUBLE, 'sum', 'product', 'addend')}
  return f32_demote(${toOdd('sum')});
}

// a·b = product + rest by Dekker, halves of the significands having 26 bits and a sign; then product + c = sum + sum_error, and
// what is left to add to sum is small against it or exact. Far from underflow and overflow all of this is exact; otherwise the
// result is NaN.
fn fma_nearest_d(a: i64, b: i64, c: i64): i64 {
  let product = f64_mul(a, b);
  let ah = (a + 0x4000000) & ~0x7ffffff; let al = f64_sub(a, ah);
  let bh = (b + 0x4000000) & ~0x7ffffff; let bl = f64_sub(b, bh);
  let rest = f64_add(f64_sub(f64_mul(ah, bh), product), f64_mul(ah, bl));
  rest = f64_add(f64_add(rest, f64_mul(al, bh)), f64_mul(al, bl));
  ${twoSum(DOUBLE, 'sum', 'product', 'c')}
  ${twoSum(DOUBLE, 'tail', 'sum_error', 'rest')}
  let r = f64_add(sum, ${toOdd('tail')});
  return ((product >>> 52) & 0x7ff) >=u 64 && (tail & ${k.magnitude}) <u ${k.infinity} ? r : ${k.nan};
}
`;

export const FUSED_FUNCTIONS = parseFunctions(`${sum(DOUBLE, SINGLE)}\n${TEXT}`);
