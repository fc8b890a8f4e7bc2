import { CODE, codeOf, FIRST_CODE, OPERATION } from '../isa/predecode.ts';
import { COMPRESSED, INSTRUCTIONS } from '../isa/table.ts';
import { Compiler, type Environment, HART } from '../wasm/compile.ts';
import { Emitter, type Label, OP } from '../wasm/emitter.ts';
import type { Body } from '../wasm/module.ts';
import { FETCH_ENTRY, OP_BYTES, offsetOf } from './layout.ts';
import { callRegion, countArrival, EXIT } from './region-entry.ts';
import { REASON } from './run.ts';
import {
  I32_ADD,
  I32_AND,
  I32_EQ,
  I32_OR,
  I32_SHL,
  I32_SHR_U,
  I32_SUB,
  I64_AND,
  I64_EQ,
  I64_GE_S,
  type Loop,
  type LoopLabels,
  loopVocabulary,
} from './vocabulary.ts';

/** Codes that some compressed row uses; the others need no second handler. */
const compressedNames = new Set(COMPRESSED.map((row) => row.as));

/** The loops there are, from the fastest on. */
export type Speed = 'fast' | 'regions' | 'observed' | 'debugged';

/**
 * The interpreter: one Wasm function (hart) -> REASON over predecoded operations. Registers stay in memory; the quantum
 * counter, its end, the operation pointer and the page are locals, written back ("spilled") before anything that may
 * look at them. It checks the horizon before every instruction. `observed`, it also compares the operation pointer with
 * the watched one; `debugged`, it asks the host as well, in pages that a debugger cares for. With `regions` it counts where
 * control arrives, and enters compiled regions, which are of Wasm type `regionType`, wherever it comes to one.
 */
