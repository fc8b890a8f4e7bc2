import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { DATA, outcome, prepare, record, run } from './program.ts';

type Binary = (a: bigint, b: bigint) => bigint;

const MINIMUM = -(1n << 63n);
/** Corners of both widths, and some without pattern. */
const OPERANDS = [
  0n,
  1n,
  -1n,
  2n,
  -2n,
  31n,
  32n,
  63n,
  64n,
  0x7fffffffn,
  0x80000000n,
  -0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  MINIMUM,
  MINIMUM + 1n,
  0x123456789abcdef0n,
  -0x0fedcba987654321n,
] as const;

const s64 = (value: bigint) => BigInt.asIntN(64, value);
const u64 = (value: bigint) => BigInt.asUintN(64, value);
const s32 = (value: bigint) => BigInt.asIntN(32, value);
const u32 = (value: bigint) => BigInt.asUintN(32, value);
const flag = (condition: boolean) => (condition ? 1n : 0n);

/** "Unprivileged ISA" table 11: by zero gives all ones and the dividend; overflow gives the dividend and 0. */
const divide: Binary = (a, b) => (b === 0n ? -1n : a / b);
const remainder: Binary = (a, b) => (b === 0n ? a : a % b);

/** Results by the text of the manual, in arithmetic without a width. */
const REGISTER_OPERATIONS: Readonly<Record<string, Binary>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  sll: (a, b) => a << (b & 63n),
  slt: (a, b) => flag(a < b),
  sltu: (a, b) => flag(u64(a) < u64(b)),
  xor: (a, b) => a ^ b,
  srl: (a, b) => u64(a) >> (b & 63n),
  sra: (a, b) => a >> (b & 63n),
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  addw: (a, b) => s32(a + b),
  subw: (a, b) => s32(a - b),
  sllw: (a, b) => s32(a << (b & 31n)),
  srlw: (a, b) => s32(u32(a) >> (b & 31n)),
  sraw: (a, b) => s32(a) >> (b & 31n),
  mul: (a, b) => a * b,
  mulh: (a, b) => (a * b) >> 64n,
  mulhsu: (a, b) => (a * u64(b)) >> 64n,
  mulhu: (a, b) => (u64(a) * u64(b)) >> 64n,
  div: divide,
  divu: (a, b) => divide(u64(a), u64(b)),
  rem: remainder,
  remu: (a, b) => remainder(u64(a), u64(b)),
  mulw: (a, b) => s32(a * b),
  divw: (a, b) => s32(divide(s32(a), s32(b))),
  divuw: (a, b) => s32(divide(u32(a), u32(b))),
  remw: (a, b) => s32(remainder(s32(a), s32(b))),
  remuw: (a, b) => s32(remainder(u32(a), u32(b))),
};

const IMMEDIATES = [0n, 1n, -1n, 5n, 2047n, -2048n];
const IMMEDIATE_OPERATIONS: Readonly<Record<string, Binary>> = {
  addi: (a, b) => a + b,
  slti: (a, b) => flag(a < b),
  sltiu: (a, b) => flag(u64(a) < u64(b)),
  xori: (a, b) => a ^ b,
  ori: (a, b) => a | b,
  andi: (a, b) => a & b,
  addiw: (a, b) => s32(a + b),
};
const SHIFTS: Readonly<Record<string, { readonly of: Binary; readonly amounts: readonly bigint[] }>> = {
  slli: { of: (a, b) => a << b, amounts: [0n, 1n, 31n, 32n, 63n] },
  srli: { of: (a, b) => u64(a) >> b, amounts: [0n, 1n, 31n, 32n, 63n] },
  srai: { of: (a, b) => a >> b, amounts: [0n, 1n, 31n, 32n, 63n] },
  slliw: { of: (a, b) => s32(a << b), amounts: [0n, 1n, 31n] },
  srliw: { of: (a, b) => s32(u32(a) >> b), amounts: [0n, 1n, 31n] },
  sraiw: { of: (a, b) => s32(a) >> b, amounts: [0n, 1n, 31n] },
};
const BRANCHES: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  beq: (a, b) => a === b,
  bne: (a, b) => a !== b,
  blt: (a, b) => a < b,
  bge: (a, b) => a >= b,
  bltu: (a, b) => u64(a) < u64(b),
  bgeu: (a, b) => u64(a) >= u64(b),
};

