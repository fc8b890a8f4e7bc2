import { CONSTANTS } from '../hart/constants.ts';
import { emitHostAddress, emitProbe, GUEST_LOAD, GUEST_STORE, SOFT } from '../hart/soft-access.ts';
import { quickMask, SINK } from '../isa/predecode.ts';
import type { Expression } from '../wasm/ast.ts';
import type { Compiler, EngineCall, EngineName, Environment } from '../wasm/compile.ts';
import { OP } from '../wasm/emitter.ts';
import type { RegionInstruction } from './region.ts';
import type { RegionFlow } from './flow.ts';
import type { RegionFrame } from './frame.ts';

const FLOAT_DIRTY = CONSTANTS.get('FS') ?? 0n;
const OPERAND_OF = { rs1: 'rs1', rs2: 'rs2', frs1: 'rs1', frs2: 'rs2', frs3: 'rs3' } as const;

/**
 * The vocabulary of instruction bodies as a region means it: operands are constants, registers are Wasm locals, jumps are
 * jumps of Wasm where they stay in the region, and what it cannot do it leaves to the interpreter.
 */
export class RegionVocabulary {
  readonly environment: Environment;
  private readonly frame: RegionFrame;
  private readonly flow: RegionFlow;
  private instruction: RegionInstruction | undefined;
  private gone = false;

  constructor(base: Environment, frame: RegionFrame, flow: RegionFlow) {
    this.frame = frame;
    this.flow = flow;
    this.environment = { ...base, name: (name) => this.name(name), callee: (name) => this.callee(name) };
  }

  private get current(): RegionInstruction {
    if (this.instruction === undefined) throw new Error('no instruction is being compiled');
    return this.instruction;
  }

  compile(c: Compiler, instruction: RegionInstruction): void {
    this.instruction = instruction;
    this.gone = false;
    if (instruction.row.fp !== undefined) this.frame.needFloat(instruction.offset);
    c.block(instruction.row.body);
    if (!this.gone) this.frame.retire(instruction.cycles);
  }

  private name(name: string): EngineName | undefined {
    const { decoded, offset } = this.current;
    const { operands } = decoded;
    const number = (value: number): EngineName => ({ type: 'i32', read: ({ emit }) => emit.i32(value) });
    const constant = (value: number): EngineName => ({ type: 'i64', read: ({ emit }) => emit.i64(BigInt(value)) });
    switch (name) {
      case 'rs1':
      case 'rs2':
        return { type: 'i64', read: () => this.frame.read('x', operands[OPERAND_OF[name]]) };
      case 'frs1':
      case 'frs2':
      case 'frs3':
        return { type: 'i64', read: () => this.frame.read('f', operands[OPERAND_OF[name]]) };
      case 'rd':
      case 'frd':
        return {
          type: 'i64',
          read: () => {
            throw new Error('a destination is not read');
          },
          write: (_, value) => {
            value();
            this.frame.write(name === 'rd' ? 'x' : 'f', operands.rd);
          },
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
        return constant(operands.imm);
      // FP state is on and dirty where a region runs an FP instruction, and no other one asks for it.
      case 'mstatus':
        return { type: 'i64', read: ({ emit }) => emit.i64(FLOAT_DIRTY) };
      case 'virt':
        return number(0);
      case 'pc':
        return { type: 'i64', read: () => this.frame.address(offset) };
      case 'len':
        return constant(decoded.length);
    }
    return undefined;
  }

  private callee(name: string): EngineCall | undefined {
    const load = GUEST_LOAD[name];
    if (load !== undefined) {
      const [size, opcode] = load;
      const emit: EngineCall['emit'] = (c, [address]) =>
        this.access(c, address, SOFT.loadTag, size, () => c.emit.memory(opcode, 0));
      return { result: 'i64', emit };
    }
    const store = GUEST_STORE[name];
    if (store !== undefined) {
      const [size, opcode] = store;
      const emit: EngineCall['emit'] = (c, [address, value]) =>
        this.access(c, address, SOFT.storeTag, size, () => {
          if (value !== undefined) c.expression(value, 'i64');
          c.emit.memory(opcode, 0);
        });
      return { result: undefined, emit };
    }
    const own = (emit: EngineCall['emit']): EngineCall => ({ result: undefined, emit });
    switch (name) {
      case 'jump':
        return own((c, [target]) => this.jump(c, target));
      case 'branch':
        return own((c, [condition]) => {
          const { offset, decoded, taken } = this.current;
          if (condition !== undefined) c.test(condition);
          c.emit.open(OP.if);
          this.frame.settleAside(taken);
          this.flow.goTo(offset + decoded.operands.imm);
          c.emit.close();
        });
      case 'float_illegal':
        return own(() => this.frame.interpret(this.current.offset));
    }
    return undefined;
  }

  private jump(c: Compiler, target: Expression | undefined): void {
    const { row, offset, decoded, cycles } = this.current;
    this.gone = true;
    if (row.cost === 'jump') {
      this.frame.settleAll(cycles);
      return this.flow.goTo(offset + decoded.operands.imm);
    }
    const to = c.emit.local('i64');
    if (target !== undefined) c.expression(target, 'i64');
    c.emit.set(to);
    this.frame.settleAll(cycles);
    this.flow.goToAddress(to);
    c.emit.release(to, 'i64');
  }

  /** Leaves the host address and runs `hit`, after a probe; at a miss the interpreter has the instruction. */
  private access(c: Compiler, address: Expression | undefined, tag: number, size: number, hit: () => void): void {
    const { emit } = c;
    const va = emit.local('i64');
    const entry = emit.local('i32');
    if (address !== undefined) c.expression(address, 'i64');
    emit.set(va);
    emitProbe(emit, this.frame.bank, va, entry, tag, size);
    emit.op(OP.i32Eqz);
    emit.open(OP.if);
    this.frame.interpret(this.current.offset);
    emit.close();
    emitHostAddress(emit, va, entry);
    hit();
    emit.release(entry, 'i32');
    emit.release(va, 'i64');
  }
}
