import { OPERATION } from '../isa/predecode.ts';
import { FAULTING, RETURNS } from '../isa/system.ts';
import type { Expression } from '../wasm/ast.ts';
import { type Compiler, type EngineCall, type EngineName, type Environment, HART } from '../wasm/compile.ts';
import { type Label, OP } from '../wasm/emitter.ts';
import type { ValueType } from '../wasm/module.ts';
import { parseStatements } from '../wasm/parse.ts';
import { offsetOf } from './layout.ts';
import { emitHostAddress, emitProbe, GUEST_LOAD, GUEST_STORE, SOFT } from './soft-access.ts';

export const I64_ADD = 0x7c;
export const I64_SUB = 0x7d;
export const I64_AND = 0x83;
export const I64_SHL = 0x86;
export const I64_EQ = 0x51;
export const I64_GE_S = 0x59;
export const I32_ADD = 0x6a;
export const I32_SUB = 0x6b;
export const I32_AND = 0x71;
export const I32_OR = 0x72;
export const I32_SHL = 0x74;
export const I32_SHR_U = 0x76;
export const I32_EQ = 0x46;
export const I32_NE = 0x47;
export const I32_GE_U = 0x4f;

/** Where the loop of the interpreter keeps what every instruction needs, as Wasm locals. */
export interface LoopLocals {
  /** Slot of the instruction in its predecoded page, and the operation itself (elsewhere for one that crosses pages). */
  readonly ip: number;
  readonly op: number;
  readonly codeBase: number;
  readonly pageVa: number;
  /** Soft-TLB bank of loads and stores. */
  readonly bank: number;
  /** cycles << 20 | instret of the quantum, and where it ends. */
  readonly count: number;
  readonly stop: number;
}

/** Where a handler goes when it is done. */
export interface LoopLabels {
  readonly next: Label;
  /** `next`, but by a jump. */
  readonly arrived: Label;
  readonly enter: Label;
  readonly outer: Label;
  readonly trap: Label;
}

/** What changes from handler to handler, and what is known only once the loops are open. */
export interface Loop {
  readonly locals: LoopLocals;
  length: 2 | 4;
  at(): LoopLabels;
}

/** After a write to an FP register; the call is rare. */
const FP_DIRTY = parseStatements('if ((mstatus & FS) != FS || (virt && (vsstatus & FS) != FS)) { fp_dirty(); }');

/** The vocabulary of instruction bodies as the interpreter means it: registers in memory, operands from the operation. */
export function loopVocabulary(base: Environment, loop: Loop) {
  const { locals } = loop;
  const operation = (field: keyof typeof OPERATION, signed = false): ((c: Compiler) => void) => {
    return ({ emit }) => {
      emit.get(locals.op);
      emit.memory(signed ? OP.i64Load32s : field === 'charge' ? OP.i64Load32u : OP.i32Load16u, OPERATION[field]);
    };
  };
  const register = (field: 'rs1' | 'rs2' | 'rs3', file: 'x' | 'f'): EngineName => ({
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
      if (file === 'f') c.block(FP_DIRTY);
    },
  });
  const mode = (field: 'rm' | 'quick'): EngineName => ({
    type: 'i32',
    read: ({ emit }) => {
      emit.get(locals.op);
      emit.memory(OP.i32Load8u, OPERATION[field]);
    },
  });
  const pcValue = ({ emit }: Compiler): void => {
    emit.get(locals.pageVa);
    emit.get(locals.ip);
    emit.get(locals.codeBase);
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
    frs3: register('rs3', 'f'),
    rd: destination('x'),
    frd: destination('f'),
    rd_number: number('rd'),
    rs1_number: number('rs1'),
    rs2_number: number('rs2'),
    rm: mode('rm'),
    quick: mode('quick'),
    imm: { type: 'i64', read: operation('imm', true) },
    pc: { type: 'i64', read: pcValue },
    len: { type: 'i64', read: ({ emit }) => emit.i64(BigInt(loop.length)) },
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
    storeField(c, 'p', () => c.emit.get(locals.count));
  };
  /** After a function that may charge, ask for a poll, or fault. */
  const reload = (c: Compiler): void => {
    loadField(c, 'p');
    c.emit.set(locals.count);
    loadField(c, 'stop');
    c.emit.set(locals.stop);
  };
  const takeException = (c: Compiler): void => {
    loadField(c, 'exception', 'i32');
    c.emit.brIf(loop.at().trap);
  };
  const charge = (c: Compiler): void => {
    c.emit.get(locals.count);
    operation('charge')(c);
    c.emit.op(I64_ADD);
    c.emit.set(locals.count);
  };
  /** Goes to the address in local `to`: within the page by arithmetic, else by looking the page up. */
  const goTo = (c: Compiler, to: number): void => {
    const { emit } = c;
    emit.get(to);
    emit.i64(~0xfffn);
    emit.op(I64_AND);
    emit.get(locals.pageVa);
    emit.op(I64_EQ);
    emit.open(OP.if);
    emit.get(locals.codeBase);
    emit.get(to);
    emit.op(OP.i32WrapI64);
    emit.i32(0xffe);
    emit.op(I32_AND);
    emit.i32(3);
    emit.op(I32_SHL);
    emit.op(I32_ADD);
    emit.set(locals.ip);
    emit.br(loop.at().arrived);
    emit.close();
    storeField(c, 'pc', () => emit.get(to));
    emit.br(loop.at().enter);
  };
  const withAddress = (c: Compiler, args: readonly Expression[], body: (va: number) => void): void => {
    const va = c.emit.local('i64');
    const [address] = args;
    if (address !== undefined) c.expression(address, 'i64');
    c.emit.set(va);
    body(va);
    c.emit.release(va, 'i64');
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
        emitProbe(c.emit, locals.bank, va, entry, SOFT.loadTag, size);
        c.emit.open(OP.if, 'i64');
        emitHostAddress(c.emit, va, entry);
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
        emitProbe(c.emit, locals.bank, va, entry, SOFT.storeTag, size);
        c.emit.open(OP.if);
        emitHostAddress(c.emit, va, entry);
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
        c.emit.get(locals.count);
        operation('rd')(c);
        c.emit.op(OP.i64ExtendI32u);
        c.emit.i64(20n);
        c.emit.op(I64_SHL);
        c.emit.op(I64_ADD);
        c.emit.i64(1n);
        c.emit.op(I64_ADD);
        c.emit.set(locals.count);
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
        c.emit.br(loop.at().trap);
      },
    },
    resume: {
      result: undefined,
      emit: (c) => {
        charge(c);
        storeField(c, 'pc', () => {
          pcValue(c);
          c.emit.i64(BigInt(loop.length));
          c.emit.op(I64_ADD);
        });
        storeField(c, 'p', () => c.emit.get(locals.count));
        c.emit.br(loop.at().outer);
      },
    },
    arrive: {
      result: undefined,
      emit: (c) => {
        storeField(c, 'p', () => c.emit.get(locals.count));
        c.emit.br(loop.at().outer);
      },
    },
  };
  for (const [name, [size, opcode, extend]] of Object.entries(GUEST_LOAD))
    calls[name] = guestLoad(size, opcode, extend);
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
        c.emit.get(locals.count);
        operation('charge')(c);
        c.emit.op(I64_SUB);
        c.emit.set(locals.count);
        c.emit.br(loop.at().trap);
        c.emit.close();
      },
    };
  }

  const environment: Environment = { ...base, name: (name) => names[name], callee: (name) => calls[name] };
  return { environment, operation, pcValue, storeField, loadField, spill, reload, charge, goTo };
}
