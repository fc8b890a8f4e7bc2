import type { CoreExports } from '../../src/machine/hart/core.ts';
import { PAGE } from '../../src/machine/hart/layout.ts';
import { REASON } from '../../src/machine/hart/run.ts';
import type { Machine } from '../../src/machine/index.ts';
import { blockAt, compileBlock } from '../../src/machine/jit/block.ts';
import { EXIT } from '../../src/machine/jit/frame.ts';
import type { MachineMemory } from '../../src/machine/memory.ts';

type Export = (hart: number) => number;
type AllExports = CoreExports & Readonly<Record<'poll' | 'fetch_page' | 'take_exception', Export>>;

/** What no user of a machine may touch, and this runner has to: its memory, and the core that its harts call. */
interface Inside {
  readonly memory: MachineMemory;
  readonly harts: { core: CoreExports };
}

interface Compiled {
  readonly code: Uint8Array;
  readonly run: Export;
}

/**
 * Makes a machine run compiled blocks wherever there are some, and the interpreter for one instruction where a block leaves
 * or there is none. It compiles at first sight: for proof, not for speed.
 */
export function runBlocks(machine: Machine): { readonly machine: Machine; readonly count: () => number } {
  const { memory, harts } = machine as unknown as Inside;
  const core = harts.core as AllExports;
  const blocks = new Map<bigint, readonly Compiled[]>();
  let ran = 0;

  /** The block at pc, if there is one; `undefined` stands for none. Known by its bytes, so that every case may share it. */
  const compiled = (): Export | undefined => {
    const { current, bytes } = memory;
    const pc = current.wide('pc');
    const host = current.get('fetch_host');
    const at = host + Number(pc & 0xfffn);
    const known = blocks.get(pc) ?? [];
    const same = ({ code }: Compiled) =>
      at + code.length <= host + PAGE && Buffer.compare(code, bytes.subarray(at, at + code.length)) === 0;
    const found = known.find(same);
    if (found !== undefined) return found.run;
    const instructions = blockAt(new DataView(bytes.buffer, host, PAGE), at - host, pc, machine.timing);
    if (instructions.length === 0) return undefined;
    const module = new WebAssembly.Module(compileBlock(instructions));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: memory.wasm, ...core } });
    const length = instructions.reduce((sum, { decoded }) => sum + decoded.length, 0);
    // Where the block ends, and the load-use cost of its last instruction, is decided by the word behind it.
    const end = Math.min(at + length + 4, host + PAGE);
    const run = exports.block as Export;
    blocks.set(pc, [...known, { code: bytes.slice(at, end), run }]);
    return run;
  };

  /** One instruction by the interpreter; its reason where that is not the end of this one. */
  const interpretOne = (hart: number): number => {
    const { current } = memory;
    const limit = current.wide('limit_cycle');
    core.fold(hart);
    current.setWide('limit_cycle', BigInt(current.count('cycles') + 1));
    const reason = core.run(hart);
    current.setWide('limit_cycle', limit);
    return reason === REASON.limit ? 0 : reason;
  };

  const run = (hart: number): number => {
    for (;;) {
      const reason = core.poll(hart);
      if (reason !== 0) return reason;
      if (core.fetch_page(hart) === 0) {
        core.take_exception(hart);
        continue;
      }
      const block = compiled();
      const exit = block?.(hart);
      if (exit === EXIT.next || exit === EXIT.trap) {
        ran++;
        continue;
      }
      const stopped = interpretOne(hart);
      if (stopped !== 0) return stopped;
    }
  };
  harts.core = { ...core, run };
  return { machine, count: () => ran };
}
