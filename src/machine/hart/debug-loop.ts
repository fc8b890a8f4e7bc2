import type { Environment } from '../wasm/compile.ts';
import { ModuleBuilder, type Signature } from '../wasm/module.ts';
import { coreEnvironment } from './core.ts';
import { CoreFunctions } from './core-functions.ts';
import { emitInterpreter } from './interpreter.ts';

/** What the debugged loop asks of the host, beside what the core asks. */
export interface DebugImports {
  /** Control has come to a page: 1 where each instruction in it is to be asked about. */
  debug_page(hart: number): number;
  /** An instruction of such a page is about to run: 1 stops. */
  debug_hit(hart: number): number;
}

const IMPORTS: Record<keyof DebugImports, Signature> = {
  debug_page: { parameters: ['i32'], result: 'i32' },
  debug_hit: { parameters: ['i32'], result: 'i32' },
};

/**
 * The interpreter's third loop, for a debugger: `run_debugged(hart) -> REASON`. A module of its own, made for the machine
 * that is debugged; its imports are the memory, the core's functions and the host's.
 */
export function buildDebugLoop(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const core = coreEnvironment().environment;
  const asked = Object.entries(IMPORTS).map(([name, signature]) => [name, { index: -1, signature }] as const);
  const functions = new CoreFunctions(builder, new Map([...core.functions, ...asked]));
  const environment: Environment = { ...core, functions };
  const body = emitInterpreter(environment, 'debugged');
  const run = builder.declareFunction('run_debugged', { parameters: ['i32'], result: 'i32' });
  builder.define(run, body);
  return builder.build();
}
