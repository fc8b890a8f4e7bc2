import { offsetOf } from '../hart/layout.ts';
import { emitHostAddress, emitProbe, GUEST_LOAD, GUEST_STORE, SOFT } from '../hart/soft-access.ts';
import type { Instruction } from '../isa/instruction.ts';
import { quickMask, SINK } from '../isa/predecode.ts';
import { FAULTING, RETURNS } from '../isa/system.ts';
import type { Decoded } from '../isa/table.ts';
import type { Expression } from '../wasm/ast.ts';
import { type Compiler, type EngineCall, type EngineName, type Environment, HART } from '../wasm/compile.ts';
import { type Emitter, OP } from '../wasm/emitter.ts';

const I64_ADD = 0x7c;
const I64_GE_S = 0x59;
/** One retired instruction, and one cycle, in `p`. */
const RETIRED = 1n;
const CYCLE = 1n << 20n;

/** How a block was left. State is written back each time, with `pc` at the instruction to go on at. */
export const EXIT = {
  /** Past the block, or by a jump or taken branch. */
  next: 0,
  /** The instruction at `pc` misses the soft-TLB: the interpreter runs it. Nothing of it has happened. */
  miss: 1,
  /** An exception was taken. */
  trap: 2,
  /** The quantum may end inside the rest of the block: the interpreter, which asks before every instruction, goes on. */
  horizon: 3,
} as const;

/** An instruction at a known place with its static cost; `taken` is that of the taken edge of a branch. */
export interface BlockInstruction {
  readonly pc: bigint;
  readonly row: Instruction;
  readonly decoded: Decoded;
  readonly cycles: number;
  readonly taken: number;
}

/** Cycles up to the last instruction that has to be begun before the quantum ends. */
const needed = (rest: readonly BlockInstruction[]): number =>
  rest.slice(0, -1).reduce((sum, { cycles }) => sum + cycles, 0);

/**
 * The vocabulary of instruction bodies as a compiled block means it: operands are constants, x registers are Wasm locals,
 * and a miss leaves the block. f registers stay in memory.
 */
export class BlockVocabulary {
  readonly environment: Environment;
  private readonly base: Environment;
  private readonly emit: Emitter;
  private readonly instructions: readonly BlockInstruction[];
  private readonly count: number;
  private readonly bank: number;
  /** Wasm local of each x register that the block names. */
  private readonly registers = new Map<number, number>();
  /** Registers that an instruction so far may have written. */
  private readonly written = new Set<number>();
  private at = 0;
  /** The instruction called something that may charge cycles or ask for the end of the quantum. */
  private called = false;

  constructor(base: Environment, emit: Emitter, instructions: readonly BlockInstruction[]) {
    this.base = base;
    this.emit = emit;
    this.instructions = instructions;
    this.count = emit.local('i64');
    this.bank = emit.local('i32');
    for (const { row, decoded } of instructions) {
      for (const name of ['rd', 'rs1', 'rs2'] as const) {
        const register = decoded.operands[name];
        if (row.format[name] === undefined || row.fp?.[name] || register === 0) continue;
        if (!this.registers.has(register)) this.registers.set(register, emit.local('i64'));
      }
    }
    this.environment = { ...base, name: (name) => this.name(name), callee: (name) => this.callee(name) };
  }

  private get current(): BlockInstruction {
    const instruction = this.instructions[this.at];
    if (instruction === undefined) throw new Error('no instruction is being compiled');
    return instruction;
  }

  private get nextPc(): bigint {
    return this.current.pc + BigInt(this.current.decoded.length);
  }

  /** Entry: nothing runs unless the whole block fits before the end of the quantum. */
  open(): void {
    this.load('p', this.count);
    this.horizon(this.instructions, this.instructions[0]?.pc ?? 0n);
    this.emit.get(HART);
    this.emit.memory(OP.i32Load, offsetOf('data_bank'));
    this.emit.set(this.bank);
    for (const [register, local] of this.registers) {
      this.emit.get(HART);
      this.emit.memory(OP.i64Load, offsetOf('x') + 8 * register);
      this.emit.set(local);
    }
  }

  begin(instruction: BlockInstruction): void {
    this.at = this.instructions.indexOf(instruction);
    this.called = false;
  }

