import { describe, expect, it } from 'vitest';
import { buildCore } from '../../src/machine/hart/core.ts';
import { operandSets, Sequence } from './float-operands.ts';
import { FLOAT_INSTRUCTIONS } from './float-oracle.ts';

/** Hosts that fuse do not call them, so the suite of float instructions may not meet them. */
function core(): Record<string, (hart: number, a: bigint, b: bigint, c: bigint) => bigint> {
  const module = new WebAssembly.Module(buildCore());
  const memory = new WebAssembly.Memory({ initial: 1 });
  const stubs = WebAssembly.Module.imports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => [name, () => 0]);
  const { exports } = new WebAssembly.Instance(module, { env: { memory, ...Object.fromEntries(stubs) } });
  return exports as ReturnType<typeof core>;
}

describe('multiply-add for hosts that do not fuse', () => {
  const functions = core();
  it.each(['s', 'd'])('gives what is rounded once, or nothing that could be taken for it: fma_nearest_%s', (t) => {
    const instruction = FLOAT_INSTRUCTIONS.find(({ name }) => name === `fmadd.${t}`);
    const nearest = functions[`fma_nearest_${t}`];
    if (instruction === undefined || nearest === undefined) throw new Error(`no fmadd.${t}`);
    const { format, sources } = instruction;
    const fraction = BigInt(format.precision - 1);
    const field = (bits: bigint) => Number(BigInt.asUintN(format.width - 1, bits) >> fraction);
    const differing: string[] = [];
    let answered = 0;
    for (const operands of operandSets(format, sources, 20_000, new Sequence(11))) {
      const [a = 0n, b = 0n, c = 0n] = operands.map((bits) => BigInt.asUintN(format.width, bits));
      const found = BigInt.asUintN(format.width, nearest(0, a, b, c));
      if (field(found) < 2 || field(found) > 2 * format.emax) continue;
      answered++;
      const boxed = [a, b, c].map((bits) => (format.width === 32 ? bits | 0xffffffff_00000000n : bits));
      const wanted = BigInt.asUintN(format.width, instruction.evaluate(boxed, 'rne').bits);
      if (found !== wanted) differing.push([a, b, c].map((bits) => bits.toString(16)).join(' '));
    }
    expect(differing).toEqual([]);
    expect(answered).toBeGreaterThan(5_000);
  });
});
