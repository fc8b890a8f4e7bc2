import { describe, expect, it } from 'vitest';
import { compileFunction, type Environment, type Field, signatureOf } from './compile.ts';
import { ModuleBuilder, type Signature } from './module.ts';
import { parseExpression, parseFunctions, parseStatements, SemanticsError } from './parse.ts';
import { Writer } from './writer.ts';

type Callable = (hart: number, ...args: (number | bigint)[]) => number | bigint | undefined;

const FIELDS: ReadonlyMap<string, Field> = new Map([
  ['narrow', { offset: 0, width: 1 }],
  ['half', { offset: 2, width: 2 }],
  ['word', { offset: 4, width: 4 }],
  ['wide', { offset: 8, width: 8 }],
  ['table', { offset: 64, width: 8 }],
]);
/** Where the hart of a test lies in memory. */
const HART = 256;

function compile(source: string): { functions: Record<string, Callable>; view: DataView } {
  const nodes = parseFunctions(source);
  const builder = new ModuleBuilder();
  const functions = new Map<string, { index: number; signature: Signature }>();
  const double = { parameters: ['i32' as const, 'i64' as const], result: 'i64' as const };
  functions.set('double', { index: builder.importFunction('double', double), signature: double });
  for (const node of nodes) {
    const signature = signatureOf(node);
    functions.set(node.name, { index: builder.declareFunction(node.name, signature), signature });
  }
  const environment: Environment = { fields: FIELDS, constants: new Map([['SEVEN', 7n]]), functions };
  for (const node of nodes) builder.define(functions.get(node.name)?.index ?? 0, compileFunction(node, environment));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.build()), {
    env: { memory, double: (_hart: number, value: bigint) => value * 2n },
  });
  return { functions: exports as Record<string, Callable>, view: new DataView(memory.buffer) };
}

/** Value of an expression over a: i64, b: i64, n: i32. */
function value(expression: string, a = 0n, b = 0n, n = 0, result: 'i32' | 'i64' = 'i64'): number | bigint | undefined {
  return compile(`fn f(a: i64, b: i64, n: i32): ${result} { return ${expression}; }`).functions.f?.(HART, a, b, n);
}

describe('expressions', () => {
  it('bind as in C, except that & ^ | bind tighter than comparisons', () => {
    expect(value('1 + 2 * 3 - 4 / 2')).toBe(5n);
    expect(value('a & 6 == 2', 2n, 0n, 0, 'i32')).toBe(1);
    expect(value('a | 4 ^ 1 & 3', 8n)).toBe(13n);
    expect(value('1 << 2 + 1')).toBe(8n);
    expect(value('a < b && b < 10 || 0', 1n, 2n, 0, 'i32')).toBe(1);
    expect(value('-a + ~b', 1n, 2n)).toBe(-4n);
    expect(value('10 - 3 - 2')).toBe(5n);
    expect(value('(10 - (3 - 2)) % 4')).toBe(1n);
  });

  it('tell signed from unsigned', () => {
    expect(value('a < b', -1n, 1n, 0, 'i32')).toBe(1);
    expect(value('a <u b', -1n, 1n, 0, 'i32')).toBe(0);
    expect(value('a >=u b', -1n, 1n, 0, 'i32')).toBe(1);
    expect(value('a / b', -7n, 2n)).toBe(-3n);
    expect(value('a /u b', -7n, 2n)).toBe((2n ** 64n - 7n) / 2n);
    expect(value('a % b', -7n, 2n)).toBe(-1n);
    expect(value('a %u b', -7n, 4n)).toBe(1n);
    expect(value('a >> 1', -4n)).toBe(-2n);
    expect(value('a >>> 1', -4n)).toBe(2n ** 63n - 2n);
  });

  it('convert between widths', () => {
    expect(value('i32(a)', 0x1_8000_0000n, 0n, 0, 'i32')).toBe(-0x80000000);
    expect(value('s64(n)', 0n, 0n, -1)).toBe(-1n);
    expect(value('u64(n)', 0n, 0n, -1)).toBe(0xffffffffn);
    expect(value('sext8(a)', 0x80n)).toBe(-128n);
    expect(value('sext16(a)', 0x18000n)).toBe(-0x8000n);
    expect(value('sext32(a)', 0x1_8000_0000n)).toBe(-0x80000000n);
    expect(value('a << n', 1n, 0n, 40)).toBe(1n << 40n);
  });

  it('choose, and stop early in && and ||', () => {
    expect(value('a == 0 ? 1 : b', 0n, 5n)).toBe(1n);
    expect(value('a == 0 ? 1 : b == 5 ? 2 : 3', 1n, 5n)).toBe(2n);
    const { functions, view } = compile(
      'fn touch(): i32 { word = word + 1; return 1; } fn f(): i32 { return (0 && touch()) + (1 || touch()); }',
    );
    expect(functions.f?.(HART)).toBe(1);
    expect(view.getUint32(HART + 4, true)).toBe(0);
  });

  it('know constants, fields, addresses and functions', () => {
    const { functions, view } = compile(`
      fn sum(): i64 { return wide + u64(word) + u64(half) + u64(narrow) + SEVEN; }
      fn set(v: i64) { wide = v; word = i32(v); half = i32(v); narrow = i32(v); }
      fn at(i: i32): i64 { return raw64(&table + (i << 3)); }
      fn put(i: i32, v: i64) { put64(&table + (i << 3), v); put32l(&table + 24, v); put8(&table + 32, 258); }
      fn twice(v: i64): i64 { return double(double(v)); }`);
    functions.set?.(HART, 0x1_0002_0304n);
    expect([view.getUint8(HART), view.getUint16(HART + 2, true), view.getUint32(HART + 4, true)]).toEqual([
      4, 0x304, 0x20304,
    ]);
    expect(functions.sum?.(HART)).toBe(0x1_0002_0304n + 0x20304n + 0x304n + 4n + 7n);
    functions.put?.(HART, 1, -2n);
    expect(functions.at?.(HART, 1)).toBe(-2n);
    expect(view.getBigUint64(HART + 64 + 24, true)).toBe(0xfffffffen);
    expect(view.getUint8(HART + 64 + 32)).toBe(2);
    expect(functions.twice?.(HART, 3n)).toBe(12n);
  });
});

