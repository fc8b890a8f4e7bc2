import { describe, expect, it } from 'vitest';
import { loadProgram } from '../../bench/speed/engines.ts';
import { LEAVES, type Leaves } from '../../bench/speed/programs.ts';
import { images } from '../../images/index.ts';

const { storm_caller: caller, storm_tasks: tasks } = images.programs.symbols;
/** Where the tasks of the storms see their text (storms.h); everything else is mapped to itself. */
const STORM_TEXT = 0x4000_0000n;

describe('looking at a machine that translates', () => {
  it.each((Object.keys(LEAVES) as Leaves[]).filter((leaves) => leaves !== 'none'))('finds what %s map', (leaves) => {
    const machine = loadProgram('calls', 1, leaves, {});
    const [port] = machine.ports;
    let [inTasks, inKernel] = [0, 0];
    for (let point = 0; point < 2000; point++) {
      machine.run(machine.cycles + 997 + (point % 61));
      const { pc } = machine;
      const isTask = pc < 0x8000_0000n;
      const expected = isTask ? BigInt(tasks.address) + pc - STORM_TEXT : pc;
      expect(port?.translate(pc)).toBe(expected);
      if (machine.privilege !== 'M') expect(port?.translate(0x7fff_f000n)).toBeUndefined();
      if (isTask) inTasks++;
      else inKernel++;
    }
    expect([inTasks > 10, inKernel > 10], `${inTasks} and ${inKernel}`).toEqual([true, true]);
    expect(caller.address - tasks.address).toBeLessThan(0x2000);
  });

  it('reads the instruction at pc, also where it lies across two pages', () => {
    const machine = loadProgram('fib', 1, '4K', {});
    machine.run(100_000);
    // add a0, a1, a2 in the last halfword of a page and the first of the next.
    const word = 0x00c5_8533;
    const at = images.programs.symbols.arena.address + 0x1ffe;
    machine.write(at, Uint8Array.of(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24));
    machine.pc = BigInt(at);
    expect(machine.operands()).toEqual({ reads: [11, 12], writes: 10 });
    machine.pc = 0x7fff_f000n;
    expect(machine.operands()).toEqual({ reads: [], writes: undefined });
  });
});
