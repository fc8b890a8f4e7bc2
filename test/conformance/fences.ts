import { expect } from 'vitest';
import { access, causeOf, ECALL } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, record, run, setCsr, VA } from './program.ts';
import { atp, entry, PTE, RW, Tables } from './tables.ts';

/** What caches of translations may keep, and what fences make them forget. "Privileged ISA" 12.2.1. */
export function fences({ engine, it }: Suite): void {
  /** Maps VA to one of two pages and reads it; the case moves the mapping between. */
  const two = (between: string, flags: number = RW) => {
    const tables = new Tables();
    const root = tables.withCode();
    const slot = tables.map(root, VA, DATA, flags);
    const other = tables.map(root, VA + 0x1000, DATA, flags);
    const { values } = run(
      engine(),
      `${setCsr('satp', atp(root, 1))}
       ${attempt('S', `li a0, ${VA}\n ld a1, 0(a0)\n li a0, ${VA + 0x1000}\n ld a3, 0(a0)`)}
       li a0, ${slot}
       li a2, ${entry(DATA + 0x1000, flags)}
       sd a2, 0(a0)
       li a0, ${other}
       sd a2, 0(a0)
       li a4, ${VA}
       li a5, 1
       ${between.replaceAll('ROOT', String(root))}
       ${attempt('S', `li a0, ${VA}\n ld a2, 0(a0)\n li a0, ${VA + 0x1000}\n ld a4, 0(a0)`)}
       ${record('a1', 'a2', 'a3', 'a4')}`,
      new Map([...tables.words, [DATA, 1n], [DATA + 0x1000, 2n]]),
    );
    return values.map(Number);
  };

  const otherAsid = setCsr('satp', '(8 << 60) | (2 << 44) | (ROOT >> 12)');

  it('a changed entry is seen after sfence.vma, however it is said', () => {
    for (const fence of ['sfence.vma', 'sfence.vma zero, a5']) expect(two(fence), fence).toEqual([1, 2, 1, 2]);
    expect(two('sfence.vma a4').slice(0, 3), 'by address').toEqual([1, 2, 1]);
    expect(two('sfence.vma a4, a5').slice(0, 3), 'by both').toEqual([1, 2, 1]);
    expect(two(attempt('S', 'sfence.vma')), 'from S-mode').toEqual([1, 2, 1, 2]);
  });

  it('another ASID does not use the entries of this one', () => {
    expect(two(otherAsid)).toEqual([1, 2, 1, 2]);
  });

  it('sfence.vma of everything empties global entries too', () => {
    expect(two('sfence.vma', RW | PTE.G)).toEqual([1, 2, 1, 2]);
  });

  // What a cache may keep ("Privileged ISA" 12.2.1) and this machine's model does keep.
  it('kept: a changed entry, until a fence', () => {
    expect(two('')).toEqual([1, 1, 1, 1]);
  });

  it('kept: other pages, by sfence.vma of one address', () => {
    expect(two('sfence.vma a4')).toEqual([1, 2, 1, 1]);
  });

  it('kept: these entries, by sfence.vma of another ASID', () => {
    expect(two('li a5, 2\n sfence.vma zero, a5')).toEqual([1, 1, 1, 1]);
  });

  it('kept: global entries, by sfence.vma of their ASID', () => {
    expect(two('sfence.vma zero, a5', RW | PTE.G)).toEqual([1, 1, 1, 1]);
  });

  it('kept: the entries of an ASID while another runs', () => {
    expect(two(`${otherAsid} ${setCsr('satp', '(8 << 60) | (1 << 44) | (ROOT >> 12)')}`)).toEqual([1, 1, 1, 1]);
  });

  it('kept: global entries, for every ASID', () => {
    expect(two(otherAsid, RW | PTE.G)).toEqual([1, 1, 1, 1]);
  });

  it('a fault is never served from a cache: an entry made valid or wider is seen at once', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const slot = tables.map(root, VA, DATA, PTE.V | PTE.R | PTE.A);
    const absent = tables.map(root, VA + 0x1000, DATA, 0);
    const grant = (at: number) => `li a2, ${at}\n li a3, ${entry(DATA, RW)}\n sd a3, 0(a2)\n`;
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))}
       ${access('S', 'load', VA)} ${access('S', 'store', VA)} ${access('S', 'load', VA + 0x1000)}
       ${grant(slot)} ${grant(absent)} sfence.vma
       ${access('S', 'store', VA)} ${access('S', 'load', VA + 0x1000)}`,
      new Map([[DATA, ECALL], ...tables.words]),
    );
    expect(traps.map(causeOf)).toEqual([0, 15, 13, 0, 0]);
  });

  it('more pages than any TLB holds: every load and store finds its own page', () => {
    const tables = new Tables();
    const root = tables.withCode();
    const pages = 700;
    for (let i = 0; i < pages; i++) tables.map(root, VA + i * 0x1000, DATA + (i % 200) * 0x1000, RW);
    const loop = (body: string) =>
      `li a0, ${VA}\n li a1, ${pages}\n li a3, 0x1000\n li a4, 0\n 1: ${body}\n add a0, a0, a3\n addi a1, a1, -1\n bnez a1, 1b\n`;
    const { values } = run(
      engine(),
      `${setCsr('satp', atp(root))}
       ${attempt('S', `${loop('sd a1, 8(a0)')} ${loop('ld a2, 8(a0)\n add a4, a4, a2')} ${loop('ld a2, 8(a0)\n add a4, a4, a2')}`)}
       ${record('a4')}`,
      tables.words,
    );
    // The last store to physical page k came from the highest i with i % 200 = k.
    let sum = 0;
    for (let i = 0; i < pages; i++) {
      let last = i % 200;
      while (last + 200 < pages) last += 200;
      sum += pages - last;
    }
    expect(values).toEqual([BigInt(sum)]);
  });
}