describe('statements', () => {
  it('loop, break, continue and return', () => {
    const { functions } = compile(`
      fn f(n: i32): i32 {
        let sum: i32 = 0;
        let i: i32 = 0;
        while (1) {
          i += 1;
          if (i > n) { break; }
          if (i == 3) { continue; }
          let square = i * i;
          if (square > 99) { return -1; } else sum += square;
        }
        return sum;
      }`);
    expect(functions.f?.(HART, 4)).toBe(1 + 4 + 16);
    expect(functions.f?.(HART, 10)).toBe(-1);
  });

  it('assign with every operator', () => {
    const { functions } = compile(
      'fn f(v: i64): i64 { v += 1; v -= 3; v *= 5; v <<= 2; v >>= 1; v |= 1; v &= 0xff; v ^= 2; v >>>= 1; return v; }',
    );
    expect(functions.f?.(HART, 10n)).toBe((((((((10n + 1n - 3n) * 5n) << 2n) >> 1n) | 1n) & 0xffn) ^ 2n) >> 1n);
  });

  it('keep names to their block', () => {
    const { functions } = compile('fn f(n: i32): i32 { let x = n; if (n) { let x = n * 2; word = x; } return x; }');
    expect(functions.f?.(HART, 5)).toBe(5);
    expect(() => compile('fn f(): i32 { if (1) { let x: i32 = 1; } return x; }')).toThrow('unknown name x');
  });
});

describe('mistakes', () => {
  it.each([
    ['fn f(): i64 { return a; }', 'fn f: unknown name a'],
    ['fn f(): i64 { return g(1); }', 'unknown function g'],
    ['fn f(a: i64): i32 { return a; }', 'i32 wanted, i64 found: a'],
    ['fn f(a: i64, n: i32): i64 { return a + n; }', 'i64 wanted, i32 found: n'],
    ['fn f(): i64 { return double(1, 2); }', 'double takes 1 arguments'],
    ['fn f() { break; }', 'break outside a loop'],
    ['fn f() { nowhere = 1; }', 'unknown field nowhere'],
    ['fn f() { return 1 +; }', 'expected a name'],
    ['fn f() { let x = 1 }', "expected ';'"],
    ['fn f(a: f64) { }', 'expected i32 or i64'],
    ['fn f() { x = `; }', 'unexpected character'],
  ])('%s', (source, message) => {
    expect(() => compile(source)).toThrow(SemanticsError);
    expect(() => compile(source)).toThrow(message);
  });

  it('a comment and the unsigned operators do not confuse the tokens', () => {
    expect(parseStatements('// nothing\n')).toEqual([]);
    expect(parseExpression('a <user')).toMatchObject({ operator: '<', right: { name: 'user' } });
    expect(parseExpression('a <u b')).toMatchObject({ operator: '<u' });
  });
});

describe('the writer', () => {
  it('encodes numbers as LEB128', () => {
    const bytes = (fill: (writer: Writer) => void) => {
      const writer = new Writer(1);
      fill(writer);
      return [...writer.done()];
    };
    expect(bytes((w) => w.unsigned(624485))).toEqual([0xe5, 0x8e, 0x26]);
    expect(bytes((w) => w.unsigned(0xffffffff))).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(bytes((w) => w.signed32(-123456))).toEqual([0xc0, 0xbb, 0x78]);
    expect(bytes((w) => w.signed32(64))).toEqual([0xc0, 0x00]);
    expect(bytes((w) => w.signed64(-1n))).toEqual([0x7f]);
    expect(bytes((w) => w.signed64(1n << 63n))).toEqual([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]);
    expect(bytes((w) => w.text('é'))).toEqual([2, 0xc3, 0xa9]);
  });
});
