import { offsetOf } from '../hart/layout.ts';
import { HART } from '../wasm/compile.ts';
import { type Emitter, type Label, OP } from '../wasm/emitter.ts';
import type { Region, RegionInstruction } from './region.ts';
import type { Sites } from './sites.ts';

const I64_ADD = 0x7c;
const I64_SUB = 0x7d;
const I64_GT_S = 0x55;
const CYCLE = 1n << 20n;
const RETIRED = 1n;

/** Parameter 1: the entry, counted from 1; in loops, where control is dealt to. */
export const ENTRY = 1;

/** How a region was left. State is written back each time. */
export const EXIT = {
  /** `pc` was arrived at: whatever is there runs. */
  arrived: 0,
  /** The instruction at `pc`, in the same page, is for the interpreter; nothing of it has happened. */
  interpret: 1,
} as const;

type File = 'x' | 'f';
const FILE = 32;
const registerOf = (file: File, number: number): number => (file === 'x' ? number : FILE + number);
const OPERANDS = ['rd', 'rs1', 'rs2', 'rs3'] as const;
type Operand = (typeof OPERANDS)[number];

/** The register file that an operand of an instruction names, if the instruction has it. */
export function fileOf({ row }: RegionInstruction, operand: Operand): File | undefined {
  if (row.format[operand] === undefined) return undefined;
  if (operand === 'rs3') return 'f';
  return row.fp?.[operand] ? 'f' : 'x';
}

/** What a region keeps in Wasm locals, and how it is entered and left: registers, the quantum's counter, page, soft-TLB bank. */
export class RegionFrame {
  readonly bank: number;
  readonly pageVa: number;
  readonly codeBase: number;
  private readonly emit: Emitter;
  /** `p` less what it may be where the longest way begins, which is `limit`: 0 or less where the quantum has room for it. */
  private readonly count: number;
  private readonly limit: number;
  private readonly pc: number;
  private readonly exit: number;
  /** Not 0 where FP state is on and dirty, in V = 1 for the guest, too; undefined where no instruction asks. */
  private readonly floatDirty: number | undefined;
  /** Wasm local of each register that the region names: x0 to x31, then f0 to f31. */
  private readonly registers = new Map<number, number>();
  private readonly written = new Set<number>();
  private leaving: Label | undefined;
  /** Way out of the block at hand for what the interpreter has to run. */
  private aside: Label | undefined;
  /** What the instructions of the block so far have added to `p`, and `count` does not hold yet. */
  private due = 0n;

  constructor(emit: Emitter, region: Region) {
    this.emit = emit;
    this.count = emit.local('i64');
    this.limit = emit.local('i64');
    this.pageVa = emit.local('i64');
    this.pc = emit.local('i64');
    this.bank = emit.local('i32');
    this.codeBase = emit.local('i32');
    this.exit = emit.local('i32');
    const float = region.blocks.some(({ instructions }) => instructions.some(({ row }) => row.fp !== undefined));
    this.floatDirty = float ? emit.local('i32') : undefined;
    for (const { instructions } of region.blocks) {
      for (const instruction of instructions) {
        for (const operand of OPERANDS) {
          const file = fileOf(instruction, operand);
          const number = instruction.decoded.operands[operand];
          if (file === undefined || (file === 'x' && number === 0)) continue;
          const key = registerOf(file, number);
          if (!this.registers.has(key)) this.registers.set(key, emit.local('i64'));
          if (operand === 'rd') this.written.add(key);
        }
      }
    }
  }

  /**
   * @param floatDirty leaves on the stack whether FP state is on and dirty
   * @param longest cycles on the longest way between two looks at the counter: the quantum must have room for it
   */
  enter(longest: number, sites: Sites, emptySites: number, floatDirty: () => void): void {
    const { emit } = this;
    this.load('p');
    this.load('stop');
    emit.i64(BigInt(longest) * CYCLE);
    emit.op(I64_SUB);
    emit.tee(this.limit);
    emit.op(I64_SUB);
    emit.set(this.count);
    this.pastLimit();
    emit.openUnlikely();
    emit.i32(EXIT.interpret);
    emit.op(OP.return);
    emit.close();
    this.load('page_va');
    emit.set(this.pageVa);
    for (const [field, local] of [
      ['data_bank', this.bank],
      ['code_base', this.codeBase],
    ] as const) {
      emit.get(HART);
      emit.memory(OP.i32Load, offsetOf(field));
      emit.set(local);
    }
    sites.enter(emit, this.bank, emptySites);
    for (const [key, local] of this.registers) {
      emit.get(HART);
      emit.memory(OP.i64Load, this.place(key));
      emit.set(local);
    }
    if (this.floatDirty !== undefined) {
      floatDirty();
      emit.set(this.floatDirty);
    }
    this.leaving = emit.open(OP.block);
  }

