// The WebAssembly that machines are made of, compiled once for all of them: it has no state.

import { buildCore, type CoreExports } from './hart/core.ts';
import { buildDebugLoop } from './hart/debug-loop.ts';
import { buildRegionLoop } from './hart/region-loop.ts';

type Imports = Record<string, WebAssembly.ImportValue>;

function once(build: () => Uint8Array<ArrayBuffer>): () => WebAssembly.Module {
  let module: WebAssembly.Module | undefined;
  return () => {
    module ??= new WebAssembly.Module(build());
    return module;
  };
}

const core = once(buildCore);
const debugLoop = once(buildDebugLoop);
const regionLoop = once(buildRegionLoop);

/** @param module another core than ours */
export function makeCore(env: Imports, module = core()): CoreExports {
  return new WebAssembly.Instance(module, { env }).exports as unknown as CoreExports;
}

/** Runs the harts with breakpoints and watched data. */
export function makeDebugLoop(env: Imports): CoreExports['run'] {
  return new WebAssembly.Instance(debugLoop(), { env }).exports.run_debugged as CoreExports['run'];
}

/** Runs the harts through compiled regions. */
export function makeRegionLoop(env: Imports): CoreExports['run'] {
  return new WebAssembly.Instance(regionLoop(), { env }).exports.run_regions as CoreExports['run'];
}
