import { compileFunction, signatureOf } from './compile.ts';
import { ModuleBuilder } from './module.ts';
import { parseFunctions } from './parse.ts';

/** (1 + u)² - (1 + 2u), which is u² where it is rounded once and 0 where twice; u is the unit in the last place of 1. */
const PROBE = parseFunctions(`
fn fuses(): i32 {
  return (f64_madd(0x3ff0000000000001, 0x3ff0000000000001, f64_neg(0x3ff0000000000002)) << 1) != 0
    && (f32_madd(0x3f800001, 0x3f800001, f32_neg(0x3f800002)) << 33) != 0;
}`);

/**
 * Whether the host has a multiply-add that rounds once, which is as good as any other exact way, only quicker: no result
 * depends on it. Wasm leaves it open, but a host decides once ("Relaxed SIMD").
 */
function hostFuses(): boolean {
  const builder = new ModuleBuilder();
  for (const node of PROBE) {
    const environment = { fields: new Map(), constants: new Map(), functions: new Map() };
    builder.define(builder.declareFunction(node.name, signatureOf(node)), compileFunction(node, environment));
  }
  const module = builder.build();
  if (!WebAssembly.validate(module)) return false;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } });
  return (exports.fuses as (hart: number) => number)(0) !== 0;
}

export const FUSES = hostFuses();
