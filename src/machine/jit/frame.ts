import { offsetOf } from '../hart/layout.ts';
import { EXIT } from '../hart/region-entry.ts';
import { HART } from '../wasm/compile.ts';
import { type Emitter, type Label, OP } from '../wasm/emitter.ts';
import type { Region } from './region.ts';
import { RegionRegisters } from './registers.ts';
import type { Sites } from './sites.ts';

const I64_ADD = 0x7c;
const I64_SUB = 0x7d;
const I64_GT_S = 0x55;
const I32_EQ = 0x46;
const CYCLE = 1n << 20n;
const RETIRED = 1n;

/** Parameter 1: the entry, counted from 1; in loops, where control is dealt to. */
export const ENTRY = 1;

/** In local `exit`: the instruction at hand has left an exception. */
const TRAP = 3;

/** What is asked where a region is entered, and again after calls. */
interface Way {
  /** Cycles on the longest way between two looks at the counter: the quantum must have room for it. */
  readonly longest: number;
  readonly sites: Sites;
  /** Number of `empty_sites`. */
  readonly emptySites: number;
  /** Number of `take_exception`. */
  readonly takeException: () => number;
  /** Leaves on the stack whether FP state is on and dirty. */
  readonly floatDirty: () => void;
}

/** What a region keeps in Wasm locals, and how it is entered and left: the quantum's counter, page, soft-TLB bank, registers. */
export class RegionFrame {
  readonly bank: number;
  readonly pageVa: number;
  readonly codeBase: number;
  readonly registers: RegionRegisters;
  private readonly emit: Emitter;
  /** `p` less what it may be where the longest way begins, which is `limit`: 0 or less where the quantum has room for it. */
  private readonly count: number;
  private readonly limit: number;
  private readonly pc: number;
  private readonly exit: number;
  /** Not 0 where FP state is on and dirty, in V = 1 for the guest, too; undefined where no instruction asks. */
  private readonly floatDirty: number | undefined;
  private leaving: Label | undefined;
  /** Way out of the block at hand for what the interpreter has to run. */
  private aside: Label | undefined;
  private way: Way | undefined;
  private calls = false;
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
    this.registers = new RegionRegisters(emit, region);
  }

  enter(way: Way): void {
    const { emit } = this;
    this.way = way;
    this.look();
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
    way.sites.enter(emit, this.bank, way.emptySites);
    this.registers.load();
    this.askFloat();
    this.leaving = emit.open(OP.block);
  }

  private get entered(): Way {
    if (this.way === undefined) throw new Error('a region is not entered yet');
    return this.way;
  }

  /** Takes the counter, and where the quantum ends, from the state; `due` is in there already. */
  private look(): void {
    const { emit } = this;
    this.load('p');
    if (this.due !== 0n) {
      emit.i64(this.due);
      emit.op(I64_SUB);
    }
    this.load('stop');
    emit.i64(BigInt(this.entered.longest) * CYCLE);
    emit.op(I64_SUB);
    emit.tee(this.limit);
    emit.op(I64_SUB);
    emit.set(this.count);
  }

  private askFloat(): void {
    if (this.floatDirty === undefined) return;
    this.entered.floatDirty();
    this.emit.set(this.floatDirty);
  }

  /** The one way out. */
  close(): void {
    const { emit } = this;
    emit.close();
    this.registers.store();
    emit.get(HART);
    emit.get(this.count);
    emit.get(this.limit);
    emit.op(I64_ADD);
    emit.memory(OP.i64Store, offsetOf('p'));
    emit.get(HART);
    emit.get(this.pc);
    emit.memory(OP.i64Store, offsetOf('pc'));
    if (this.calls) this.takeException();
    emit.get(this.exit);
  }

  private takeException(): void {
    const { emit } = this;
    emit.get(this.exit);
    emit.i32(TRAP);
    emit.op(I32_EQ);
    emit.openUnlikely();
    emit.get(HART);
    emit.call(this.entered.takeException());
    emit.i32(EXIT.anew);
    emit.set(this.exit);
    emit.close();
  }

  private load(field: string): void {
    this.emit.get(HART);
    this.emit.memory(OP.i64Load, offsetOf(field));
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

  /** Before a function of the core: it finds the state as the interpreter would show it, but for registers. */
  expose(offset: number): void {
    const { emit } = this;
    this.calls = true;
    emit.get(HART);
    this.address(offset);
    emit.memory(OP.i64Store, offsetOf('pc'));
    emit.get(HART);
    emit.get(this.count);
    emit.get(this.limit);
    emit.op(I64_ADD);
    emit.i64(this.due);
    emit.op(I64_ADD);
    emit.memory(OP.i64Store, offsetOf('p'));
  }

  /** After it: it may have taken time, ended the quantum, changed the soft-TLBs, FP state, or left an exception. */
  renew(offset: number): void {
    const { emit } = this;
    this.look();
    this.askFloat();
    this.entered.sites.enter(emit, this.bank, this.entered.emptySites);
    emit.get(HART);
    emit.memory(OP.i32Load, offsetOf('exception'));
    emit.openUnlikely();
    this.settleAside();
    this.leave(TRAP, () => this.address(offset));
    emit.close();
  }

  /** The instruction at hand ends here, with so many cycles, and all that is kept of the state ends with it. */
  resume(cycles: number, next: number): void {
    this.settleAside(cycles);
    this.leave(EXIT.anew, () => this.address(next));
  }

  /** After an instruction that called one: on to the next, at this offset, only where the quantum still has room for the longest way. */
  goOn(offset: number): void {
    const { emit } = this;
    emit.get(this.count);
    emit.i64(-this.due);
    emit.op(I64_GT_S);
    emit.openUnlikely();
    this.settleAside();
    this.leave(EXIT.anew, () => this.address(offset));
    emit.close();
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
