import { describe, expect, it } from 'vitest';
import { createMachine } from '../machine.ts';
import { assemble } from './assemble.ts';

type Unary = (a: bigint) => bigint;
type Binary = (a: bigint, b: bigint) => bigint;

const u64 = (value: bigint) => BigInt.asUintN(64, value);
const u32 = (value: bigint) => BigInt.asUintN(32, value);
const s64 = (value: bigint) => BigInt.asIntN(64, value);
const s32 = (value: bigint) => BigInt.asIntN(32, value);
const digits = (value: bigint, width: number) => BigInt.asUintN(width, value).toString(2).padStart(width, '0');
const zeros = (text: string) => BigInt(/^0*/.exec(text)?.[0].length ?? 0);
const reversed = (text: string) => [...text].reverse().join('');
const ones = (text: string) => BigInt(text.replaceAll('0', '').length);
/** To the left, as strings: what leaves at one end comes in at the other. */
const rotate = (a: bigint, amount: bigint, width: number) => {
  const n = Number(BigInt.asUintN(width === 64 ? 6 : 5, amount));
  const text = digits(a, width);
  return BigInt(`0b${text.slice(n)}${text.slice(0, n)}`);
};
const bytes = (a: bigint) => digits(a, 64).match(/.{8}/g) ?? [];
const ofBytes = (texts: readonly string[]) => BigInt(`0b${texts.join('')}`);

/** By the words of "Unprivileged ISA" 30.5, in arithmetic without a width. */
const BINARY: Readonly<Record<string, Binary>> = {
  'add.uw': (a, b) => u32(a) + b,
  sh1add: (a, b) => a * 2n + b,
  sh2add: (a, b) => a * 4n + b,
  sh3add: (a, b) => a * 8n + b,
  'sh1add.uw': (a, b) => u32(a) * 2n + b,
  'sh2add.uw': (a, b) => u32(a) * 4n + b,
  'sh3add.uw': (a, b) => u32(a) * 8n + b,
  andn: (a, b) => a & ~b,
  orn: (a, b) => a | ~b,
  xnor: (a, b) => ~(a ^ b),
  min: (a, b) => (s64(a) < s64(b) ? a : b),
  max: (a, b) => (s64(a) < s64(b) ? b : a),
  minu: (a, b) => (u64(a) < u64(b) ? a : b),
  maxu: (a, b) => (u64(a) < u64(b) ? b : a),
  rol: (a, b) => rotate(a, b, 64),
  ror: (a, b) => rotate(a, -b, 64),
  rolw: (a, b) => s32(rotate(a, b, 32)),
  rorw: (a, b) => s32(rotate(a, -b, 32)),
  bclr: (a, b) => a & ~(1n << (b & 63n)),
  bext: (a, b) => (u64(a) >> (b & 63n)) & 1n,
  binv: (a, b) => a ^ (1n << (b & 63n)),
  bset: (a, b) => a | (1n << (b & 63n)),
};
/** The same with an immediate, and how large that may be. */
const IMMEDIATE: Readonly<Record<string, readonly [Binary, number]>> = {
  'slli.uw': [(a, b) => u32(a) << b, 63],
  rori: [(a, b) => rotate(a, -b, 64), 63],
  roriw: [(a, b) => s32(rotate(a, -b, 32)), 31],
  bclri: [(a, b) => a & ~(1n << b), 63],
  bexti: [(a, b) => (u64(a) >> b) & 1n, 63],
  binvi: [(a, b) => a ^ (1n << b), 63],
  bseti: [(a, b) => a | (1n << b), 63],
};
const UNARY: Readonly<Record<string, Unary>> = {
  clz: (a) => zeros(digits(a, 64)),
  ctz: (a) => zeros(reversed(digits(a, 64))),
  cpop: (a) => ones(digits(a, 64)),
  clzw: (a) => zeros(digits(a, 32)),
  ctzw: (a) => zeros(reversed(digits(a, 32))),
  cpopw: (a) => ones(digits(a, 32)),
  'sext.b': (a) => BigInt.asIntN(8, a),
  'sext.h': (a) => BigInt.asIntN(16, a),
  'zext.h': (a) => BigInt.asUintN(16, a),
  'orc.b': (a) => ofBytes(bytes(a).map((byte) => (byte.includes('1') ? '11111111' : '00000000'))),
  rev8: (a) => ofBytes([...bytes(a)].reverse()),
};

const OPERANDS = [
  0n,
  1n,
  -1n,
  31n,
  32n,
  63n,
  0x80n,
  0x8000n,
  0x7fffffffn,
  0x80000000n,
  -0x80000000n,
  0x100000000n,
  -(1n << 63n),
  (1n << 63n) - 1n,
  0x0100_8000_00ff_0001n,
  0x123456789abcdef0n,
] as const;
const AMOUNTS = [0, 1, 7, 31, 32, 63] as const;

const RAM = 0x80000000;
const RESULTS = RAM + 0x10_0000;

/** Runs `lines` one after another and gives what each left in a0. */
function results(lines: readonly string[]): bigint[] {
  const machine = createMachine({ ram: 4 * 2 ** 20, timing: 'functional', guests: 1 });
  const stored = lines.map((line) => `${line}\n sd a0, 0(s0)\n addi s0, s0, 8`);
  machine.write(RAM, assemble(`li s0, ${RESULTS}\n${stored.join('\n')}\nj .`, RAM));
  machine.start(RAM, 0, 0);
  machine.run(1_000_000);
  const view = new DataView(machine.read(RESULTS, 8 * lines.length).buffer);
  return lines.map((_, i) => view.getBigUint64(8 * i, true));
}

interface Case {
  readonly text: string;
  readonly result: bigint;
}

function check(cases: readonly Case[]): void {
  const found = results(cases.map(({ text }) => text));
  const wrong = cases.flatMap(({ text, result }, i) => (found[i] === u64(result) ? [] : [`${text}: ${found[i]}`]));
  expect(wrong).toEqual([]);
}

describe('Zba, Zbb and Zbs', () => {
  it.each(Object.entries(BINARY))('%s', (name, of) => {
    check(
      OPERANDS.flatMap((a) =>
        OPERANDS.map((b) => ({ text: `li a1, ${a}\nli a2, ${b}\n${name} a0, a1, a2`, result: of(a, b) })),
      ),
    );
  });

  it.each(Object.entries(IMMEDIATE))('%s', (name, [of, most]) => {
    const amounts = AMOUNTS.filter((amount) => amount <= most);
    check(
      OPERANDS.flatMap((a) =>
        amounts.map((b) => ({ text: `li a1, ${a}\n${name} a0, a1, ${b}`, result: of(a, BigInt(b)) })),
      ),
    );
  });

  it.each(Object.entries(UNARY))('%s', (name, of) => {
    check(OPERANDS.map((a) => ({ text: `li a1, ${a}\n${name} a0, a1`, result: of(a) })));
  });
});
