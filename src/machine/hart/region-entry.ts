import { CODE, OPERATION } from '../isa/predecode.ts';
import { type Compiler, HART } from '../wasm/compile.ts';
import { OP } from '../wasm/emitter.ts';
import { ARRIVALS, OP_BYTES, offsetOf } from './layout.ts';
import { I32_ADD, I32_AND, I32_GE_U, I32_NE, I32_SHL, I32_SHR_U, type LoopLocals } from './vocabulary.ts';

/** How a region was left. State is written back each time. */
export const EXIT = {
  /** `pc` was arrived at: whatever is there runs. */
  arrived: 0,
  /** The instruction at `pc`, in the same page, is for the interpreter; nothing of it has happened. */
  interpret: 1,
  /** What the loop keeps of the state holds no longer. */
  anew: 2,
} as const;

/** Counts an arrival at `ip`, unless a region can be entered there; at the threshold the host is told. */
export function countArrival(c: Compiler, ip: number, spill: () => void): void {
  const { emit } = c;
  const at = emit.local('i32');
  emit.get(ip);
  emit.memory(OP.i32Load16u, OPERATION.code);
  emit.i32(CODE.region);
  emit.op(I32_NE);
  emit.open(OP.if);
  emit.get(HART);
  emit.memory(OP.i32Load, offsetOf('arrivals'));
  emit.get(ip);
  emit.i32(Math.log2(OP_BYTES));
  emit.op(I32_SHR_U);
  emit.i32(ARRIVALS - 1);
  emit.op(I32_AND);
  emit.i32(1);
  emit.op(I32_SHL);
  emit.op(I32_ADD);
  emit.tee(at);
  emit.get(at);
  emit.memory(OP.i32Load16u, 0);
  emit.i32(1);
  emit.op(I32_ADD);
  emit.memory(OP.i32Store16, 0);
  emit.get(at);
  emit.memory(OP.i32Load16u, 0);
  emit.get(HART);
  emit.memory(OP.i32Load, offsetOf('threshold'));
  emit.op(I32_GE_U);
  emit.open(OP.if);
  emit.get(at);
  emit.i32(0);
  emit.memory(OP.i32Store16, 0);
  spill();
  c.callFunction('hot', []);
  emit.close();
  emit.close();
}

/**
 * Runs the region that the operation at hand leads to. Local `left` then says how it was left, `target` has the address
 * it came to, `ip` the operation there if it lies in the same page.
 */
export function callRegion(
  { emit }: Compiler,
  { ip, op, count, codeBase }: LoopLocals,
  type: number,
  { left, target }: { readonly left: number; readonly target: number },
): void {
  emit.get(HART);
  emit.get(op);
  emit.memory(OP.i32Load16u, OPERATION.rd);
  emit.get(op);
  emit.memory(OP.i32Load, OPERATION.charge);
  emit.callIndirect(type);
  emit.set(left);
  emit.get(HART);
  emit.memory(OP.i64Load, offsetOf('p'));
  emit.set(count);
  emit.get(HART);
  emit.memory(OP.i64Load, offsetOf('pc'));
  emit.tee(target);
  emit.op(OP.i32WrapI64);
  emit.i32(0xffe);
  emit.op(I32_AND);
  emit.i32(3);
  emit.op(I32_SHL);
  emit.get(codeBase);
  emit.op(I32_ADD);
  emit.set(ip);
}
