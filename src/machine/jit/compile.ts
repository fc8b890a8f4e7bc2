import { coreEnvironment } from '../hart/core.ts';
import { CoreFunctions } from '../hart/core-functions.ts';
import { REGION_SIGNATURE } from '../hart/region-loop.ts';
import { Compiler, type Environment } from '../wasm/compile.ts';
import { Emitter } from '../wasm/emitter.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { parseExpression } from '../wasm/parse.ts';
import type { Region } from './region.ts';
import { RegionFlow } from './flow.ts';
import { RegionFrame } from './frame.ts';
import type { Sites } from './sites.ts';
import { RegionVocabulary } from './vocabulary.ts';

/** Fields, constants and the signatures of the core's functions. */
const core = coreEnvironment().environment;

/** Asked where a region is entered, and after calls: what runs in between cannot change it back. */
const FLOAT_DIRTY = parseExpression('(mstatus & FS) == FS && (!virt || (vsstatus & FS) == FS)');

/**
 * A module whose function `region(hart, entry) -> EXIT` runs a region as the interpreter would. Its imports are the memory
 * and functions that the core exports. `id` is what the operations at the region's entries say of it.
 */
export function compileRegion(region: Region, id: number, sites: Sites): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const base: Environment = { ...core, functions: new CoreFunctions(builder, core.functions) };
  const emit = new Emitter(REGION_SIGNATURE.parameters.length);
  const frame = new RegionFrame(emit, region);
  const flow = new RegionFlow(region, emit, frame, id);
  const vocabulary = new RegionVocabulary(base, frame, flow, sites);
  const compiler = new Compiler(vocabulary.environment, emit);
  const floatDirty = (): void => new Compiler(base, emit).test(FLOAT_DIRTY);
  const indexOf = (name: string): number => base.functions.get(name)?.index ?? 0;
  const emptySites = indexOf('empty_sites');
  const takeException = (): number => indexOf('take_exception');
  frame.enter({ longest: flow.longest(), sites, emptySites, takeException, floatDirty });
  flow.emitAll(({ instructions }) => {
    for (const instruction of instructions) vocabulary.compile(compiler, instruction);
  });
  emit.op(0x00);
  frame.close();
  builder.define(builder.declareFunction('region', REGION_SIGNATURE), emit.body());
  return builder.build();
}
