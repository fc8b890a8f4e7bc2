import { describe, expect, it } from 'vitest';
import { OWNER_LAYER, OWNER_RUNNING, REFUSED } from './device.ts';
import { PLIC, Plic } from './plic.ts';

const M = 0;
const S = 1;
const threshold = (context: number): number => PLIC.THRESHOLD + PLIC.CONTEXT_STRIDE * context;
const claim = (context: number): number => PLIC.CLAIM + PLIC.CONTEXT_STRIDE * context;
const enable = (context: number, word = 0): number => PLIC.ENABLE + PLIC.ENABLE_STRIDE * context + 4 * word;

class Harness {
  readonly pins = [false, false];
  readonly changes: string[] = [];
  readonly plic = new Plic({
    sources: 63,
    contexts: 2,
    output: (context, high) => {
      this.pins[context] = high;
      this.changes.push(`${context}${high ? '+' : '-'}`);
    },
    sourceOwner: (source) => (source === 10 ? 0 : source === 11 || source === 40 ? 1 : OWNER_LAYER),
    runsOn: () => this.runs,
  });
  /** Who runs on the only hart. */
  runs: number = OWNER_RUNNING;

  write(offset: number, value: number): void {
    expect(this.plic.write(offset, 4, value, 0)).toBe(true);
  }

  read(offset: number): number {
    return this.plic.read(offset, 4, 0);
  }

  raise(source: number): void {
    this.plic.line(source).set(true);
  }

  lower(source: number): void {
    this.plic.line(source).set(false);
  }
}

/** Priority 1 for every source, all enabled for S. */
function ready(): Harness {
  const harness = new Harness();
  for (let source = 1; source <= 63; source++) harness.write(4 * source, 1);
  harness.write(enable(S), 0xffff_ffff);
  harness.write(enable(S, 1), 0xffff_ffff);
  return harness;
}

describe('PLIC gateways (level-sensitive)', () => {
  it('forwards one request until completion, then another while the level is still asserted', () => {
    const h = ready();
    h.raise(10);
    expect(h.pins[S]).toBe(true);
    expect(h.read(PLIC.PENDING)).toBe(1 << 10);
    expect(h.read(claim(S))).toBe(10);
    expect(h.read(PLIC.PENDING)).toBe(0);
    h.raise(10);
    expect(h.pins[S], 'no second request before completion').toBe(false);
    expect(h.read(claim(S))).toBe(0);
    h.write(claim(S), 10);
    expect(h.pins[S], 'the level is still high').toBe(true);
    expect(h.read(claim(S))).toBe(10);
    h.lower(10);
    h.write(claim(S), 10);
    expect(h.pins[S]).toBe(false);
  });

  it('does not retract a request that the core has accepted', () => {
    const h = ready();
    h.raise(10);
    h.lower(10);
    expect(h.read(PLIC.PENDING)).toBe(1 << 10);
    expect(h.read(claim(S))).toBe(10);
    h.write(claim(S), 10);
    expect(h.read(PLIC.PENDING)).toBe(0);
  });
});

describe('PLIC priorities and identifiers', () => {
  it('claims the highest priority, the lowest identifier among equals', () => {
    const h = ready();
    for (const source of [40, 33, 12, 31]) h.raise(source);
    h.write(4 * 40, 7);
    h.write(4 * 33, 7);
    const claimed = [1, 2, 3, 4, 5].map(() => h.read(claim(S)));
    expect(claimed).toEqual([33, 40, 12, 31, 0]);
    expect(h.pins[S]).toBe(false);
  });

  it('never interrupts for priority 0', () => {
    const h = ready();
    h.write(4 * 10, 0);
    h.raise(10);
    expect(h.pins[S]).toBe(false);
    expect(h.read(claim(S))).toBe(0);
    expect(h.read(PLIC.PENDING)).toBe(1 << 10);
    h.write(4 * 10, 1);
    expect(h.pins[S]).toBe(true);
  });

  it('keeps three bits of priorities and thresholds (WARL)', () => {
    const h = new Harness();
    h.write(4 * 10, 0xffff_fffe);
    h.write(threshold(S), 0xffff_fffb);
    expect([h.read(4 * 10), h.read(threshold(S))]).toEqual([6, 3]);
  });
});