const RESULTS = DATA + 0x10000;
const operandWords = () => new Map(OPERANDS.map((value, i) => [DATA + 8 * i, u64(value)]));

export function integer({ engine, it }: Suite): void {
  /** Runs `body` (operands in a3 and a5, result in a6) for every pair of operands. */
  const overPairs = (body: string): bigint[] => {
    prepare(
      engine(),
      `li a0, ${DATA}
       li a2, ${DATA + 8 * OPERANDS.length}
       li a4, ${RESULTS}
     1: li a1, ${DATA}
     2: ld a3, 0(a0)
       ld a5, 0(a1)
       ${body}
       sd a6, 0(a4)
       addi a4, a4, 8
       addi a1, a1, 8
       bltu a1, a2, 2b
       addi a0, a0, 8
       bltu a0, a2, 1b`,
      operandWords(),
    );
    return results(OPERANDS.length ** 2);
  };
  const results = (count: number): bigint[] => {
    if (engine().run(1_000_000) !== 'finished') throw new Error('the program did not end');
    const bytes = engine().read(RESULTS, 8 * count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: count }, (_, i) => view.getBigInt64(8 * i, true));
  };
  const pairs = OPERANDS.flatMap((a) => OPERANDS.map((b) => [a, b] as const));
  /** Differences only, so that a failure names its operands. */
  const compare = (got: readonly bigint[], want: (a: bigint, b: bigint) => bigint) => {
    const wrong = pairs.flatMap(([a, b], i) =>
      got[i] === s64(want(a, b)) ? [] : [{ a, b, got: got[i], want: s64(want(a, b)) }],
    );
    expect(wrong).toEqual([]);
  };

  for (const [name, of] of Object.entries(REGISTER_OPERATIONS)) {
    it(`${name}: every pair of corner operands`, () => {
      compare(overPairs(`${name} a6, a3, a5`), of);
      // The destination may be an operand.
      compare(overPairs(`${name} a5, a3, a5\n mv a6, a5`), of);
    });
  }

  for (const [name, taken] of Object.entries(BRANCHES)) {
    it(`${name}: taken and not, forwards and backwards`, () => {
      compare(overPairs(`li a6, 1\n ${name} a3, a5, 3f\n li a6, 0\n 3:`), (a, b) => flag(taken(a, b)));
      compare(overPairs(`li a6, 0\n j 4f\n 3: li a6, 1\n j 5f\n 4: ${name} a3, a5, 3b\n 5:`), (a, b) =>
        flag(taken(a, b)),
      );
    });
  }

  const immediates: [string, Binary, readonly bigint[]][] = [
    ...Object.entries(IMMEDIATE_OPERATIONS).map(([name, of]): [string, Binary, readonly bigint[]] => [
      name,
      of,
      IMMEDIATES,
    ]),
    ...Object.entries(SHIFTS).map(([name, { of, amounts }]): [string, Binary, readonly bigint[]] => [
      name,
      of,
      amounts,
    ]),
  ];
  for (const [name, of, values] of immediates) {
    it(`${name}: corner operands and immediates`, () => {
      const body = values.map((value) => `${name} a6, a3, ${value}\n sd a6, 0(a4)\n addi a4, a4, 8\n`).join('');
      prepare(
        engine(),
        `li a0, ${DATA}
         li a2, ${DATA + 8 * OPERANDS.length}
         li a4, ${RESULTS}
       1: ld a3, 0(a0)
         ${body}
         addi a0, a0, 8
         bltu a0, a2, 1b`,
        operandWords(),
      );
      const want = OPERANDS.flatMap((a) => values.map((b) => s64(of(a, b))));
      expect(results(want.length)).toEqual(want);
    });
  }

  it('lui and auipc: the upper 20 bits, sign-extended', () => {
    const { values } = run(
      engine(),
      `lui a0, 0x7ffff
       lui a1, 0x80000
       lui a2, 0
       here: auipc a3, 0
       auipc a4, 0xfffff
       la a5, here
       sub a3, a3, a5
       sub a4, a4, a5
       ${record('a0', 'a1', 'a2', 'a3', 'a4')}`,
    );
    expect(values.map(s64)).toEqual([0x7ffff000n, -0x80000000n, 0n, 0n, -0x1000n + 4n]);
  });

  it('jal and jalr: link, target without its lowest bit, destination equal to base', () => {
    const { values } = run(
      engine(),
      `la a0, back
       jal a1, forth
     back: ${record('a0', 'a1')}
       la a2, there + 1
       la a3, link
       jalr a2, a2, 0
     link: nop
     there: ${record('a2', 'a3')}
       la a4, far - 100
       jalr zero, a4, 100
       li a5, 1
       j 1f
     forth: jr a1
     far: li a5, 2
     1: ${record('a5')}`,
    );
    expect(values[1]).toBe(values[0]);
    expect(values[2]).toBe(values[3]);
    expect(values[4]).toBe(2n);
  });

  it('x0 reads zero whatever is written to it', () => {
    const { values } = run(
      engine(),
      `li a0, ${DATA}
       li a1, -1
       sd a1, 0(a0)
       addi x0, a1, 5
       add x0, a1, a1
       ld x0, 0(a0)
       lui x0, 5
       mul x0, a1, a1
       csrrw x0, mscratch, a1
       csrrs x0, mscratch, a1
       amoadd.d x0, a1, (a0)
       jal x0, 1f
     1: mv a2, x0
       ld a3, 0(a0)
       ${record('a2', 'a3')}`,
    );
    expect(values.map(s64)).toEqual([0n, -2n]);
  });

  it('loads extend by sign or zero, stores write their width only', () => {
    const value = 0x8182838485868788n;
    const { values } = run(
      engine(),
      `li a0, ${DATA}
       ${['lb', 'lbu', 'lh', 'lhu', 'lw', 'lwu', 'ld'].map((name) => `${name} a1, 0(a0)\n ${record('a1')}`).join('')}
       lb a1, -1(a0)
       ${record('a1')}
       li a1, 0x1122334455667788
       sb a1, 8(a0)
       sh a1, 16(a0)
       sw a1, 24(a0)
       sd a1, 32(a0)
       sb a1, -9(a0)
       ${[8, 16, 24, 32, -16].map((offset) => `ld a1, ${offset}(a0)\n ${record('a1')}`).join('')}`,
      new Map([
        [DATA, value],
        [DATA - 8, 0x7fn << 56n],
        ...[8, 16, 24, 32, -16].map((offset): [number, bigint] => [DATA + offset, u64(-1n)]),
      ]),
    );
    expect(values).toEqual([
      u64(-0x78n),
      0x88n,
      u64(-0x7878n),
      0x8788n,
      u64(-0x7a797878n),
      0x85868788n,
      value,
      0x7fn,
      0xffffffffffffff88n,
      0xffffffffffff7788n,
      0xffffffff55667788n,
      0x1122334455667788n,
      0x88ffffffffffffffn,
    ]);
  });

  it('fences and a sum over all registers leave every register alone', () => {
    const all = Array.from({ length: 29 }, (_, i) => i + 1).filter((i) => i !== 27);
    prepare(
      engine(),
      `${all.map((i) => `li x${i}, ${i * 0x0101010101}\n`).join('')}
       fence
       fence.i
       fence rw, w
       li x30, ${RESULTS}
       ${all.map((i, at) => `sd x${i}, ${8 * at}(x30)\n`).join('')}`,
    );
    expect(results(all.length)).toEqual(all.map((i) => BigInt(i * 0x0101010101)));
    expect(outcome(engine()).values).toEqual([]);
  });
}
