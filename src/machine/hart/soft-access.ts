import { type Emitter, OP } from '../wasm/emitter.ts';
import { SOFT_ENTRIES, SOFT_ENTRY } from './layout.ts';

const I32_ADD = 0x6a;
const I32_AND = 0x71;
const I32_SHR_U = 0x76;
const I64_AND = 0x83;
const I64_EQ = 0x51;

/** Guest loads: bytes, opcode of the fast path, how the zero-extended slow result is extended. */
export const GUEST_LOAD: Record<string, readonly [size: number, opcode: number, extend: number | undefined]> = {
  load8s: [1, 0x30, 0xc2],
  load8u: [1, 0x31, undefined],
  load16s: [2, 0x32, 0xc3],
  load16u: [2, 0x33, undefined],
  load32s: [4, 0x34, 0xc4],
  load32u: [4, 0x35, undefined],
  load64: [8, 0x29, undefined],
};
export const GUEST_STORE: Record<string, readonly [size: number, opcode: number]> = {
  store8: [1, 0x3c],
  store16: [2, 0x3d],
  store32: [4, 0x3e],
  store64: [8, 0x37],
};

/** Offsets in a soft-TLB entry: the tags, and what to add to a virtual address. */
export const SOFT = { loadTag: 0, storeTag: 8, addend: 16 } as const;

/** Leaves 1 where the soft-TLB entry of the address in local `va` has the wanted tag; its place goes into local `entry`. */
export function emitProbe(emit: Emitter, bank: number, va: number, entry: number, tag: number, size: number): void {
  emit.get(bank);
  emit.get(va);
  emit.op(OP.i32WrapI64);
  // The number of the page, less its upper bits, times the size of an entry.
  emit.i32(12 - Math.log2(SOFT_ENTRY));
  emit.op(I32_SHR_U);
  emit.i32((SOFT_ENTRIES - 1) * SOFT_ENTRY);
  emit.op(I32_AND);
  emit.op(I32_ADD);
  emit.tee(entry);
  emit.memory(OP.i64Load, tag);
  emit.get(va);
  // A misaligned access keeps low bits, which no tag has: the slow path takes it.
  emit.i64(~0xfffn | BigInt(size - 1));
  emit.op(I64_AND);
  emit.op(I64_EQ);
}

/** Leaves the host address, after a probe that hit. */
export function emitHostAddress(emit: Emitter, va: number, entry: number): void {
  emit.get(entry);
  emit.memory(OP.i32Load, SOFT.addend);
  emit.get(va);
  emit.op(OP.i32WrapI64);
  emit.op(I32_ADD);
}
