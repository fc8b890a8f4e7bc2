import { CONSTANTS } from '../hart/constants.ts';
import { SITE } from '../hart/sites.ts';
import { emitHostAddress, emitProbe, GUEST_LOAD, GUEST_STORE, SOFT } from '../hart/soft-access.ts';
import { quickMask, SINK } from '../isa/predecode.ts';
import type { Expression } from '../wasm/ast.ts';
import { type Compiler, type EngineCall, type EngineName, type Environment, HART } from '../wasm/compile.ts';
import { OP } from '../wasm/emitter.ts';
import { after, CALLED, type RegionInstruction } from './region.ts';
import type { RegionFlow } from './flow.ts';
import type { RegionFrame } from './frame.ts';
import type { Sites } from './sites.ts';

const I32_ADD = 0x6a;
const I64_SUB = 0x7d;
const I64_GE_U = 0x5a;

const FLOAT_DIRTY = CONSTANTS.get('FS') ?? 0n;

/**
 * The vocabulary of instruction bodies as a region means it: operands are constants, registers are Wasm locals, jumps are
 * jumps of Wasm where they stay in the region, and what it cannot do it leaves to the interpreter.
 */
export class RegionVocabulary {
  readonly environment: Environment;
  private readonly frame: RegionFrame;
  private readonly flow: RegionFlow;
  private readonly sites: Sites;
  private instruction: RegionInstruction | undefined;
  private gone = false;
  /** The instruction has called a function of the core. */
  private called = false;
  /** Index of the function that fills a site. */
  private readonly fill: number;

  constructor(base: Environment, frame: RegionFrame, flow: RegionFlow, sites: Sites) {
    this.frame = frame;
    this.flow = flow;
    this.sites = sites;
    const [names, calls] = [this.names(), this.calls(base)];
    this.fill = base.functions.get('fill_site')?.index ?? 0;
    this.environment = { ...base, name: (name) => names[name], callee: (name) => calls[name] };
  }

  private get current(): RegionInstruction {
    if (this.instruction === undefined) throw new Error('no instruction is being compiled');
    return this.instruction;
  }

  compile(c: Compiler, instruction: RegionInstruction): void {
    this.instruction = instruction;
    this.gone = false;
    this.called = false;
    if (instruction.row.fp !== undefined) this.frame.needFloat(instruction.offset);
    c.block(instruction.row.body);
    if (!this.gone) this.frame.retire(instruction.cycles);
    if (this.called) this.frame.goOn(after(instruction));
  }

  /** Made once: what they give is looked up in the instruction at hand. */
  private names(): Record<string, EngineName> {
    const register = (file: 'x' | 'f', operand: 'rs1' | 'rs2' | 'rs3'): EngineName => ({
      type: 'i64',
      read: () => this.frame.registers.read(file, this.current.decoded.operands[operand]),
    });
    const destination = (file: 'x' | 'f'): EngineName => ({
      type: 'i64',
      read: () => {
        throw new Error('a destination is not read');
      },
      write: (_, value) => {
        value();
        this.frame.registers.write(file, this.current.decoded.operands.rd);
      },
    });
    const number = (value: () => number): EngineName => ({ type: 'i32', read: ({ emit }) => emit.i32(value()) });
    const wide = (value: () => number): EngineName => ({ type: 'i64', read: ({ emit }) => emit.i64(BigInt(value())) });
    return {
      rs1: register('x', 'rs1'),
      rs2: register('x', 'rs2'),
      frs1: register('f', 'rs1'),
      frs2: register('f', 'rs2'),
      frs3: register('f', 'rs3'),
      rd: destination('x'),
      frd: destination('f'),
      rd_number: number(() => this.current.decoded.operands.rd || SINK),
      rs1_number: number(() => this.current.decoded.operands.rs1),
      rm: number(() => this.current.decoded.operands.imm),
      quick: number(() => quickMask(this.current.decoded.operands.imm)),
      imm: wide(() => this.current.decoded.operands.imm),
      len: wide(() => this.current.decoded.length),
      pc: { type: 'i64', read: () => this.frame.address(this.current.offset) },
      // FP state is on and dirty where a region runs an FP instruction, and no other one asks for it.
      mstatus: { type: 'i64', read: ({ emit }) => emit.i64(FLOAT_DIRTY) },
      virt: number(() => 0),
    };
  }

