import { offsetOf } from '../hart/layout.ts';
import type { Instruction } from '../isa/instruction.ts';
import type { Decoded } from '../isa/table.ts';
import { HART } from '../wasm/compile.ts';
import { type Emitter, OP } from '../wasm/emitter.ts';

const I64_ADD = 0x7c;
const I64_GE_S = 0x59;
/** One retired instruction, and one cycle, in `p`. */
export const RETIRED = 1n;
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

/** What a block keeps in Wasm locals, and how it is entered and left: quantum counter, soft-TLB bank, x registers. */
export class BlockFrame {
  readonly bank: number;
  private readonly emit: Emitter;
  private readonly count: number;
  /** Wasm local of each x register that the block names. */
  private readonly registers = new Map<number, number>();
  /** Registers that an instruction so far may have written. */
  private readonly written = new Set<number>();

  constructor(emit: Emitter, instructions: readonly BlockInstruction[]) {
    this.emit = emit;
    this.count = emit.local('i64');
    this.bank = emit.local('i32');
    for (const { row, decoded } of instructions) {
      for (const name of ['rd', 'rs1', 'rs2'] as const) {
        const register = decoded.operands[name];
        if (row.format[name] === undefined || row.fp?.[name] || register === 0) continue;
        if (!this.registers.has(register)) this.registers.set(register, emit.local('i64'));
      }
    }
  }

  /** Nothing runs unless the whole block fits before the end of the quantum. */
  enter(instructions: readonly BlockInstruction[]): void {
    this.reloadCount();
    this.horizon(instructions, instructions[0]?.pc ?? 0n);
    this.emit.get(HART);
    this.emit.memory(OP.i32Load, offsetOf('data_bank'));
    this.emit.set(this.bank);
    for (const [register, local] of this.registers) {
      this.load('x', register);
      this.emit.set(local);
    }
  }

  /** Leaves a 64-bit field, or an element of one, on the stack. */
  load(field: string, index = 0): void {
    this.emit.get(HART);
    this.emit.memory(OP.i64Load, offsetOf(field) + 8 * index);
  }

  store(field: string, value: () => void, index = 0): void {
    this.emit.get(HART);
    value();
    this.emit.memory(OP.i64Store, offsetOf(field) + 8 * index);
  }

  /** After a function of the core, which may have charged. */
  reloadCount(): void {
    this.load('p');
    this.emit.set(this.count);
  }

  charge(cycles: number, retired = RETIRED): void {
    this.emit.get(this.count);
    this.emit.i64(BigInt(cycles) * CYCLE + retired);
    this.emit.op(I64_ADD);
    this.emit.set(this.count);
  }

  readRegister(register: number): void {
    const local = this.registers.get(register);
    if (local === undefined) this.emit.i64(0n);
    else this.emit.get(local);
  }

  /** Takes the value from the stack. */
  writeRegister(register: number): void {
    const local = this.registers.get(register);
    if (local === undefined) return this.emit.op(OP.drop);
    this.emit.set(local);
    this.written.add(register);
  }

  /** What a function of the core may look at. */
  spill(pc: bigint): void {
    this.store('pc', () => this.emit.i64(pc));
    this.store('p', () => this.emit.get(this.count));
  }

  writeBack(): void {
    for (const register of this.written) this.store('x', () => this.readRegister(register), register);
    this.store('p', () => this.emit.get(this.count));
  }

  /** Leaves the function; `pc` undefined where it is in the state already. */
  leave(exit: number, pc?: bigint): void {
    if (pc !== undefined) this.store('pc', () => this.emit.i64(pc));
    this.writeBack();
    this.emit.i32(exit);
    this.emit.op(OP.return);
  }

  /** Leaves for the interpreter at `pc` where the quantum may end before the last of `rest` is begun. */
  horizon(rest: readonly BlockInstruction[], pc: bigint): void {
    this.emit.get(this.count);
    this.emit.i64(BigInt(needed(rest)) * CYCLE);
    this.emit.op(I64_ADD);
    this.load('stop');
    this.emit.op(I64_GE_S);
    this.emit.open(OP.if);
    this.leave(EXIT.horizon, pc);
    this.emit.close();
  }
}
