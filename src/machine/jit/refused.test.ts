import { afterEach, describe, expect, it, vi } from 'vitest';
import { pair } from './pair.ts';

/** Loops in as many pages, one after the other, again and again. */
const PAGES = 6;
const text = `
  again:
  ${Array.from(
    { length: PAGES },
    (_, page) => `
    li t0, 50
  loop${page}:
    addi a0, a0, 1
    addi t0, t0, -1
    bnez t0, loop${page}
    j page${page + 1}
    .org 0x8000${page + 1}000
  page${page + 1}:`,
  ).join('')}
    j again`;
const CYCLES = 100_000;

describe('where no more regions can be had', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  function reasons({ regions, both, same }: ReturnType<typeof pair>): string[] {
    const told: string[] = [];
    regions.probe.on('uncompiled', ({ why }) => told.push(why));
    both((machine) => machine.run(CYCLES));
    same();
    both((machine) => machine.run(2 * CYCLES));
    same('later');
    return told;
  }

  it('nothing is told while all is compiled', () => {
    const made = pair(text);
    expect(reasons(made)).toEqual([]);
    expect(made.regions.regionsCompiled).toBeGreaterThanOrEqual(PAGES);
  });

  it('code stays interpreted, which is told once: by our own cap', () => {
    const made = pair(text, {}, { most: 2 });
    expect(reasons(made)).toEqual(['2 regions are in use at once, and there shall be no more']);
    expect(made.regions.regionsCompiled).toBeGreaterThanOrEqual(2);
  });

  it.each(['Module', 'Instance'] as const)(
    'code stays interpreted, which is told once: by the host, at a %s',
    (what) => {
      const made = pair(text);
      const { [what]: original } = WebAssembly;
      let left = 3;
      const limited = vi.fn(function limited(...given: [never]) {
        if (--left < 0) throw new RangeError('out of memory');
        return new original(...given);
      });
      vi.spyOn(WebAssembly, what).mockImplementation(limited as never);
      expect(reasons(made)).toEqual(['after 3 modules the host makes no more: out of memory']);
      expect(made.regions.regionsCompiled).toBe(3);
    },
  );

  it('any other error of the host is one of ours', () => {
    const made = pair(text);
    vi.spyOn(WebAssembly, 'Module').mockImplementation(function broken() {
      throw new WebAssembly.CompileError('malformed');
    } as never);
    expect(() => reasons(made)).toThrow('malformed');
  });
});
