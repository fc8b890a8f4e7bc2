import { type Body, VALUE_CODE, type ValueType } from './module.ts';
import { Writer } from './writer.ts';

/** Opcodes of the WebAssembly core specification, section 5.4, by their text names. */
export const OP = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i64Load: 0x29,
  i32Load8u: 0x2d,
  i32Load16u: 0x2f,
  i64Load8u: 0x31,
  i64Load16u: 0x33,
  i64Load32s: 0x34,
  i64Load32u: 0x35,
  i32Store: 0x36,
  i64Store: 0x37,
  i32Store8: 0x3a,
  i32Store16: 0x3b,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i64Eqz: 0x50,
  i64Ne: 0x52,
  i32WrapI64: 0xa7,
  i64ExtendI32s: 0xac,
  i64ExtendI32u: 0xad,
} as const;

/** A place a branch can go to: the nesting depth of its block. */
export interface Label {
  readonly depth: number;
}

/** One function body under construction: code, locals, and the nesting of blocks. */
export class Emitter {
  readonly code = new Writer(1 << 12);
  private depth = 0;
  private readonly parameterCount: number;
  private readonly localTypes: ValueType[] = [];
  private readonly free: Record<ValueType, number[]> = { i32: [], i64: [] };
  /** Where in the code each unlikely `if` is. */
  private readonly unlikely: number[] = [];

  constructor(parameterCount: number) {
    this.parameterCount = parameterCount;
  }

  /** A local of that type, reused after `release`; its value is whatever was left there. */
  local(type: ValueType): number {
    const reused = this.free[type].pop();
    if (reused !== undefined) return reused;
    this.localTypes.push(type);
    return this.parameterCount + this.localTypes.length - 1;
  }

  release(index: number, type: ValueType): void {
    this.free[type].push(index);
  }

  op(opcode: number): void {
    this.code.byte(opcode);
  }

  get(local: number): void {
    this.code.byte(OP.localGet);
    this.code.unsigned(local);
  }

  set(local: number): void {
    this.code.byte(OP.localSet);
    this.code.unsigned(local);
  }

  tee(local: number): void {
    this.code.byte(OP.localTee);
    this.code.unsigned(local);
  }

  i32(value: number): void {
    this.code.byte(OP.i32Const);
    this.code.signed32(value);
  }

  i64(value: bigint): void {
    this.code.byte(OP.i64Const);
    this.code.signed64(value);
  }

  /** A load or store; the alignment hint is 1 byte, since operands may lie anywhere. */
  memory(opcode: number, offset: number): void {
    this.code.byte(opcode);
    this.code.unsigned(0);
    this.code.unsigned(offset);
  }

  call(index: number): void {
    this.code.byte(OP.call);
    this.code.unsigned(index);
  }

  /** Through the module's one table; the index is on the stack. */
  callIndirect(type: number): void {
    this.code.byte(OP.callIndirect);
    this.code.unsigned(type);
    this.code.byte(0);
  }

  /** Fills memory: address, byte and length are on the stack. */
  fill(): void {
    this.code.byte(0xfc);
    this.code.unsigned(11);
    this.code.byte(0);
  }

  open(opcode: number, result?: ValueType): Label {
    this.code.byte(opcode);
    this.code.byte(result === undefined ? 0x40 : VALUE_CODE[result]);
    this.depth++;
    return { depth: this.depth };
  }

  /** An `if` that the engine may take for rare. */
  openUnlikely(): Label {
    this.unlikely.push(this.code.length);
    return this.open(OP.if);
  }

  else(): void {
    this.code.byte(OP.else);
  }

  close(): void {
    this.code.byte(OP.end);
    this.depth--;
  }

  br(label: Label): void {
    this.code.byte(OP.br);
    this.code.unsigned(this.depth - label.depth);
  }

  brIf(label: Label): void {
    this.code.byte(OP.brIf);
    this.code.unsigned(this.depth - label.depth);
  }

  brTable(labels: readonly Label[], otherwise: Label): void {
    this.code.byte(OP.brTable);
    this.code.unsigned(labels.length);
    for (const label of labels) this.code.unsigned(this.depth - label.depth);
    this.code.unsigned(this.depth - otherwise.depth);
  }

  /** The finished body: run-length encoded locals, code, end; and where in it each unlikely `if` is. */
  body(): Body {
    const out = new Writer(this.code.length + 64);
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.localTypes) {
      const last = runs.at(-1);
      if (last !== undefined && last.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    out.unsigned(runs.length);
    for (const run of runs) {
      out.unsigned(run.count);
      out.byte(VALUE_CODE[run.type]);
    }
    const start = out.length;
    out.append(this.code.bytes, this.code.length);
    out.byte(OP.end);
    return { bytes: out.done(), unlikely: this.unlikely.map((at) => start + at) };
  }
}
