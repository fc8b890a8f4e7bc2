import { parseFunctions } from '../wasm/parse.ts';
import { DOUBLE, type FloatFormat, literals, RDN, SINGLE, unpack } from './float-format.ts';
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
  let high = mulhu(fa << 9, fb << 11); let low = fa * fb << 20;
  let other = fc << 9; let under: i64 = 0;
  let exponent = ea + eb - ${DOUBLE.bias - 1};
  let distance = exponent - ec;
  if (distance >= 0) {
    if (distance < 64) {
      under = (other << 1) << (63 - distance);
      other = other >>> distance;
    } else {
      under = jam(other, distance - 64);
      other = 0;
    }
  } else {
    exponent = ec;
    distance = 0 - distance;
    if (distance < 64) {
      low = (high << (64 - distance)) | jam(low, distance);
      high = high >>> distance;
    } else {
      low = jam(high, distance - 64);
      high = 0;
    }
  }
  if (sign == c >>> 63) {
    low += under;
    high += other + u64(low <u under);
  } else {
    high -= other + u64(low <u under);
    low -= under;
    if (high < 0) {
      sign = sign ^ 1;
      low = 0 - low;
      high = ~high + u64(low == 0);
    }
    if (high == 0) {
      if (low == 0) { return mode == ${RDN} ? ${k.sign} : 0; }
      // So much cancels only where nothing was lost and the lowest bits are zeros.
      high = low >>> 1;
      low = 0;
      exponent -= 63;
    }
  }
  let shift = clz64(high) - 1;
  let sig = (high << shift) | ((low >>> 1) >>> (63 - shift)) | u64((low << shift) != 0);
  return round_d(sign, exponent - shift, sig, mode);
}
`;

export const FUSED_FUNCTIONS = parseFunctions(`${sum(DOUBLE, SINGLE)}\n${TEXT}`);
