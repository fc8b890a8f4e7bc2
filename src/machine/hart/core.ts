import type { FunctionNode } from '../wasm/ast.ts';
import { compileFunction, type Environment, signatureOf } from '../wasm/compile.ts';
import { ModuleBuilder, type Signature } from '../wasm/module.ts';
import { ACCESS_FUNCTIONS } from './access.ts';
import { ADVERSARIAL_FUNCTIONS } from './adversarial.ts';
import { CACHE_BLOCK_FUNCTIONS } from './cache-blocks.ts';
import { CONSTANTS } from './constants.ts';
import { COUNTER_FUNCTIONS } from './counters.ts';
import { CSR_DISPATCH, CSR_FUNCTIONS } from './csr-access.ts';
import { FLOAT_FUNCTIONS } from './float.ts';
import { CONVERT_FUNCTIONS } from './float-convert.ts';
import { FUSED_FUNCTIONS } from './float-fused.ts';
import { emitInterpreter } from './interpreter.ts';
import { FIELDS } from './layout.ts';
import { PAGE_FUNCTIONS } from './pages.ts';
import { PMP_FUNCTIONS } from './pmp.ts';
import { RUN_FUNCTIONS } from './run.ts';
import { SITE_FUNCTIONS } from './sites.ts';
import { SPECULATION_FUNCTIONS } from './speculation.ts';
import { TLB_FUNCTIONS } from './tlb.ts';
import { WALK_FUNCTIONS } from './translate.ts';
import { TRAP_FUNCTIONS } from './trap.ts';
import { WATCH_FUNCTIONS } from './watch.ts';

/** What the core does, as trees. */
export const CORE_FUNCTIONS: readonly FunctionNode[] = [
  ...CSR_DISPATCH,
  ...CSR_FUNCTIONS,
  ...COUNTER_FUNCTIONS,
  ...TRAP_FUNCTIONS,
  ...RUN_FUNCTIONS,
  ...PMP_FUNCTIONS,
  ...WALK_FUNCTIONS,
  ...TLB_FUNCTIONS,
  ...ADVERSARIAL_FUNCTIONS,
  ...SPECULATION_FUNCTIONS,
  ...ACCESS_FUNCTIONS,
  ...SITE_FUNCTIONS,
  ...CACHE_BLOCK_FUNCTIONS,
  ...WATCH_FUNCTIONS,
  ...PAGE_FUNCTIONS,
  ...FLOAT_FUNCTIONS,
  ...FUSED_FUNCTIONS,
  ...CONVERT_FUNCTIONS,
];

/** What the emitted core asks of the host; every function gets the hart base first. */
export interface CoreImports {
  /** 1 and the value in mmio_low/high, or 0 where the bus refuses. */
  mmio_read(hart: number, paddr: number, size: number): number;
  mmio_write(hart: number, paddr: number, size: number): number;
  /** A foreign effect: kind 0 read, 1 write, 2 fetch, 3 walk read, 4 walk write, 5 world confusion. */
  foreign(hart: number, kind: number, paddr: number, size: number, changed: number): void;
  /** Gives a RAM page a place for its predecoded operations: the number for codeMap. */
  new_code_page(hart: number, page: number): number;
  /** A RAM page with a place for predecoded operations is stored to so often that it shall have none. */
  code_over(hart: number, page: number): void;
  /** Bytes of a page of which regions were compiled are about to change. */
  code_written(hart: number, code: number, offset: number, size: number): void;
  /** A site of a region has missed often. */
  scattered_site(hart: number, site: number): void;
  /** Predecodes the instruction at this offset of the page being executed. */
  decode_at(hart: number, offset: number): void;
  /** Predecodes cross_bits into cross_op. */
  decode_crossing(hart: number): void;
  /** The watched instruction is about to run: 1 stops. */
  watch_hit(hart: number): number;
  /** While `traced` is set. OBSERVE.party: it may be another's turn; trap: to level `a` by cause `b`; wait: WFI begins or ends. */
  observe(hart: number, what: number, a: number, b: number): void;
}

const IMPORTS: Record<keyof CoreImports, Signature> = {
  code_over: { parameters: ['i32', 'i32'], result: undefined },
  code_written: { parameters: ['i32', 'i32', 'i32', 'i32'], result: undefined },
  scattered_site: { parameters: ['i32', 'i32'], result: undefined },
  mmio_read: { parameters: ['i32', 'i32', 'i32'], result: 'i32' },
  mmio_write: { parameters: ['i32', 'i32', 'i32'], result: 'i32' },
  foreign: { parameters: ['i32', 'i32', 'i32', 'i32', 'i32'], result: undefined },
  new_code_page: { parameters: ['i32', 'i32'], result: 'i32' },
  decode_at: { parameters: ['i32', 'i32'], result: undefined },
  decode_crossing: { parameters: ['i32'], result: undefined },
  watch_hit: { parameters: ['i32'], result: 'i32' },
  observe: { parameters: ['i32', 'i32', 'i32', 'i32'], result: undefined },
};

/** What the host calls. */
export interface CoreExports {
  run(hart: number): number;
  run_observed(hart: number): number;
  flush_soft(hart: number): void;
  enter_party(hart: number): void;
  note_written(hart: number, paddr: bigint, size: number): void;
  fold(hart: number): void;
  /** Cycle at which the next timer interrupt becomes pending. */
  next_timer(hart: number): bigint;
  /** Non-zero where a waiting hart has an interrupt to wake for. */
  can_wake(hart: number): number;
  /** Of a row of CSRS, without the rules of access and without cost. */
  csr_read(hart: number, row: number): bigint;
  csr_write(hart: number, row: number, value: bigint): void;
  /** Of pages, by their host addresses: 1 or 0. */
  page_is_zero(hart: number, at: number): number;
  pages_are_equal(hart: number, a: number, b: number): number;
}

/** Names and signatures that both this module and the modules of loops and regions resolve against. */
export function coreEnvironment(): { environment: Environment; builder: ModuleBuilder } {
  const builder = new ModuleBuilder();
  const functions = new Map<string, { index: number; signature: Signature }>();
  for (const [name, signature] of Object.entries(IMPORTS)) {
    functions.set(name, { index: builder.importFunction(name, signature), signature });
  }
  for (const node of CORE_FUNCTIONS) {
    const signature = signatureOf(node);
    if (functions.has(node.name)) throw new Error(`function ${node.name} is defined twice`);
    functions.set(node.name, { index: builder.declareFunction(node.name, signature), signature });
  }
  return { environment: { fields: FIELDS, constants: CONSTANTS, functions }, builder };
}

/** Bytes of the core module: CSRs, traps, translation, accesses, and both loops of the interpreter. */
export function buildCore(nodes = CORE_FUNCTIONS): Uint8Array<ArrayBuffer> {
  const { environment, builder } = coreEnvironment();
  const loop = { parameters: ['i32' as const], result: 'i32' as const };
  const run = builder.declareFunction('run', loop);
  const observed = builder.declareFunction('run_observed', loop);
  for (const node of nodes) {
    const callee = environment.functions.get(node.name);
    if (callee !== undefined) builder.define(callee.index, compileFunction(node, environment));
  }
  builder.define(run, emitInterpreter(environment, 'fast'));
  builder.define(observed, emitInterpreter(environment, 'observed'));
  return builder.build();
}
