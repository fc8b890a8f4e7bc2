import { describe, expect, it } from 'vitest';
import { hostBits, hostValue, operandSets, Sequence } from './float-operands.ts';
import { FLOAT_INSTRUCTIONS } from './float-oracle.ts';
import { BINARY32, BINARY64, decode, INEXACT, MODES, OVERFLOW, ratio, round, UNDERFLOW } from './ieee754.ts';

/** The host computes in doubles; of two singles this rounds innocuously. */
const HOST: Readonly<Record<string, (x: number, y: number) => number>> = {
  fadd: (x, y) => x + y,
  fsub: (x, y) => x - y,
  fmul: (x, y) => x * y,
  fdiv: (x, y) => x / y,
  fsqrt: (x) => Math.sqrt(x),
};

describe('the exact computation', () => {
  it.each(Object.keys(HOST).flatMap((name) => [`${name}.s`, `${name}.d`]))(
    'rounds to nearest as the host does: %s',
    (name) => {
      const instruction = FLOAT_INSTRUCTIONS.find((one) => one.name === name);
      const host = HOST[name.slice(0, -2)];
      if (instruction === undefined || host === undefined) throw new Error(`no ${name}`);
      const { format, sources } = instruction;
      const differing: string[] = [];
      for (const operands of operandSets(format, sources, 5_000, new Sequence(5))) {
        const numbers = operands.map((bits) => BigInt.asUintN(format.width, bits));
        const boxed = numbers.map((bits) => (format.width === 32 ? bits | 0xffffffff_00000000n : bits));
        const [x = 0, y = 0] = numbers.map((bits) => hostValue(format, bits));
        const wanted = host(x, y);
        const bits = BigInt.asUintN(format.width, instruction.evaluate(boxed, 'rne').bits);
        const same = Number.isNaN(wanted) ? decode(format, bits).kind === 'nan' : bits === hostBits(format, wanted);
        if (!same) differing.push(`${name} ${x} ${y}`);
      }
      expect(differing).toEqual([]);
    },
  );

  it('detects tininess after rounding', () => {
    // 2^-126 less an eighth and a quarter of the unit that a 24-bit significand has just below it.
    const below = (eighths: bigint) => ratio((1n << 27n) - eighths, 1n, -126 - 27);
    const flags = (eighths: bigint) => round(BINARY32, below(eighths), false, 'rne');
    expect(flags(1n)).toEqual({ bits: 0x00800000n, flags: INEXACT });
    // Halfway: to even, which is up; one unit below it is tiny although the result is the same.
    expect(flags(4n)).toEqual({ bits: 0x00800000n, flags: INEXACT });
    expect(flags(5n)).toEqual({ bits: 0x00800000n, flags: INEXACT | UNDERFLOW });
    expect(flags(8n)).toEqual({ bits: 0x00800000n, flags: INEXACT | UNDERFLOW });
    expect(flags(16n)).toEqual({ bits: 0x007fffffn, flags: 0 });
  });

  it('overflows to infinity or to the greatest number, by mode and sign', () => {
    const beyond = ratio(1n, 1n, 1024);
    const bits = (negative: boolean) => MODES.map((mode) => round(BINARY64, beyond, negative, mode));
    const [infinite, greatest] = [0x7ff0000000000000n, 0x7fefffffffffffffn];
    const flags = INEXACT | OVERFLOW;
    const positive = [infinite, greatest, greatest, infinite, infinite];
    const negative = [infinite, greatest, infinite, greatest, infinite].map((value) => value | (1n << 63n));
    expect(bits(false)).toEqual(positive.map((value) => ({ bits: value, flags })));
    expect(bits(true)).toEqual(negative.map((value) => ({ bits: value, flags })));
  });
});