  private calls(base: Environment): Record<string, EngineCall> {
    const load = (size: number, opcode: number): EngineCall => ({
      result: 'i64',
      emit: (c, [address]) => this.access(c, address, SOFT.loadTag, size, () => c.emit.memory(opcode, 0)),
    });
    const store = (size: number, opcode: number): EngineCall => ({
      result: undefined,
      emit: (c, [address, value]) =>
        this.access(c, address, SOFT.storeTag, size, () => {
          if (value !== undefined) c.expression(value, 'i64');
          c.emit.memory(opcode, 0);
        }),
    });
    const calls: Record<string, EngineCall> = {
      jump: { result: undefined, emit: (c, [target]) => this.jump(c, target) },
      branch: {
        result: undefined,
        emit: (c, [condition]) => {
          const { offset, decoded, taken } = this.current;
          if (condition !== undefined) c.test(condition);
          c.emit.open(OP.if);
          this.frame.settleAside(taken);
          this.flow.goTo(offset + decoded.operands.imm);
          c.emit.close();
        },
      },
      resume: {
        result: undefined,
        emit: () => this.frame.resume(this.current.cycles, after(this.current)),
      },
      float_illegal: { result: undefined, emit: () => this.frame.interpret(this.current.offset) },
    };
    for (const name of CALLED) {
      calls[name] = {
        // Asked for, a function is imported.
        get result() {
          return base.functions.get(name)?.signature.result;
        },
        emit: (c, args) => {
          this.called = true;
          this.frame.expose(this.current.offset);
          c.callFunction(name, args);
          this.frame.renew(this.current.offset);
        },
      };
    }
    for (const [name, [size, opcode]] of Object.entries(GUEST_LOAD)) calls[name] = load(size, opcode);
    for (const [name, [size, opcode]] of Object.entries(GUEST_STORE)) calls[name] = store(size, opcode);
    return calls;
  }

  private jump(c: Compiler, target: Expression | undefined): void {
    const { row, offset, decoded, cycles } = this.current;
    this.gone = true;
    if (row.cost === 'jump') {
      this.frame.settle(cycles);
      return this.flow.goTo(offset + decoded.operands.imm);
    }
    const to = c.emit.local('i64');
    if (target !== undefined) c.expression(target, 'i64');
    c.emit.set(to);
    this.frame.settle(cycles);
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
    const site = this.sites.of(this.current.offset);
    if (site !== undefined) {
      this.visit(c, site, va, tag, size);
    } else {
      emitProbe(emit, this.frame.bank, va, entry, tag, size);
      emit.op(OP.i32Eqz);
      emit.openUnlikely();
      this.frame.interpret(this.current.offset);
      emit.close();
      emitHostAddress(emit, va, entry);
    }
    hit();
    emit.release(entry, 'i32');
    emit.release(va, 'i64');
  }

  /** Leaves the host address by the span that the site keeps, or that it gets from the soft-TLB. */
  private visit({ emit }: Compiler, site: number, va: number, tag: number, size: number): void {
    const from = emit.local('i64');
    const measure = (): void => {
      emit.get(va);
      emit.i32(0);
      emit.memory(OP.i64Load, site + SITE.base);
      emit.op(I64_SUB);
    };
    measure();
    emit.tee(from);
    emit.i32(0);
    emit.memory(OP.i64Load32u, site + SITE.limit);
    emit.op(I64_GE_U);
    emit.openUnlikely();
    emit.get(HART);
    emit.get(va);
    emit.i32(site);
    emit.i32(size);
    emit.i32(tag);
    emit.call(this.fill);
    emit.op(OP.i32Eqz);
    emit.openUnlikely();
    this.frame.interpret(this.current.offset);
    emit.close();
    measure();
    emit.set(from);
    emit.close();
    emit.get(from);
    emit.op(OP.i32WrapI64);
    emit.i32(0);
    emit.memory(OP.i32Load, site + SITE.host);
    emit.op(I32_ADD);
    emit.release(from, 'i64');
  }
}