export function emitInterpreter(base: Environment, speed: Speed, regionType = 0): Body {
  const observed = speed === 'observed' || speed === 'debugged';
  const debugged = speed === 'debugged';
  let labels: LoopLabels | undefined;
  const emit = new Emitter(1);
  const ip = emit.local('i32');
  const op = emit.local('i32');
  const codeBase = emit.local('i32');
  const bank = emit.local('i32');
  const watched = emit.local('i32');
  const asking = emit.local('i32');
  const reason = emit.local('i32');
  const count = emit.local('i64');
  const stop = emit.local('i64');
  const pageVa = emit.local('i64');
  const target = emit.local('i64');

  const loop: Loop = {
    locals: { ip, op, codeBase, pageVa, bank, count, stop },
    length: 4,
    at: () => {
      if (labels === undefined) throw new Error('a label is used before the loops are open');
      return labels;
    },
  };
  const { environment, pcValue, storeField, loadField, spill, reload, charge, goTo } = loopVocabulary(base, loop);
  const compiler = new Compiler(environment, emit);

  const outer = emit.open(OP.loop);
  compiler.callFunction('poll', []);
  emit.tee(reason);
  emit.open(OP.if);
  emit.get(reason);
  emit.op(OP.return);
  emit.close();
  reload(compiler);
  loadField(compiler, 'data_bank', 'i32');
  emit.set(bank);

  const trap = emit.open(OP.block);
  const enter = emit.open(OP.loop);
  // The quantum may end before the fetch, which can fault.
  emit.get(count);
  emit.get(stop);
  emit.op(I64_GE_S);
  emit.open(OP.if);
  storeField(compiler, 'p', () => emit.get(count));
  emit.br(outer);
  emit.close();
  loadField(compiler, 'pc');
  emit.set(target);
  // Fetch soft-TLB, else the slow path.
  loadField(compiler, 'fetch_bank', 'i32');
  emit.get(target);
  emit.op(OP.i32WrapI64);
  emit.i32(12);
  emit.op(I32_SHR_U);
  emit.i32(63);
  emit.op(I32_AND);
  emit.i32(Math.log2(FETCH_ENTRY));
  emit.op(I32_SHL);
  emit.op(I32_ADD);
  emit.tee(op);
  emit.memory(OP.i64Load, 0);
  emit.get(target);
  emit.i64(~0xfffn);
  emit.op(I64_AND);
  emit.tee(pageVa);
  emit.op(I64_EQ);
  emit.open(OP.if);
  emit.get(op);
  emit.memory(OP.i32Load, 8);
  emit.set(codeBase);
  const storeField32 = (name: string, value: () => void) => {
    emit.get(HART);
    value();
    emit.memory(OP.i32Store, offsetOf(name));
  };
  storeField(compiler, 'page_va', () => emit.get(pageVa));
  storeField32('code_base', () => emit.get(codeBase));
  storeField32('resumed', () => emit.i32(0));
  storeField32('fetch_host', () => {
    emit.get(op);
    emit.memory(OP.i32Load, 12);
  });
  emit.else();
  storeField(compiler, 'p', () => emit.get(count));
  compiler.callFunction('fetch_page', []);
  emit.set(codeBase);
  reload(compiler);
  emit.get(codeBase);
  emit.op(OP.i32Eqz);
  emit.brIf(trap);
  emit.close();
  emit.get(codeBase);
  emit.get(target);
  emit.op(OP.i32WrapI64);
  emit.i32(0xffe);
  emit.op(I32_AND);
  emit.i32(3);
  emit.op(I32_SHL);
  emit.op(I32_ADD);
  emit.set(ip);
  if (observed) {
    compiler.callFunction('watched_operation', []);
    emit.set(watched);
  }
  if (debugged) {
    compiler.callFunction('debug_page', []);
    emit.set(asking);
  }

  const arrived = speed === 'regions' ? emit.open(OP.loop) : undefined;
  if (arrived !== undefined) countArrival(compiler, ip, () => spill(compiler));
  const next = emit.open(OP.loop);
  labels = { next, arrived: arrived ?? next, enter, outer, trap };
  emit.get(count);
  emit.get(stop);
  emit.op(I64_GE_S);
  emit.open(OP.if);
  spill(compiler);
  emit.br(outer);
  emit.close();
  if (observed) {
    emit.get(ip);
    emit.get(watched);
    emit.op(I32_EQ);
    emit.open(OP.if);
    spill(compiler);
    compiler.callFunction('watch_hit', []);
    emit.open(OP.if);
    emit.i32(REASON.watch);
    emit.op(OP.return);
    emit.close();
    emit.close();
  }
  if (debugged) {
    emit.get(asking);
    emit.open(OP.if);
    spill(compiler);
    compiler.callFunction('debug_hit', []);
    emit.open(OP.if);
    emit.i32(REASON.debug);
    emit.op(OP.return);
    emit.close();
    emit.close();
  }
  emit.get(ip);
  emit.set(op);

  // Handlers from the innermost block outwards, in the order of their codes.
  const dispatch = emit.open(OP.loop);
  const codes: { code: number; index: number; length: 2 | 4 }[] = [];
  INSTRUCTIONS.forEach((row, index) => {
    codes.push({ code: codeOf(index, 4), index, length: 4 });
    if (compressedNames.has(row.name)) codes.push({ code: codeOf(index, 2), index, length: 2 });
  });
  const handlers = codes.map(() => emit.open(OP.block)).reverse();
  const illegal = emit.open(OP.block);
  const cross = emit.open(OP.block);
  const pageEnd = emit.open(OP.block);
  const undecoded = emit.open(OP.block);
  const region = emit.open(OP.block);
  const table: Label[] = [];
  table[CODE.undecoded] = undecoded;
  table[CODE.pageEnd] = pageEnd;
  table[CODE.cross] = cross;
  table[CODE.illegal] = illegal;
  table[CODE.region] = region;
  for (let code = FIRST_CODE; code < FIRST_CODE + 2 * INSTRUCTIONS.length; code++) table[code] = illegal;
  codes.forEach(({ code }, i) => {
    table[code] = handlers[i] ?? illegal;
  });
  emit.get(op);
  emit.memory(OP.i32Load16u, OPERATION.code);
  emit.brTable(table, illegal);

  emit.close(); // region: run it, or the operation whose place it has
  if (speed === 'regions') {
    spill(compiler);
    callRegion(compiler, loop.locals, regionType, { left: reason, target });
    emit.get(reason);
    emit.op(OP.i32Eqz);
    emit.open(OP.if);
    goTo(compiler, target);
    emit.close();
    // It could not run the instruction that it came to, which lies in the same page.
    emit.get(ip);
    emit.set(op);
    emit.get(count);
    emit.get(stop);
    emit.op(I64_GE_S);
    emit.get(reason);
    emit.i32(EXIT.anew);
    emit.op(I32_EQ);
    emit.op(I32_OR);
    emit.brIf(outer);
    emit.get(op);
    emit.memory(OP.i32Load16u, OPERATION.code);
    emit.i32(CODE.region);
    emit.op(I32_EQ);
    emit.open(OP.if);
  }
  emit.get(op);
  emit.memory(OP.i32Load, OPERATION.imm);
  emit.set(op);
  if (speed === 'regions') emit.close();
  emit.br(dispatch);

  emit.close(); // undecoded: write the operation, then run it
  emit.get(HART);
  emit.get(ip);
  emit.get(codeBase);
  emit.op(I32_SUB);
  emit.i32(3);
  emit.op(I32_SHR_U);
  emit.call(base.functions.get('decode_at')?.index ?? 0);
  emit.br(dispatch);

  emit.close(); // page end: the next instruction lies in the next page
  storeField(compiler, 'pc', () => pcValue(compiler));
  emit.br(enter);

  emit.close(); // crossing: the operation is made from two pages
  spill(compiler);
  compiler.callFunction('fetch_crossing', []);
  emit.set(reason);
  reload(compiler);
  emit.get(reason);
  emit.op(OP.i32Eqz);
  emit.brIf(trap);
  emit.get(HART);
  emit.i32(offsetOf('cross_op'));
  emit.op(I32_ADD);
  emit.set(op);
  emit.br(dispatch);

  emit.close(); // illegal
  spill(compiler);
  compiler.callFunction('illegal', []);
  emit.br(trap);

  for (const { index, length: bytes } of codes) {
    emit.close();
    loop.length = bytes;
    const row = INSTRUCTIONS[index];
    if (row === undefined) throw new Error(`no instruction ${index}`);
    try {
      compiler.block(row.body);
    } catch (error) {
      throw new Error(`${row.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    charge(compiler);
    emit.get(ip);
    emit.i32((bytes / 2) * OP_BYTES);
    emit.op(I32_ADD);
    emit.set(ip);
    emit.br(next);
  }
  emit.close(); // dispatch
  emit.close(); // next
  if (arrived !== undefined) emit.close();
  emit.close(); // enter
  emit.close(); // trap: the exception is in the state, pc at the instruction
  storeField(compiler, 'p', () => emit.get(count));
  compiler.callFunction('take_exception', []);
  emit.br(outer);
  emit.close(); // outer
  emit.op(0x00);
  return emit.body();
}
