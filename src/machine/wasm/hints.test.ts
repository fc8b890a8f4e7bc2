import { describe, expect, it } from 'vitest';
import { Emitter, OP } from './emitter.ts';
import { ModuleBuilder } from './module.ts';

const SECTION = 'metadata.code.branch_hint';
const SIGNATURE = { parameters: ['i32' as const], result: 'i32' as const };

/** A module whose second function has two unlikely branches, and locals enough for a long preamble. */
function hinted(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  builder.importFunction('imported', SIGNATURE);
  const plain = new Emitter(1);
  plain.get(0);
  const emit = new Emitter(1);
  for (let i = 0; i < 300; i++) emit.local(i % 2 === 0 ? 'i64' : 'i32');
  for (const result of [1, 2]) {
    emit.get(0);
    emit.i32(result);
    emit.op(0x46);
    emit.openUnlikely();
    emit.i32(result * 10);
    emit.op(OP.return);
    emit.close();
  }
  emit.i32(0);
  builder.define(builder.declareFunction('plain', SIGNATURE), plain.body());
  builder.define(builder.declareFunction('hinted', SIGNATURE), emit.body());
  return builder.build();
}

/** An unsigned LEB128 number and where it ends. */
function unsigned(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

/** Where the content of each section begins, by its number. */
function sections(bytes: Uint8Array): Map<number, number> {
  const starts = new Map<number, number>();
  for (let at = 8; at < bytes.length; ) {
    const [length, start] = unsigned(bytes, at + 1);
    starts.set(bytes[at] ?? 0, start);
    at = start + length;
  }
  return starts;
}

describe('hints of branches', () => {
  it('lead to instructions `if`, counted from the declarations of the locals', () => {
    const bytes = hinted();
    const starts = sections(bytes);
    // One function, the third of the module with its import; two hints of one byte each, which is 0.
    let at = (starts.get(0) ?? 0) + 1 + SECTION.length;
    expect(new TextDecoder().decode(bytes.subarray(at - SECTION.length, at))).toBe(SECTION);
    expect([...bytes.subarray(at, at + 3)]).toEqual([1, 2, 2]);
    at += 3;
    const offsets = [1, 2].map(() => {
      const [offset, end] = unsigned(bytes, at);
      expect([...bytes.subarray(end, end + 2)]).toEqual([1, 0]);
      at = end + 2;
      return offset;
    });
    // Two bodies, each with its length before it; the second is the one that is meant.
    const [first, firstBody] = unsigned(bytes, (starts.get(10) ?? 0) + 1);
    const [, body] = unsigned(bytes, firstBody + first);
    expect(offsets.map((offset) => bytes[body + offset])).toEqual([OP.if, OP.if]);
  });

  it('change nothing of what a function means', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(hinted()), {
      env: { memory, imported: () => 0 },
    });
    const run = exports.hinted as (value: number) => number;
    expect([0, 1, 2].map(run)).toEqual([0, 10, 20]);
  });
});
