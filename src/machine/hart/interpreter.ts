import { INSTRUCTIONS } from '../isa/table.ts';
import { CODE, codeOf, FIRST_CODE, OPERATION } from '../isa/predecode.ts';
import { COMPRESSED } from '../isa/table.ts';
import { FAULTING, RETURNS } from '../isa/system.ts';
import type { Expression } from '../wasm/ast.ts';
import { Compiler, type EngineCall, type EngineName, type Environment, HART } from '../wasm/compile.ts';
import { type Label, OP } from '../wasm/emitter.ts';
import type { ValueType } from '../wasm/module.ts';
import { FETCH_ENTRY, OP_BYTES, offsetOf, SOFT_ENTRY } from './layout.ts';
import { REASON } from './run.ts';

const I64_ADD = 0x7c;
const I64_SUB = 0x7d;
const I64_AND = 0x83;
const I64_SHL = 0x86;
const I64_EQ = 0x51;
const I64_GE_S = 0x59;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_AND = 0x71;
const I32_SHL = 0x74;
const I32_SHR_U = 0x76;
const I32_EQ = 0x46;

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

/** Codes that some compressed row uses; the others need no second handler. */
const compressedNames = new Set(COMPRESSED.map((row) => row.as));

/**
 * The interpreter: one Wasm function (hart) -> REASON over predecoded operations. Registers stay in memory; the quantum
 * counter, its end, the operation pointer and the page are locals, written back ("spilled") before anything that may
 * look at them. It checks the horizon before every instruction. With `observed`, it also compares the operation pointer
 * with the watched one: the slow loop of the two.
 */