  /** The one way out. */
  close(): void {
    const { emit } = this;
    emit.close();
    for (const key of this.written) {
      emit.get(HART);
      emit.get(this.registers.get(key) ?? 0);
      emit.memory(OP.i64Store, this.place(key));
    }
    emit.get(HART);
    emit.get(this.count);
    emit.get(this.limit);
    emit.op(I64_ADD);
    emit.memory(OP.i64Store, offsetOf('p'));
    emit.get(HART);
    emit.get(this.pc);
    emit.memory(OP.i64Store, offsetOf('pc'));
    emit.get(this.exit);
  }

  private place(key: number): number {
    return offsetOf(key < FILE ? 'x' : 'f') + 8 * (key % FILE);
  }

  private load(field: string): void {
    this.emit.get(HART);
    this.emit.memory(OP.i64Load, offsetOf(field));
  }

  /** Leaves the value of a register on the stack. */
  read(file: File, register: number): void {
    const local = this.registers.get(registerOf(file, register));
    if (local === undefined) this.emit.i64(0n);
    else this.emit.get(local);
  }

  /** Takes the value from the stack. */
  write(file: File, register: number): void {
    const local = this.registers.get(registerOf(file, register));
    if (local === undefined) this.emit.op(OP.drop);
    else this.emit.set(local);
  }

  /** Leaves the virtual address of an offset of the page on the stack; the offset may lie outside. */
  address(offset: number): void {
    this.emit.get(this.pageVa);
    this.emit.i64(BigInt(offset));
    this.emit.op(I64_ADD);
  }

  /** An instruction has run. */
  retire(cycles: number): void {
    this.due += BigInt(cycles) * CYCLE + RETIRED;
  }

  /**
   * Brings the counter up to date on a way that leaves here, with `cycles` of the instruction that takes it; the instructions
   * that follow are on another.
   */
  settleAside(cycles?: number): void {
    const sum = this.due + (cycles === undefined ? 0n : BigInt(cycles) * CYCLE + RETIRED);
    if (sum === 0n) return;
    this.emit.get(this.count);
    this.emit.i64(sum);
    this.emit.op(I64_ADD);
    this.emit.set(this.count);
  }

  /** Brings the counter up to date for what follows, too. */
  settle(cycles?: number): void {
    this.settleAside(cycles);
    this.due = 0n;
  }

  /** Leaves on the stack whether the quantum has no room for the longest way. */
  pastLimit(): void {
    this.emit.get(this.count);
    this.emit.i64(0n);
    this.emit.op(I64_GT_S);
  }

  /** Goes out, to the address that `pc` leaves on the stack; the counter is up to date. */
  leave(exit: number, pc: () => void): void {
    if (this.leaving === undefined) throw new Error('a region is left before it is entered');
    pc();
    this.emit.set(this.pc);
    this.emit.i32(exit);
    this.emit.set(this.exit);
    this.emit.br(this.leaving);
  }

  /** An FP instruction comes: only where nothing about the FP state will have to be asked or noted. */
  needFloat(offset: number): void {
    if (this.floatDirty === undefined) throw new Error('a region did not expect an FP instruction');
    this.emit.get(this.floatDirty);
    this.emit.op(OP.i32Eqz);
    this.emit.openUnlikely();
    this.interpret(offset);
    this.emit.close();
  }

  /**
   * Emits the body of a block with one way out for all its instructions that go to the interpreter: most registers are the
   * same on all of them, so that little is to be merged, of which the host's compiler does most of its work.
   */
  block(body: () => void): void {
    const { emit } = this;
    const done = emit.open(OP.block);
    this.aside = emit.open(OP.block);
    body();
    emit.br(done);
    emit.close();
    this.aside = undefined;
    this.leave(EXIT.interpret, () => emit.get(this.pc));
    emit.close();
  }

  /** Hands the instruction at this offset to the interpreter. */
  interpret(offset: number): void {
    this.settleAside();
    if (this.aside === undefined) return this.leave(EXIT.interpret, () => this.address(offset));
    this.address(offset);
    this.emit.set(this.pc);
    this.emit.br(this.aside);
  }
}
