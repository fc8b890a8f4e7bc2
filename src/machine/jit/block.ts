import { coreEnvironment } from '../hart/core.ts';
import { CoreFunctions } from '../hart/core-functions.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { Compiler, type Environment } from '../wasm/compile.ts';
import { Emitter } from '../wasm/emitter.ts';
import { cyclesOf } from '../isa/predecode.ts';
import { type Decoded, decode, INSTRUCTIONS } from '../isa/table.ts';
import type { Timing } from '../timing.ts';
import type { BlockInstruction } from './frame.ts';
import { BlockVocabulary } from './vocabulary.ts';

/** Fields, constants and the signatures of the core's functions. */
const core = coreEnvironment().environment;

/** Longest block, in instructions. */
const LIMIT = 64;

/** Rows after which nothing in line can follow: they go elsewhere or have derived state looked up anew. */
const LEAVES: ReadonlySet<string> = new Set(['jump', 'indirect', 'return', 'csr', 'system', 'fence']);

/**
 * The straight line of instructions from an offset of a page: up to the first that cannot be followed, an illegal word, one
 * that crosses into the next page, or the limit.
 */
export function blockAt(page: DataView, offset: number, pc: bigint, timing: Timing): BlockInstruction[] {
  const word = (at: number): number | undefined => {
    if (at + 2 > page.byteLength) return undefined;
    const low = page.getUint16(at, true);
    if ((low & 3) !== 3) return low;
    return at + 4 > page.byteLength ? undefined : page.getUint32(at, true);
  };
  const block: BlockInstruction[] = [];
  for (let at = offset; block.length < LIMIT; ) {
    const bits = word(at);
    const decoded: Decoded | undefined = bits === undefined ? undefined : decode(bits);
    const row = INSTRUCTIONS[decoded?.index ?? -1];
    if (decoded === undefined || row === undefined) break;
    const { cycles, taken } = cyclesOf(timing, decoded, word(at + decoded.length));
    block.push({ pc: pc + BigInt(at - offset), row, decoded, cycles, taken });
    at += decoded.length;
    if (LEAVES.has(row.cost)) break;
  }
  return block;
}

/**
 * A module whose function `block(hart) -> EXIT` runs these instructions, as the interpreter would. Its imports are the
 * memory and functions that the core exports.
 */
export function compileBlock(instructions: readonly BlockInstruction[]): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const base: Environment = { ...core, functions: new CoreFunctions(builder, core.functions) };
  const emit = new Emitter(1);
  const vocabulary = new BlockVocabulary(base, emit, instructions);
  const compiler = new Compiler(vocabulary.environment, emit);
  vocabulary.open();
  for (const instruction of instructions) {
    vocabulary.begin(instruction);
    compiler.block(instruction.row.body);
    vocabulary.end();
  }
  vocabulary.close();
  const block = builder.declareFunction('block', { parameters: ['i32'], result: 'i32' });
  builder.define(block, emit.body());
  return builder.build();
}