export function emitInterpreter(base: Environment, observed: boolean): Uint8Array {
  let length: 2 | 4 = 4;
  let labels: { next: Label; enter: Label; outer: Label; trap: Label } | undefined;
  const at = () => {
    if (labels === undefined) throw new Error('label used before the loops are open');
    return labels;
  };

  const operation = (field: keyof typeof OPERATION, signed = false): ((c: Compiler) => void) => {
    return ({ emit }) => {
      emit.get(op);
      emit.memory(signed ? OP.i64Load32s : field === 'charge' ? OP.i64Load32u : OP.i32Load16u, OPERATION[field]);
    };
  };
  const register = (field: 'rs1' | 'rs2', file: 'x' | 'f'): EngineName => ({
    type: 'i64',
    read: (c) => {
      c.emit.get(HART);
      operation(field)(c);
      c.emit.op(I32_ADD);
      c.emit.memory(OP.i64Load, offsetOf(file));
    },
  });
  const number = (field: 'rd' | 'rs1' | 'rs2'): EngineName => ({
    type: 'i32',
    read: (c) => {
      operation(field)(c);
      c.emit.i32(3);
      c.emit.op(I32_SHR_U);
    },
  });
  const destination = (file: 'x' | 'f'): EngineName => ({
    type: 'i64',
    read: () => {
      throw new Error('a destination is not read');
    },
    write: (c, value) => {
      c.emit.get(HART);
      operation('rd')(c);
      c.emit.op(I32_ADD);
      value();
      c.emit.memory(OP.i64Store, offsetOf(file));
      if (file === 'f') c.callFunction('fp_dirty', []);
    },
  });
  const pcValue = ({ emit }: Compiler): void => {
    emit.get(pageVa);
    emit.get(ip);
    emit.get(codeBase);
    emit.op(I32_SUB);
    emit.i32(3);
    emit.op(I32_SHR_U);
    emit.op(OP.i64ExtendI32u);
    emit.op(I64_ADD);
  };

  const names: Record<string, EngineName> = {
    rs1: register('rs1', 'x'),
    rs2: register('rs2', 'x'),
    frs1: register('rs1', 'f'),
    frs2: register('rs2', 'f'),
    rd: destination('x'),
    frd: destination('f'),
    rd_number: number('rd'),
    rs1_number: number('rs1'),
    rs2_number: number('rs2'),
    imm: { type: 'i64', read: operation('imm', true) },
    pc: { type: 'i64', read: pcValue },
    len: { type: 'i64', read: ({ emit }) => emit.i64(BigInt(length)) },
  };

  const storeField = (c: Compiler, name: string, value: () => void): void => {
    c.emit.get(HART);
    value();
    c.emit.memory(OP.i64Store, offsetOf(name));
  };
  const loadField = (c: Compiler, name: string, type: ValueType = 'i64'): void => {
    c.emit.get(HART);
    c.emit.memory(type === 'i64' ? OP.i64Load : OP.i32Load, offsetOf(name));
  };
  const spill = (c: Compiler): void => {
    storeField(c, 'pc', () => pcValue(c));
    storeField(c, 'p', () => c.emit.get(count));
  };
  /** After a function that may charge, ask for a poll, or fault. */
  const reload = (c: Compiler): void => {
    loadField(c, 'p');
    c.emit.set(count);
    loadField(c, 'stop');
    c.emit.set(stop);
  };
  const takeException = (c: Compiler): void => {
    loadField(c, 'exception', 'i32');
    c.emit.brIf(at().trap);
  };
  const charge = (c: Compiler): void => {
    c.emit.get(count);
    operation('charge')(c);
    c.emit.op(I64_ADD);
    c.emit.set(count);
  };
  /** Goes to the address in local `to`: within the page by arithmetic, else by looking the page up. */
  const goTo = (c: Compiler, to: number): void => {
    const { emit } = c;
    emit.get(to);
    emit.i64(~0xfffn);
    emit.op(I64_AND);
    emit.get(pageVa);
    emit.op(I64_EQ);
    emit.open(OP.if);
    emit.get(codeBase);
    emit.get(to);
    emit.op(OP.i32WrapI64);
    emit.i32(0xffe);
    emit.op(I32_AND);
    emit.i32(3);
    emit.op(I32_SHL);
    emit.op(I32_ADD);
    emit.set(ip);
    emit.br(at().next);
    emit.close();
    storeField(c, 'pc', () => emit.get(to));
    emit.br(at().enter);
  };
  const withAddress = (c: Compiler, args: readonly Expression[], body: (va: number) => void): void => {
    const va = c.emit.local('i64');
    const [address] = args;
    if (address !== undefined) c.expression(address, 'i64');
    c.emit.set(va);
    body(va);
    c.emit.release(va, 'i64');
  };
  /** Leaves 1 where the soft-TLB entry of `va` (its address goes into local `entry`) has the wanted tag. */
  const probe = (c: Compiler, va: number, entry: number, tagOffset: number, size: number): void => {
    const { emit } = c;
    emit.get(bank);
    emit.get(va);
    emit.op(OP.i32WrapI64);
    emit.i32(12);
    emit.op(I32_SHR_U);
    emit.i32(255);
    emit.op(I32_AND);
    emit.i32(Math.log2(SOFT_ENTRY));
    emit.op(I32_SHL);
    emit.op(I32_ADD);
    emit.tee(entry);
    emit.memory(OP.i64Load, tagOffset);
    emit.get(va);
    emit.i64(~0xfffn | BigInt(size - 1));
    emit.op(I64_AND);
    emit.op(I64_EQ);
  };
  const hostAddress = (c: Compiler, va: number, entry: number): void => {
    c.emit.get(entry);
    c.emit.memory(OP.i32Load, 16);
    c.emit.get(va);
    c.emit.op(OP.i32WrapI64);
    c.emit.op(I32_ADD);
  };
  const slowCall = (c: Compiler, name: string, push: () => void): void => {
    const callee = base.functions.get(name);
    if (callee === undefined) throw new Error(`no function ${name}`);
    spill(c);
    c.emit.get(HART);
    push();
    c.emit.call(callee.index);
  };

  const guestLoad = (size: number, opcode: number, extend: number | undefined): EngineCall => ({
    result: 'i64',
    emit: (c, args) =>
      withAddress(c, args, (va) => {
        const entry = c.emit.local('i32');
        probe(c, va, entry, 0, size);
        c.emit.open(OP.if, 'i64');
        hostAddress(c, va, entry);
        c.emit.memory(opcode, 0);
        c.emit.else();
        slowCall(c, 'load_slow', () => {
          c.emit.get(va);
          c.emit.i32(size);
        });
        reload(c);
        takeException(c);
        if (extend !== undefined) c.emit.op(extend);
        c.emit.close();
        c.emit.release(entry, 'i32');
      }),
  });
  const guestStore = (size: number, opcode: number): EngineCall => ({
    result: undefined,
    emit: (c, args) =>
      withAddress(c, args, (va) => {
        const entry = c.emit.local('i32');
        const value = c.emit.local('i64');
        const [, stored] = args;
        if (stored !== undefined) c.expression(stored, 'i64');
        c.emit.set(value);
        probe(c, va, entry, 8, size);
        c.emit.open(OP.if);
        hostAddress(c, va, entry);
        c.emit.get(value);
        c.emit.memory(opcode, 0);
        c.emit.else();
        slowCall(c, 'store_slow', () => {
          c.emit.get(va);
          c.emit.get(value);
          c.emit.i32(size);
        });
        reload(c);
        takeException(c);
        c.emit.close();
        c.emit.release(value, 'i64');
        c.emit.release(entry, 'i32');
      }),
  });

  const calls: Record<string, EngineCall> = {
    jump: {
      result: undefined,
      emit: (c, args) =>
        withAddress(c, args, (to) => {
          charge(c);
          goTo(c, to);
        }),
    },
    branch: {
      result: undefined,
      emit: (c, [condition]) => {
        if (condition !== undefined) c.test(condition);
        c.emit.open(OP.if);
        // The taken edge has its own cost, kept where other rows keep rd.
        c.emit.get(count);
        operation('rd')(c);
        c.emit.op(OP.i64ExtendI32u);
        c.emit.i64(20n);
        c.emit.op(I64_SHL);
        c.emit.op(I64_ADD);
        c.emit.i64(1n);
        c.emit.op(I64_ADD);
        c.emit.set(count);
        const to = c.emit.local('i64');
        pcValue(c);
        operation('imm', true)(c);
        c.emit.op(I64_ADD);
        c.emit.set(to);
        goTo(c, to);
        c.emit.release(to, 'i64');
        c.emit.close();
      },
    },
    trap: {
      result: undefined,
      emit: (c, args) => {
        spill(c);
        c.callFunction('raise', args);
        c.emit.br(at().trap);
      },
    },
    resume: {
      result: undefined,
      emit: (c) => {
        charge(c);
        storeField(c, 'pc', () => {
          pcValue(c);
          c.emit.i64(BigInt(length));
          c.emit.op(I64_ADD);
        });
        storeField(c, 'p', () => c.emit.get(count));
        c.emit.br(at().outer);
      },
    },
    arrive: {
      result: undefined,
      emit: (c) => {
        storeField(c, 'p', () => c.emit.get(count));
        c.emit.br(at().outer);
      },
    },
  };
  for (const [name, [size, opcode, extend]] of Object.entries(GUEST_LOAD)) calls[name] = guestLoad(size, opcode, extend);
  for (const [name, [size, opcode]] of Object.entries(GUEST_STORE)) calls[name] = guestStore(size, opcode);
  for (const name of FAULTING) {
    calls[name] = {
      result: base.functions.get(name)?.signature.result,
      emit: (c, args) => {
        spill(c);
        c.callFunction(name, args);
        reload(c);
        takeException(c);
      },
    };
  }
  // A return is the last instruction of the party it leaves: charged before the function changes the party.
  for (const name of RETURNS) {
    calls[name] = {
      result: undefined,
      emit: (c, args) => {
        charge(c);
        spill(c);
        c.callFunction(name, args);
        reload(c);
        loadField(c, 'exception', 'i32');
        c.emit.open(OP.if);
        c.emit.get(count);
        operation('charge')(c);
        c.emit.op(I64_SUB);
        c.emit.set(count);
        c.emit.br(at().trap);
        c.emit.close();
      },
    };
  }

  const compiler = new Compiler(
    { ...base, name: (name) => names[name], callee: (name) => calls[name] },
    1,
  );
  const { emit } = compiler;
  const ip = emit.local('i32');
  const op = emit.local('i32');
  const codeBase = emit.local('i32');
  const bank = emit.local('i32');
  const watched = emit.local('i32');
  const reason = emit.local('i32');
  const count = emit.local('i64');
  const stop = emit.local('i64');
  const pageVa = emit.local('i64');
  const target = emit.local('i64');

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

  const next = emit.open(OP.loop);
  labels = { next, enter, outer, trap };
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
  const table: Label[] = [];
  table[CODE.undecoded] = undecoded;
  table[CODE.pageEnd] = pageEnd;
  table[CODE.cross] = cross;
  table[CODE.illegal] = illegal;
  for (let code = FIRST_CODE; code < FIRST_CODE + 2 * INSTRUCTIONS.length; code++) table[code] = illegal;
  codes.forEach(({ code }, i) => {
    table[code] = handlers[i] ?? illegal;
  });
  emit.get(op);
  emit.memory(OP.i32Load16u, OPERATION.code);
  emit.brTable(table, illegal);

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
    length = bytes;
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
  emit.close(); // enter
  emit.close(); // trap: the exception is in the state, pc at the instruction
  storeField(compiler, 'p', () => emit.get(count));
  compiler.callFunction('take_exception', []);
  emit.br(outer);
  emit.close(); // outer
  emit.op(0x00);
  return emit.body();
}