describe('PLIC thresholds, enables and contexts', () => {
  it('masks priorities at or below the threshold, and follows a threshold write at once', () => {
    const h = ready();
    h.write(threshold(S), 1);
    h.raise(10);
    expect(h.pins[S]).toBe(false);
    h.write(threshold(S), 0);
    expect(h.pins[S]).toBe(true);
    h.write(threshold(S), 7);
    expect(h.pins[S]).toBe(false);
    expect(h.read(claim(S)), 'a claim is not affected by the threshold').toBe(10);
  });

  it('follows an enable write at once', () => {
    const h = ready();
    h.write(enable(S), 0);
    h.raise(10);
    expect(h.pins[S]).toBe(false);
    expect(h.read(claim(S))).toBe(0);
    h.write(enable(S), 1 << 10);
    expect(h.pins[S]).toBe(true);
    h.write(enable(S), 0);
    expect(h.pins[S]).toBe(false);
  });

  it('notifies every enabled context; the first claim takes the request from both', () => {
    const h = ready();
    h.write(enable(M), 1 << 10);
    h.raise(10);
    expect(h.pins).toEqual([true, true]);
    expect(h.read(claim(M))).toBe(10);
    expect(h.pins).toEqual([false, false]);
    expect(h.read(claim(S))).toBe(0);
    h.lower(10);
    expect(h.changes).toEqual(['0+', '1+', '0-', '1-']);
  });

  it('ignores the completion of a source that is not enabled for the context', () => {
    const h = ready();
    h.raise(10);
    expect(h.read(claim(S))).toBe(10);
    h.write(claim(M), 10);
    expect(h.pins[S]).toBe(false);
    h.write(enable(S), 0);
    h.write(claim(S), 10);
    h.write(enable(S), 1 << 10);
    expect(h.pins[S], 'still claimed').toBe(false);
    for (const nonsense of [0, 11, 64, 0xffff_ffff]) h.write(claim(S), nonsense);
    expect(h.pins[S]).toBe(false);
    h.write(claim(S), 10);
    expect(h.pins[S]).toBe(true);
  });

  it('accepts the completion by another context for which the source is enabled', () => {
    const h = ready();
    h.write(enable(M), 1 << 10);
    h.raise(10);
    expect(h.read(claim(S))).toBe(10);
    h.write(claim(M), 10);
    expect(h.pins).toEqual([true, true]);
  });
});

describe('PLIC registers', () => {
  it('has no source 0 and nothing beyond its sources and contexts', () => {
    const h = ready();
    expect(h.read(enable(S))).toBe(0xffff_fffe);
    expect(h.read(enable(S, 1))).toBe(0xffff_ffff);
    h.write(0, 5);
    h.write(4 * 64, 5);
    h.write(enable(S, 2), 5);
    h.write(enable(2), 5);
    h.write(threshold(2), 5);
    for (const offset of [0, 4 * 64, enable(S, 2), enable(2), threshold(2), claim(2), threshold(S) + 8]) {
      expect(h.read(offset)).toBe(0);
    }
    expect(h.plic.registerName(claim(2))).toBe('unimplemented');
    expect([h.plic.registerName(enable(S, 1)), h.plic.registerName(claim(S))]).toEqual(['enable1[1]', 'claim1']);
  });

  it('has read-only pending bits and refuses all but 32-bit accesses', () => {
    const h = ready();
    h.write(PLIC.PENDING, 0xffff_ffff);
    expect(h.read(PLIC.PENDING)).toBe(0);
    expect(h.plic.read(4, 1, 0)).toBe(REFUSED);
    expect(h.plic.write(4, 2, 0, 0)).toBe(false);
    expect(() => h.plic.line(64)).toThrow(RangeError);
  });

  it('names the owners of what an access touches', () => {
    const { plic } = ready();
    expect(plic.owners(4 * 10, 4, 1, true)).toEqual([0]);
    expect(plic.owners(4 * 12, 4, 1, false)).toEqual([OWNER_LAYER]);
    expect(plic.owners(enable(S), 4, 0xffff_fffe, true), 'no bit changes').toEqual([OWNER_RUNNING]);
    expect(plic.owners(enable(S), 4, 0xffff_fbff, true), 'bit 0 is none').toEqual([0]);
    expect(plic.owners(enable(S), 4, 0xffff_f3fe, true)).toEqual([0, 1]);
    expect(plic.owners(enable(S, 1), 4, 0xffff_feff, true)).toEqual([1]);
    expect(plic.owners(enable(S), 4, 0, false)).toEqual([OWNER_RUNNING]);
    expect(plic.owners(enable(M), 4, 0xffff_fffe, true)).toEqual([OWNER_LAYER]);
    expect(plic.owners(claim(S), 4, 10, true)).toEqual([OWNER_RUNNING]);
    expect(plic.owners(threshold(M), 4, 0, true)).toEqual([OWNER_LAYER]);
  });

  it('gives the S context of another hart to whoever runs there', () => {
    const h = ready();
    h.runs = 1;
    for (const offset of [threshold(S), claim(S), enable(S), enable(S, 1)]) {
      expect(h.plic.owners(offset, 4, 0xffff_ffff, true)).toEqual([1]);
      expect(h.plic.owners(offset, 4, 0, false)).toEqual([1]);
    }
    expect(h.plic.owners(4 * 10, 4, 1, true)).toEqual([0]);
    expect(h.plic.owners(threshold(M), 4, 0, true)).toEqual([OWNER_LAYER]);
  });

  it('goes on after a restore as it would have gone', () => {
    const h = ready();
    h.write(4 * 40, 3);
    h.write(threshold(S), 2);
    h.raise(40);
    h.raise(10);
    expect(h.read(claim(S))).toBe(40);
    const state = structuredClone(h.plic.save());
    const other = new Harness();
    other.plic.restore(state);
    expect(other.plic.save()).toEqual(state);
    for (const each of [h, other]) {
      each.changes.length = 0;
      each.write(claim(S), 40);
      each.write(threshold(S), 0);
    }
    expect(other.changes).toEqual(h.changes);
    expect(other.plic.save()).toEqual(h.plic.save());
    expect(state.pending[1], 'the saved state is a copy').toBe(0);
  });
});