  end(): void {
    this.charge(this.current.cycles);
    if (this.called) this.horizon(this.instructions.slice(this.at + 1), this.nextPc);
  }

  close(): void {
    this.leave(EXIT.next, this.nextPc);
  }

  private load(field: string, local: number): void {
    this.emit.get(HART);
    this.emit.memory(OP.i64Load, offsetOf(field));
    this.emit.set(local);
  }

  private store(field: string, value: () => void): void {
    this.emit.get(HART);
    value();
    this.emit.memory(OP.i64Store, offsetOf(field));
  }

  private charge(cycles: number, retired = RETIRED): void {
    this.emit.get(this.count);
    this.emit.i64(BigInt(cycles) * CYCLE + retired);
    this.emit.op(I64_ADD);
    this.emit.set(this.count);
  }

  private writeBack(): void {
    for (const register of this.written) {
      const local = this.registers.get(register);
      if (local === undefined) continue;
      this.emit.get(HART);
      this.emit.get(local);
      this.emit.memory(OP.i64Store, offsetOf('x') + 8 * register);
    }
    this.store('p', () => this.emit.get(this.count));
  }

  /** Leaves the function; `pc` undefined where it is in the state already. */
  private leave(exit: number, pc?: bigint): void {
    if (pc !== undefined) this.store('pc', () => this.emit.i64(pc));
    this.writeBack();
    this.emit.i32(exit);
    this.emit.op(OP.return);
  }

  private horizon(rest: readonly BlockInstruction[], pc: bigint): void {
    this.emit.get(this.count);
    this.emit.i64(BigInt(needed(rest)) * CYCLE);
    this.emit.op(I64_ADD);
    this.emit.get(HART);
    this.emit.memory(OP.i64Load, offsetOf('stop'));
    this.emit.op(I64_GE_S);
    this.emit.open(OP.if);
    this.leave(EXIT.horizon, pc);
    this.emit.close();
  }

  /** What a function of the core may look at. */
  private spill(): void {
    this.store('pc', () => this.emit.i64(this.current.pc));
    this.store('p', () => this.emit.get(this.count));
  }

  private takeException(c: Compiler): void {
    this.writeBack();
    c.callFunction('take_exception', []);
    this.emit.i32(EXIT.trap);
    this.emit.op(OP.return);
  }

  private callCore(c: Compiler, name: string, args: readonly Expression[]): void {
    this.called = true;
    this.spill();
    c.callFunction(name, args);
    this.load('p', this.count);
  }

  private name(name: string): EngineName | undefined {
    const { decoded, pc } = this.current;
    const { operands } = decoded;
    const number = (value: number): EngineName => ({ type: 'i32', read: ({ emit }) => emit.i32(value) });
    const constant = (value: bigint): EngineName => ({ type: 'i64', read: ({ emit }) => emit.i64(value) });
    switch (name) {
      case 'rs1':
      case 'rs2':
        return { type: 'i64', read: () => this.readRegister(operands[name]) };
      case 'rd':
        return {
          type: 'i64',
          read: () => this.readRegister(operands.rd),
          write: (_, value) => this.writeRegister(value),
        };
      case 'frs1':
      case 'frs2':
      case 'frs3':
        return {
          type: 'i64',
          read: () => this.readFloat(operands[name === 'frs1' ? 'rs1' : name === 'frs2' ? 'rs2' : 'rs3']),
        };
      case 'frd':
        return { type: 'i64', read: () => this.readFloat(operands.rd), write: (c, value) => this.writeFloat(c, value) };
      case 'rd_number':
        return number(operands.rd === 0 ? SINK : operands.rd);
      case 'rs1_number':
        return number(operands.rs1);
      case 'rs2_number':
        return number(operands.rs2);
      case 'rm':
        return number(operands.imm);
      case 'quick':
        return number(quickMask(operands.imm));
      case 'imm':
        return constant(BigInt(operands.imm));
      case 'pc':
        return constant(pc);
      case 'len':
        return constant(BigInt(decoded.length));
    }
    return undefined;
  }

  private readRegister(register: number): void {
    const local = this.registers.get(register);
    if (local === undefined) this.emit.i64(0n);
    else this.emit.get(local);
  }

  private writeRegister(value: () => void): void {
    const { rd } = this.current.decoded.operands;
    const local = this.registers.get(rd);
    value();
    if (local === undefined) return this.emit.op(OP.drop);
    this.emit.set(local);
    this.written.add(rd);
  }

