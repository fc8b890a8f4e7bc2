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
type Bits = 'f32' | 'f64' | 'i64';
export const FLOAT: Record<string, readonly [operands: readonly Bits[], result: Bits | 'i32', opcode: number]> = {
  f32_demote: [['f64'], 'f32', 0xb6],
  f64_promote: [['f32'], 'f64', 0xbb],
  f32_from_s64: [['i64'], 'f32', 0xb4],
  f32_from_u64: [['i64'], 'f32', 0xb5],
  f64_from_s64: [['i64'], 'f64', 0xb9],
  f64_from_u64: [['i64'], 'f64', 0xba],
};
for (const [type, compare, arithmetic] of [
  ['f32', 0x5b, 0x91],
  ['f64', 0x61, 0x9f],
] as const) {
  ['eq', 'ne', 'lt', 'gt', 'le', 'ge'].forEach((name, i) => {
    FLOAT[`${type}_${name}`] = [[type, type], 'i32', compare + i];
  });
  FLOAT[`${type}_sqrt`] = [[type], type, arithmetic];
  ['add', 'sub', 'mul', 'div', 'min', 'max'].forEach((name, i) => {
    FLOAT[`${type}_${name}`] = [[type, type], type, arithmetic + 1 + i];
  });
}
/** Opcodes between raw bits and the value. */
export const FROM_BITS = { f32: [OP.i32WrapI64, 0xbe], f64: [0xbf], i64: [] } as const;
export const TO_BITS = { f32: [0xbc, OP.i64ExtendI32u], f64: [0xbd], i64: [], i32: [] } as const;

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
