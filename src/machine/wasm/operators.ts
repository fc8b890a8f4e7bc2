import { OP } from './emitter.ts';
import type { ValueType } from './module.ts';

/** Opcodes (WebAssembly core 5.4) of what the semantics language calls operators and built-in functions. */
type Pair = readonly [i32: number, i64: number];
export const ARITHMETIC: Record<string, Pair> = {
  '+': [0x6a, 0x7c],
  '-': [0x6b, 0x7d],
  '*': [0x6c, 0x7e],
  '/': [0x6d, 0x7f],
  '/u': [0x6e, 0x80],
  '%': [0x6f, 0x81],
  '%u': [0x70, 0x82],
  '&': [0x71, 0x83],
  '|': [0x72, 0x84],
  '^': [0x73, 0x85],
  '<<': [0x74, 0x86],
  '>>': [0x75, 0x87],
  '>>>': [0x76, 0x88],
};
export const COMPARISON: Record<string, Pair> = {
  '==': [0x46, 0x51],
  '!=': [0x47, 0x52],
  '<': [0x48, 0x53],
  '<u': [0x49, 0x54],
  '>': [0x4a, 0x55],
  '>u': [0x4b, 0x56],
  '<=': [0x4c, 0x57],
  '<=u': [0x4d, 0x58],
  '>=': [0x4e, 0x59],
  '>=u': [0x4f, 0x5a],
};
export const SHIFTS = new Set(['<<', '>>', '>>>']);

/** Unary operations of Wasm by the name they have in the semantics language: parameter, result, opcode bytes. */
export const CONVERSION: Record<string, readonly [ValueType, ValueType, number]> = {
  i32: ['i64', 'i32', OP.i32WrapI64],
  s64: ['i32', 'i64', OP.i64ExtendI32s],
  u64: ['i32', 'i64', OP.i64ExtendI32u],
  sext8: ['i64', 'i64', 0xc2],
  sext16: ['i64', 'i64', 0xc3],
  sext32: ['i64', 'i64', 0xc4],
  clz64: ['i64', 'i64', 0x79],
  ctz64: ['i64', 'i64', 0x7a],
  popcnt64: ['i64', 'i64', 0x7b],
  ctz32: ['i32', 'i32', 0x68],
};

/**
 * Operations of Wasm on floating-point values, which the semantics language knows only as raw bits in an i64 (those of an
 * f32 in its low half). Rounding is to nearest; a NaN result has bits that Wasm leaves open, so callers must not use it.
 */
type Bits = 'f32' | 'f64' | 'i64' | 'f32x4' | 'f64x2';
export const FLOAT: Record<
  string,
  readonly [operands: readonly Bits[], result: Bits | 'i32', opcode: readonly number[]]
> = {
  f32_demote: [['f64'], 'f32', [0xb6]],
  f64_promote: [['f32'], 'f64', [0xbb]],
  f32_from_s64: [['i64'], 'f32', [0xb4]],
  f32_from_u64: [['i64'], 'f32', [0xb5]],
  f64_from_s64: [['i64'], 'f64', [0xb9]],
  f64_from_u64: [['i64'], 'f64', [0xba]],
};
for (const [type, vector, compare, arithmetic, madd] of [
  ['f32', 'f32x4', 0x5b, 0x91, 0x85],
  ['f64', 'f64x2', 0x61, 0x9f, 0x87],
] as const) {
  ['eq', 'ne', 'lt', 'gt', 'le', 'ge'].forEach((name, i) => {
    FLOAT[`${type}_${name}`] = [[type, type], 'i32', [compare + i]];
  });
  FLOAT[`${type}_neg`] = [[type], type, [arithmetic - 5]];
  FLOAT[`${type}_sqrt`] = [[type], type, [arithmetic]];
  ['add', 'sub', 'mul', 'div', 'min', 'max'].forEach((name, i) => {
    FLOAT[`${type}_${name}`] = [[type, type], type, [arithmetic + 1 + i]];
  });
  // Relaxed: a·b + c, and c - a·b, rounded once or twice as the host likes, see fused.ts.
  FLOAT[`${type}_madd`] = [[vector, vector, vector], vector, [0xfd, madd, 0x02]];
  FLOAT[`${type}_nmadd`] = [[vector, vector, vector], vector, [0xfd, madd + 1, 0x02]];
}
const [F64_FROM_BITS, F64_TO_BITS] = [0xbf, 0xbd];
const F32_FROM_BITS = [OP.i32WrapI64, 0xbe] as const;
const F32_TO_BITS = [0xbc, OP.i64ExtendI32u] as const;
/** Opcodes between raw bits and the value; of a vector, all of whose lanes are the same. */
export const FROM_BITS: Record<Bits, readonly number[]> = {
  f32: F32_FROM_BITS,
  f64: [F64_FROM_BITS],
  i64: [],
  f32x4: [...F32_FROM_BITS, 0xfd, 0x13],
  f64x2: [F64_FROM_BITS, 0xfd, 0x14],
};
export const TO_BITS: Record<Bits | 'i32', readonly number[]> = {
  f32: F32_TO_BITS,
  f64: [F64_TO_BITS],
  i64: [],
  i32: [],
  f32x4: [0xfd, 0x1f, 0, ...F32_TO_BITS],
  f64x2: [0xfd, 0x21, 0, F64_TO_BITS],
};

/** Raw access to the machine's own linear memory (not guest addresses): opcode and value type. */
export const RAW_LOAD: Record<string, readonly [number, ValueType]> = {
  raw8: [OP.i32Load8u, 'i32'],
  raw16: [OP.i32Load16u, 'i32'],
  raw32: [OP.i32Load, 'i32'],
  raw64: [OP.i64Load, 'i64'],
  raw8u: [OP.i64Load8u, 'i64'],
  raw8s: [0x30, 'i64'],
  raw16u: [OP.i64Load16u, 'i64'],
  raw16s: [0x32, 'i64'],
  raw32u: [OP.i64Load32u, 'i64'],
  raw32s: [OP.i64Load32s, 'i64'],
};
export const RAW_STORE: Record<string, readonly [number, ValueType]> = {
  put8: [OP.i32Store8, 'i32'],
  put16: [OP.i32Store16, 'i32'],
  put32: [OP.i32Store, 'i32'],
  put64: [OP.i64Store, 'i64'],
  put8l: [OP.i64Store8, 'i64'],
  put16l: [OP.i64Store16, 'i64'],
  put32l: [OP.i64Store32, 'i64'],
};