  private readFloat(register: number): void {
    this.emit.get(HART);
    this.emit.memory(OP.i64Load, offsetOf('f') + 8 * register);
  }

  private writeFloat(c: Compiler, value: () => void): void {
    this.emit.get(HART);
    value();
    this.emit.memory(OP.i64Store, offsetOf('f') + 8 * this.current.decoded.operands.rd);
    c.callFunction('fp_dirty', []);
  }

  /** Runs `access` with locals for the address and the soft-TLB entry, after a probe; a miss leaves the block. */
  private access(
    c: Compiler,
    address: Expression | undefined,
    tag: number,
    size: number,
    hit: (va: number, entry: number) => void,
  ): void {
    const va = this.emit.local('i64');
    const entry = this.emit.local('i32');
    if (address !== undefined) c.expression(address, 'i64');
    this.emit.set(va);
    emitProbe(this.emit, this.bank, va, entry, tag, size);
    this.emit.op(OP.i32Eqz);
    this.emit.open(OP.if);
    this.leave(EXIT.miss, this.current.pc);
    this.emit.close();
    hit(va, entry);
    this.emit.release(entry, 'i32');
    this.emit.release(va, 'i64');
  }

  private callee(name: string): EngineCall | undefined {
    const load = GUEST_LOAD[name];
    if (load !== undefined) return this.guestLoad(load[0], load[1]);
    const store = GUEST_STORE[name];
    if (store !== undefined) return this.guestStore(...store);
    if (FAULTING.has(name)) return this.faulting(name);
    if (RETURNS.has(name)) return this.returning(name);
    const own = (emit: EngineCall['emit']): EngineCall => ({ result: undefined, emit });
    switch (name) {
      case 'jump':
        return own((c, [target]) => {
          this.charge(this.current.cycles);
          this.store('pc', () => target !== undefined && c.expression(target, 'i64'));
          this.leave(EXIT.next);
        });
      case 'branch':
        return own((c, [condition]) => {
          const { pc, taken, decoded } = this.current;
          if (condition !== undefined) c.test(condition);
          c.emit.open(OP.if);
          this.charge(taken);
          this.leave(EXIT.next, pc + BigInt(decoded.operands.imm));
          c.emit.close();
        });
      case 'trap':
        return own((c, args) => {
          this.spill();
          c.callFunction('raise', args);
          this.takeException(c);
        });
      case 'resume':
        return own(() => {
          this.charge(this.current.cycles);
          this.leave(EXIT.next, this.nextPc);
        });
      case 'arrive':
        return own(() => this.leave(EXIT.next));
    }
    return undefined;
  }

  private guestLoad(size: number, opcode: number): EngineCall {
    return {
      result: 'i64',
      emit: (c, [address]) => {
        this.access(c, address, SOFT.loadTag, size, (va, entry) => {
          emitHostAddress(c.emit, va, entry);
          c.emit.memory(opcode, 0);
        });
      },
    };
  }

  private guestStore(size: number, opcode: number): EngineCall {
    return {
      result: undefined,
      emit: (c, [address, value]) => {
        this.access(c, address, SOFT.storeTag, size, (va, entry) => {
          emitHostAddress(c.emit, va, entry);
          if (value !== undefined) c.expression(value, 'i64');
          c.emit.memory(opcode, 0);
        });
      },
    };
  }

  private faulting(name: string): EngineCall {
    return {
      result: this.base.functions.get(name)?.signature.result,
      emit: (c, args) => {
        this.callCore(c, name, args);
        this.ifException(c);
      },
    };
  }

  /** A return is the last instruction of the party it leaves: charged before the function changes the party. */
  private returning(name: string): EngineCall {
    return {
      result: undefined,
      emit: (c, args) => {
        const { cycles } = this.current;
        this.charge(cycles);
        this.callCore(c, name, args);
        this.ifException(c, () => this.charge(-cycles, -RETIRED));
      },
    };
  }

  private ifException(c: Compiler, before?: () => void): void {
    this.emit.get(HART);
    this.emit.memory(OP.i32Load, offsetOf('exception'));
    this.emit.open(OP.if);
    before?.();
    this.takeException(c);
    this.emit.close();
  }
}
