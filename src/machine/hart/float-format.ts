/**
 * The two formats of IEEE 754 binary interchange ("Unprivileged ISA", chapters 21 and 22), as texts of the semantics
 * language: what is said once for a format becomes one function per format. Values are raw bits in an i64, those of a
 * single in its low half with zeros above.
 */
export interface FloatFormat {
  /** As in names of instructions. */
  readonly suffix: 's' | 'd';
  /** As in names of Wasm's own operations. */
  readonly wasm: 'f32' | 'f64';
  readonly fractionBits: number;
  readonly bias: number;
  readonly signBit: number;
}

export const SINGLE: FloatFormat = { suffix: 's', wasm: 'f32', fractionBits: 23, bias: 127, signBit: 31 };
export const DOUBLE: FloatFormat = { suffix: 'd', wasm: 'f64', fractionBits: 52, bias: 1023, signBit: 63 };
export const FORMATS = [SINGLE, DOUBLE] as const;

/** Bits of fflags: inexact, underflow, overflow, divide by zero, invalid. */
export const NX = 1;
export const UF = 2;
export const OF = 4;
export const DZ = 8;
export const NV = 16;

/** Rounding modes, in frm and in rm fields. */
export const RNE = 0;
export const RDN = 2;
export const RUP = 3;
export const RMM = 4;
/** In an rm field: the mode is in frm. */
export const DYNAMIC = 7;

/** Before a significand is rounded its leading bit is this one; what lies below the fraction decides, bit 0 is sticky. */
export const LEADING_BIT = 62;

/** The numbers of a format that its texts use, as literals. */
export function literals(format: FloatFormat) {
  const { fractionBits, bias, signBit } = format;
  const literal = (value: bigint) => `0x${value.toString(16)}`;
  const fraction = (1n << BigInt(fractionBits)) - 1n;
  const magnitude = (1n << BigInt(signBit)) - 1n;
  const guardBits = LEADING_BIT - fractionBits;
  return {
    fraction: literal(fraction),
    hidden: literal(fraction + 1n),
    exponents: 2 * bias + 1,
    magnitude: literal(magnitude),
    sign: literal(magnitude + 1n),
    infinity: literal(magnitude - fraction),
    quiet: literal((fraction + 1n) >> 1n),
    /** The canonical NaN: positive, quiet, the rest of the fraction zero. */
    nan: literal(magnitude - (fraction >> 1n)),
    guardBits,
    guard: literal((1n << BigInt(guardBits)) - 1n),
    half: literal(1n << BigInt(guardBits - 1)),
    leading: literal(1n << BigInt(LEADING_BIT)),
  };
}

/**
 * Text that declares `e<name>` and `f<name>`, exponent field and significand with its leading bit at `fractionBits`, of a
 * finite number that is not zero. A subnormal one is normalised, its exponent then is below 1.
 */
export function unpack(name: string, format: FloatFormat): string {
  const { fraction, hidden, exponents } = literals(format);
  return `
    let e${name} = (${name} >>> ${format.fractionBits}) & ${exponents};
    let f${name} = ${name} & ${fraction};
    if (e${name} == 0) {
      e${name} = ${64 - format.fractionBits} - clz64(f${name});
      f${name} = f${name} << (1 - e${name});
    } else { f${name} |= ${hidden}; }`;
}

/** Text that declares `<sum>` = a + b to nearest and `<sum>_error`, what is missing from it exactly (Knuth's TwoSum). */
export const twoSum = ({ wasm }: FloatFormat, sum: string, a: string, b: string): string => `
  let ${sum} = ${wasm}_add(${a}, ${b});
  let ${sum}_part = ${wasm}_sub(${sum}, ${a});
  let ${sum}_error = ${wasm}_add(${wasm}_sub(${a}, ${wasm}_sub(${sum}, ${sum}_part)), ${wasm}_sub(${b}, ${sum}_part));`;

/** Text: shifted right by at most 63; bit 0 then also says whether anything was lost. */
export const jammed = (value: string, distance: string): string =>
  `((${value} >>> ${distance}) | u64((${value} & ((1 << ${distance}) - 1)) != 0))`;

/** Text that declares the high word of a 128-bit product: mulhu without the call. */
export function highProduct(name: string, a: string, b: string): string {
  return `
    let ${name}_a = ${a}; let ${name}_b = ${b};
    let ${name}_mid = (${name}_a >>> 32) * (${name}_b & 0xffffffff) + (((${name}_a & 0xffffffff) * (${name}_b & 0xffffffff)) >>> 32);
    let ${name}_low = (${name}_a & 0xffffffff) * (${name}_b >>> 32) + (${name}_mid & 0xffffffff);
    let ${name} = (${name}_a >>> 32) * (${name}_b >>> 32) + (${name}_mid >>> 32) + (${name}_low >>> 32);`;
}

/** Condition that a result is finite and its exponent above the least: not zero, nor near enough to the subnormals to underflow. */
export function plain(name: string, format: FloatFormat): string {
  const { magnitude, hidden, exponents } = literals(format);
  const least = 2n * BigInt(hidden);
  return `(${name} & ${magnitude}) - ${least} <u ${BigInt(exponents) * BigInt(hidden) - least}`;
}
