import { describe, expect, it } from 'vitest';
import { images } from '../../images/index.ts';
import { loadProgram } from './engines.ts';
import { LEAVES, type Leaves, PROGRAMS, type ProgramName } from './programs.ts';
import { INTERPRETER, type Measured, ONE_STAGE, QEMU_PLAIN, ratios, REGIONS, stageRatios } from './rounds.ts';

describe('the programs of the bench', () => {
  for (const name of Object.keys(PROGRAMS) as ProgramName[]) {
    it(`${name} finds its results right, in each translation`, () => {
      for (const leaves of Object.keys(LEAVES) as Leaves[]) {
        const machine = loadProgram(name, 1, leaves, {});
        expect(machine.run(50_000_000)).toMatchObject({ kind: 'finished', finish: { kind: 'pass' } });
        const stages = ['satp', 'vsatp', 'hgatp'].filter((root) => machine.csr(root) !== 0n);
        expect(stages).toEqual(leaves === 'none' ? [] : leaves.includes('/') ? ['vsatp', 'hgatp'] : ['satp']);
      }
    });
  }

  it('say so where a result is wrong', () => {
    const machine = loadProgram('sorter', 2, 'none', {});
    machine.run(500_000);
    machine.write(images.programs.symbols.arena.address, Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    expect(machine.run(50_000_000)).toMatchObject({ kind: 'finished', finish: { kind: 'fail' } });
  });
});

describe('ratios', () => {
  const cell = (engine: string, rates: number[], program: ProgramName = 'fib'): Measured => ({
    program,
    engine,
    leaves: 'none',
    rates,
  });

  it('are of the best rounds, and of the medians', () => {
    const rows = ratios(
      [
        cell(INTERPRETER, [10, 20, 40]),
        cell(QEMU_PLAIN, [100, 80, 50]),
        cell(INTERPRETER, [90, 90, 90], 'list'),
        cell(QEMU_PLAIN, [10, 10, 10], 'list'),
      ],
      INTERPRETER,
      QEMU_PLAIN,
    );
    expect(rows.map(({ of, best, median }) => [of, best, median])).toEqual([
      ['fib', 0.4, 0.25],
      ['list', 9, 9],
      ['geomean', expect.closeTo(Math.sqrt(3.6)), expect.closeTo(1.5)],
    ]);
  });

  it('of two stages are to one stage of the same leaves', () => {
    const rows = stageRatios([
      { program: 'fib', engine: REGIONS, leaves: '2M', rates: [10] },
      { program: 'fib', engine: REGIONS, leaves: '4K', rates: [4] },
      { program: 'fib', engine: REGIONS, leaves: '4K/4K', rates: [2] },
      { program: 'fib', engine: QEMU_PLAIN, leaves: '4K', rates: [1] },
    ]);
    expect(rows.map(({ reference, leaves, of, best }) => [reference, leaves, of, best])).toEqual([
      [ONE_STAGE, '4K/4K', 'fib', 0.5],
      [ONE_STAGE, '4K/4K', 'geomean', 0.5],
    ]);
  });
});
