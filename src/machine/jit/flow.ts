import { PAGE } from '../hart/layout.ts';
import { EXIT } from '../hart/region-entry.ts';
import { CODE, OPERATION } from '../isa/predecode.ts';
import { type Emitter, type Label, OP } from '../wasm/emitter.ts';
import type { Region, RegionBlock } from './region.ts';
import { ENTRY, type RegionFrame } from './frame.ts';
import { blockNumbers, firstOf, holds, type Item, type Scope, structure, successors } from './structure.ts';

const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_AND = 0x71;
const I32_SHL = 0x74;
const I64_AND = 0x83;
const I64_EQ = 0x51;
const I64_EQZ = 0x50;
const I64_XOR = 0x85;
const I64_SHR_U = 0x88;

/** A scope under construction: where its loop begins, and the label before each item that has not begun. */
interface Open {
  readonly scope: Scope;
  readonly again: Label;
  readonly before: readonly (Label | undefined)[];
  /** Item being emitted. */
  at: number;
}

/** Control flow of a region: nested loops and blocks of Wasm, and jumps to whatever can be entered through the outermost. */
export class RegionFlow {
  private readonly region: Region;
  private readonly emit: Emitter;
  private readonly frame: RegionFrame;
  private readonly numbers: ReadonlyMap<number, number>;
  /** What `OPERATION.charge` says where this region can be entered. */
  private readonly id: number;
  private readonly scopes: Open[] = [];

  constructor(region: Region, emit: Emitter, frame: RegionFrame, id: number) {
    this.region = region;
    this.emit = emit;
    this.frame = frame;
    this.numbers = blockNumbers(region);
    this.id = id;
  }

  /** Cycles on the longest way between two looks at the counter: those are at entries and jumps back. */
  longest(): number {
    const { blocks } = this.region;
    const from = blocks.map(() => 0);
    for (let block = blocks.length - 1; block >= 0; block--) {
      const own = (blocks[block] as RegionBlock).instructions.reduce(
        (sum, { cycles, taken }) => sum + Math.max(cycles, taken),
        0,
      );
      const on = successors(this.region, this.numbers, block).map((to) => (to > block ? (from[to] ?? 0) : 0));
      from[block] = own + Math.max(0, ...on);
    }
    return Math.max(...from);
  }

  /** Emits every block by `body`, each in its place. */
  emitAll(body: (block: RegionBlock) => void): void {
    this.emitScope(structure(this.region), body);
  }

  private emitScope(scope: Scope, body: (block: RegionBlock) => void): void {
    const { emit } = this;
    const again = emit.open(OP.loop);
    const before = scope.items.map(() => emit.open(OP.block)).reverse();
    if (scope.dealt) {
      const labels: Label[] = [];
      scope.items.forEach((item, i) => {
        const last = typeof item === 'number' ? item : item.last;
        for (let block = firstOf(item); block <= last; block++) labels.push(before[i] as Label);
      });
      // Around the loop again, or in by its head: nothing to look up.
      emit.get(ENTRY);
      emit.op(OP.i32Eqz);
      emit.brIf(before[0] as Label);
      emit.get(ENTRY);
      emit.i32(scope.first + 1);
      emit.op(I32_SUB);
      emit.brTable(labels, before[0] as Label);
    } else {
      emit.br(before[0] as Label);
    }
    const open: Open = { scope, again, before, at: 0 };
    this.scopes.push(open);
    scope.items.forEach((item, i) => {
      emit.close();
      open.at = i;
      this.emitItem(item, body);
    });
    this.scopes.pop();
    emit.close();
  }

  private emitItem(item: Item, body: (block: RegionBlock) => void): void {
    if (typeof item !== 'number') return this.emitScope(item, body);
    const block = this.region.blocks[item] as RegionBlock;
    this.frame.block(() => body(block));
    if (block.falls === undefined) return;
    this.frame.settle();
    // The next block in the order of addresses follows here by itself.
    const next = this.numbers.get(block.falls);
    if (next === item + 1) return;
    // In line, and never to be compiled: not an arrival.
    if (block.handsOver && block.falls < PAGE) return this.frame.interpret(block.falls);
    this.goTo(block.falls);
  }

  /** Goes on at an offset, which may lie outside the page. The counter is up to date. */
  goTo(offset: number): void {
    const block = this.numbers.get(offset);
    if (block === undefined) return this.frame.leave(EXIT.arrived, () => this.frame.address(offset));
    const open = this.scopes.findLast(({ scope }) => holds(scope, block));
    if (open === undefined) throw new Error(`no scope holds block ${block}`);
    const item = open.scope.items.findIndex((one) => holds(one, block));
    const to = open.scope.items[item];
    if (item > open.at && to !== undefined) {
      if (firstOf(to) !== block) this.setEntry(block + 1);
      return this.emit.br(open.before[item] as Label);
    }
    // Back to the head of the loop: only where the quantum has room for another turn.
    this.frame.pastLimit();
    this.emit.openUnlikely();
    this.frame.leave(EXIT.interpret, () => this.frame.address(offset));
    this.emit.close();
    this.setEntry(0);
    this.emit.br(open.again);
  }

  private setEntry(entry: number): void {
    this.emit.i32(entry);
    this.emit.set(ENTRY);
  }

  /** Goes on at the address in local `to`: in the region where it can be entered there. The counter is up to date. */
  goToAddress(to: number): void {
    const { emit, frame } = this;
    const word = emit.local('i64');
    emit.get(to);
    emit.get(frame.pageVa);
    emit.op(I64_XOR);
    emit.i64(~0xfffn);
    emit.op(I64_AND);
    emit.op(I64_EQZ);
    emit.open(OP.if);
    emit.get(frame.codeBase);
    emit.get(to);
    emit.op(OP.i32WrapI64);
    emit.i32(0xffe);
    emit.op(I32_AND);
    emit.i32(3);
    emit.op(I32_SHL);
    emit.op(I32_ADD);
    emit.memory(OP.i64Load, OPERATION.code);
    emit.tee(word);
    // The operation there says that a region can be entered, and that it is this one.
    emit.i64(0xffff_ffff_0000_ffffn);
    emit.op(I64_AND);
    emit.i64((BigInt(this.id) << 32n) | BigInt(CODE.region));
    emit.op(I64_EQ);
    emit.open(OP.if);
    frame.pastLimit();
    emit.openUnlikely();
    frame.leave(EXIT.interpret, () => emit.get(to));
    emit.close();
    emit.get(word);
    emit.i64(16n);
    emit.op(I64_SHR_U);
    emit.op(OP.i32WrapI64);
    emit.i32(0xffff);
    emit.op(I32_AND);
    emit.set(ENTRY);
    emit.br((this.scopes[0] as Open).again);
    emit.close();
    emit.close();
    emit.release(word, 'i64');
    frame.leave(EXIT.arrived, () => emit.get(to));
  }
}
