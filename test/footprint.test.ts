// The sizes that reports print, against what binutils say of the committed images.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { footprints } from '../src/scenario/footprint.ts';
import { openShipped } from './onboard/boot-guests.ts';

const { factors } = openShipped().scenario;
const rows = footprints({ factors, guests: [] }, { layers: new Map(), guests: [] });

const OBJDUMP = 'riscv64-unknown-elf-objdump';
const installed = spawnSync(OBJDUMP, ['--version']).status === 0;

/** Bytes of the allocated sections, those with code apart. */
function sizesOf(name: string): { text: number; data: number } {
  const { stdout } = spawnSync(OBJDUMP, ['-hw', join(import.meta.dirname, `../images/${name}.elf`)], {
    encoding: 'utf8',
  });
  const sections = [...stdout.matchAll(/^ *\d+ \S+ +([0-9a-f]{8}) .*\bALLOC\b(.*)$/gm)].map(
    ([, size = '', flags = '']) => ({
      size: Number.parseInt(size, 16),
      code: flags.includes('CODE'),
    }),
  );
  const sum = (code: boolean): number =>
    sections.filter((section) => section.code === code).reduce((total, { size }) => total + size, 0);
  return { text: sum(true), data: sum(false) };
}

describe.skipIf(!installed)('footprints', () => {
  it.each(rows)('of $component are what objdump counts', ({ component, text, data, reachable }) => {
    expect({ text, data }).toEqual(sizesOf(component));
    // An instruction has two bytes or four.
    if (reachable !== null) expect(reachable).toBeLessThanOrEqual(text / 2);
  });

  it('know how much of each is reached from above', () => {
    expect(rows.map(({ component }) => component)).toEqual(
      expect.arrayContaining(['firmware', 'hypervisor', 'rtos', 'unix']),
    );
    for (const { reachable } of rows) expect(reachable).toBeGreaterThan(100);
    // unix serves system calls, and rtos none.
    const of = (name: string) => rows.find(({ component }) => component === name)?.reachable ?? 0;
    expect(of('unix')).toBeGreaterThan(2 * of('rtos'));
  });
});
