import type { Environment } from '../wasm/compile.ts';
import { ModuleBuilder, type Signature } from '../wasm/module.ts';
import { coreEnvironment } from './core.ts';
import { CoreFunctions } from './core-functions.ts';
import { emitInterpreter } from './interpreter.ts';

/** A compiled region: the hart and the entry; one of EXIT. */
export const REGION_SIGNATURE: Signature = { parameters: ['i32', 'i32'], result: 'i32' };

/** What the loop asks of the host, beside what the core asks: `pc` has been arrived at often. */
const HOT: Signature = { parameters: ['i32'], result: undefined };

/** The interpreter's loop that enters compiled regions through `env.table`: `run_regions(hart) -> REASON`. */
export function buildRegionLoop(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  builder.importTable();
  const core = coreEnvironment().environment;
  const functions = new CoreFunctions(builder, new Map([...core.functions, ['hot', { index: -1, signature: HOT }]]));
  const environment: Environment = { ...core, functions };
  const body = emitInterpreter(environment, 'regions', builder.signatureIndex(REGION_SIGNATURE));
  const run = builder.declareFunction('run_regions', { parameters: ['i32'], result: 'i32' });
  builder.define(run, body);
  return builder.build();
}
