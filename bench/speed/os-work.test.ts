import { describe, expect, it } from 'vitest';
import { images } from '../../images/index.ts';
import { loadProgram } from './engines.ts';
import { type OsWork, osRatios, ownName } from './os-work.ts';
import { STORMS, type StormName } from './programs.ts';
import { QEMU_PLAIN } from './rounds.ts';

describe('the storms', () => {
  const names = Object.keys(STORMS) as StormName[];

  it.each(names)('%s finds that all its rounds were made, in each translation and timing', (name) => {
    for (const leaves of ['2M', '4K', '4K/4K'] as const) {
      for (const timing of ['inorder', 'functional'] as const) {
        const machine = loadProgram(name, 1, leaves, { timing });
        expect(machine.run(50_000_000)).toMatchObject({ kind: 'finished', finish: { kind: 'pass' } });
      }
    }
  });

  it('switch address spaces, and are interrupted by the timer', () => {
    const machine = loadProgram('switches', 1, '4K', {});
    const seen = new Set<bigint>();
    for (let i = 0; i < 2000; i++) {
      machine.run(machine.cycles + 1009);
      seen.add((machine.csr('satp') >> 44n) & 0xffffn);
    }
    expect([...seen].sort()).toEqual([0n, 1n, 2n]);
    const [ticks] = machine.read(images.programs.symbols.ticks.address, 1);
    expect(ticks).toBe(1);
  });

  it.each(names)('%s says so where a task loses count', (name) => {
    const machine = loadProgram(name, 1, '4K', {});
    machine.run(1_000_000);
    // Of each space, the pages of its task come last.
    const { address, size } = images.programs.symbols.spaces;
    machine.write(address + size / 2 - 8 * 4096, Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    if (name === 'calls') {
      const { address: numbers } = images.programs.symbols.numbers;
      machine.write(numbers, Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    }
    expect(machine.run(50_000_000)).toMatchObject({ kind: 'finished', finish: { kind: 'fail' } });
  });

  it.each(names)('%s refuses to run untranslated', (name) => {
    expect(loadProgram(name, 1, 'none', {}).run(1_000_000)).toMatchObject({ finish: { kind: 'fail' } });
  });
});

describe('ratios of OS work', () => {
  const own = ownName('inorder');
  const cell = (engine: string, work: OsWork, rates: number[]) => ({ engine, work, rates });

  it('pair the same work', () => {
    const rows = osRatios(
      [
        cell(own, 'switches', [1, 2]),
        cell(QEMU_PLAIN, 'switches', [2, 2]),
        cell(own, 'Debian boot', [1]),
        cell(QEMU_PLAIN, 'Debian boot', [2]),
        cell(own, 'calls', [1]),
      ],
      own,
      QEMU_PLAIN,
    );
    expect(rows.map(({ work, best, median }) => [work, best, median])).toEqual([
      ['switches', 1, 0.75],
      ['Debian boot', 0.5, 0.5],
    ]);
  });
});
