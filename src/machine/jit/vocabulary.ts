import { offsetOf } from '../hart/layout.ts';
import { emitHostAddress, emitProbe, GUEST_LOAD, GUEST_STORE, SOFT } from '../hart/soft-access.ts';
import { quickMask, SINK } from '../isa/predecode.ts';
import { FAULTING, RETURNS } from '../isa/system.ts';
import type { Expression } from '../wasm/ast.ts';
import { type Compiler, type EngineCall, type EngineName, type Environment, HART } from '../wasm/compile.ts';
import { type Emitter, OP } from '../wasm/emitter.ts';
import { BlockFrame, type BlockInstruction, EXIT, RETIRED } from './frame.ts';

/**
 * The vocabulary of instruction bodies as a compiled block means it: operands are constants, x registers are Wasm locals,
 * and a miss leaves the block. f registers stay in memory.
 */
export class BlockVocabulary {
  readonly environment: Environment;
  private readonly base: Environment;
  private readonly emit: Emitter;
  private readonly frame: BlockFrame;
  private readonly instructions: readonly BlockInstruction[];
  private at = 0;
  /** The instruction called something that may charge cycles or ask for the end of the quantum. */
  private called = false;

  constructor(base: Environment, emit: Emitter, instructions: readonly BlockInstruction[]) {
    this.base = base;
    this.emit = emit;
    this.frame = new BlockFrame(emit, instructions);
    this.instructions = instructions;
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

  open(): void {
    this.frame.enter(this.instructions);
  }

  begin(instruction: BlockInstruction): void {
    this.at = this.instructions.indexOf(instruction);
    this.called = false;
  }

  end(): void {
    this.frame.charge(this.current.cycles);
    if (this.called) this.frame.horizon(this.instructions.slice(this.at + 1), this.nextPc);
  }

  close(): void {
    this.frame.leave(EXIT.next, this.nextPc);
  }

  private takeException(c: Compiler): void {
    this.frame.writeBack();
    c.callFunction('take_exception', []);
    this.emit.i32(EXIT.trap);
    this.emit.op(OP.return);
  }

  private callCore(c: Compiler, name: string, args: readonly Expression[]): void {
    this.called = true;
    this.frame.spill(this.current.pc);
    c.callFunction(name, args);
    this.frame.reloadCount();
  }

  private name(name: string): EngineName | undefined {
    const { decoded, pc } = this.current;
    const { operands } = decoded;
    const number = (value: number): EngineName => ({ type: 'i32', read: ({ emit }) => emit.i32(value) });
    const constant = (value: bigint): EngineName => ({ type: 'i64', read: ({ emit }) => emit.i64(value) });
    switch (name) {
      case 'rs1':
      case 'rs2':
        return { type: 'i64', read: () => this.frame.readRegister(operands[name]) };
      case 'rd':
        return {
          type: 'i64',
          read: () => this.frame.readRegister(operands.rd),
          write: (_, value) => {
            value();
            this.frame.writeRegister(operands.rd);
          },
        };
      case 'frs1':
      case 'frs2':
      case 'frs3':
        return {
          type: 'i64',
          read: () => this.frame.load('f', operands[name === 'frs1' ? 'rs1' : name === 'frs2' ? 'rs2' : 'rs3']),
        };
      case 'frd':
        return {
          type: 'i64',
          read: () => this.frame.load('f', operands.rd),
          write: (c, value) => this.writeFloat(c, value),
        };
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

  private writeFloat(c: Compiler, value: () => void): void {
    this.frame.store('f', value, this.current.decoded.operands.rd);
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
    emitProbe(this.emit, this.frame.bank, va, entry, tag, size);
    this.emit.op(OP.i32Eqz);
    this.emit.open(OP.if);
    this.frame.leave(EXIT.miss, this.current.pc);
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
          this.frame.charge(this.current.cycles);
          this.frame.store('pc', () => target !== undefined && c.expression(target, 'i64'));
          this.frame.leave(EXIT.next);
        });
      case 'branch':
        return own((c, [condition]) => {
          const { pc, taken, decoded } = this.current;
          if (condition !== undefined) c.test(condition);
          c.emit.open(OP.if);
          this.frame.charge(taken);
          this.frame.leave(EXIT.next, pc + BigInt(decoded.operands.imm));
          c.emit.close();
        });
      case 'trap':
        return own((c, args) => {
          this.frame.spill(this.current.pc);
          c.callFunction('raise', args);
          this.takeException(c);
        });
      case 'resume':
        return own(() => {
          this.frame.charge(this.current.cycles);
          this.frame.leave(EXIT.next, this.nextPc);
        });
      case 'arrive':
        return own(() => this.frame.leave(EXIT.next));
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
        this.frame.charge(cycles);
        this.callCore(c, name, args);
        this.ifException(c, () => this.frame.charge(-cycles, -RETIRED));
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
