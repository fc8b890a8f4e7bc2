import { describe, expect, it } from 'vitest';
import { type Deed, Ledger } from './ledger.ts';

const deed = (more: Partial<Deed>): Deed => ({
  kind: 'write',
  from: 0,
  onBehalf: undefined,
  owner: 1,
  address: 0x8000_0000,
  changed: true,
  ...more,
});

/** Each differs from the first in one thing that makes another entry, but for the last, which does not. */
const DEEDS = [
  deed({}),
  deed({ kind: 'read' }),
  deed({ from: 2 }),
  deed({ onBehalf: 0, from: 'layer' }),
  deed({ owner: 'layer' }),
  deed({ changed: false }),
  deed({ address: 0x8000_1000 }),
  deed({ kind: 'mmio-write', address: 0x1000_0000 }),
  deed({ kind: 'mmio-write', address: 0x1000_0004 }),
  deed({ address: 0x8000_0ff8 }),
];
const KINDS = DEEDS.length - 1;

describe('the ledger', () => {
  it('counts like effects together, in whatever order they come', () => {
    const ledger = new Ledger();
    const expected = new Array<number>(KINDS).fill(0);
    let seed = 1;
    for (let time = 0; time < 2000; time++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      const index = (seed >>> 16) % DEEDS.length;
      ledger.note(DEEDS[index] ?? deed({}), () => ({ pc: BigInt(time), cycle: time, instret: time }));
      expected[index % KINDS] = (expected[index % KINDS] ?? 0) + 1;
      if (time % 100 === 99) ledger.restore(ledger.save());
    }
    const counts = DEEDS.slice(0, KINDS).map(
      ({ kind, from, onBehalf, owner, changed, address }) =>
        ledger.entries.find(
          (entry) =>
            entry.kind === kind &&
            entry.from === from &&
            entry.onBehalf === onBehalf &&
            entry.owner === owner &&
            entry.changed === changed &&
            (entry.address === address || (entry.address >>> 12 === address >>> 12 && address >= 0x8000_0000)),
        )?.count,
    );
    expect(counts).toEqual(expected);
    expect(ledger.size).toBe(KINDS);
  });

  it('leaves what it handed out as it was', () => {
    const ledger = new Ledger();
    const note = () => ledger.note(deed({}), () => ({ pc: 0n, cycle: 0, instret: 0 }));
    note();
    const before = ledger.entries;
    const saved = ledger.save();
    note();
    expect([before[0]?.count, saved.entries[0]?.count, ledger.entries[0]?.count]).toEqual([1, 1, 2]);
    ledger.restore(saved);
    note();
    expect(saved.entries[0]?.count).toBe(1);
  });
});
