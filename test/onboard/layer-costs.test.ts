// Instructions of both layers for a world switch, a tick and an exit: printed, so that nobody need suspect a lazy layer,
// and held below bounds.
import { describe, expect, it } from 'vitest';
import { MODES } from './boot-guests.ts';
import type { LayerCost } from './layer-costs.ts';
import { costTable, measureLayerCosts } from './layer-costs.ts';

const costs = new Map<string, readonly LayerCost[]>(MODES.map((mode) => [mode, measureLayerCosts(mode)]));

function costsOf(mode: string, field: 'instructions' | 'entries'): Record<string, number> {
  return Object.fromEntries((costs.get(mode) ?? []).map((cost) => [cost.what, Math.round(cost[field])]));
}

/** Traps into the layer for one. */
const NATIVE_ENTRIES = {
  'SBI call': 1,
  'SBI set_timer': 1,
  'WFI, an interrupt pending': 0,
  'fault of the guest, for itself': 0,
  'PLIC register read': 0,
  'timer interrupt of the guest': 0,
  'device interrupt of the guest': 0,
};
const SHARED_ENTRIES = {
  ...NATIVE_ENTRIES,
  'WFI, an interrupt pending': 1,
  'fault of the guest, for itself': 1,
  'timer tick of the layer': 1,
  'world switch': 1,
};
/** The interrupt itself, and the guest's claim and completion at its virtual PLIC. */
const VIRTUAL_ENTRIES = { ...SHARED_ENTRIES, 'PLIC register read': 1, 'device interrupt of the guest': 3 };

/** Instructions of an entry at most: about one third more than when this was written. */
const BOUNDS: Readonly<Record<string, number>> = {
  'timer tick of the layer': 950,
  'world switch': 850,
  'PLIC register read': 420,
  'device interrupt of the guest': 1450,
};
const ENTRY_BOUND = 220;

describe('what layers take', () => {
  process.stdout.write(`\n${costTable(costs)}\n\n`);

  it('is one entry for each act that is the layer’s affair, and none for the others', () => {
    expect(costsOf('native', 'entries')).toEqual(NATIVE_ENTRIES);
    expect(costsOf('colocated', 'entries')).toEqual(SHARED_ENTRIES);
    expect(costsOf('partitioned', 'entries')).toEqual(SHARED_ENTRIES);
    expect(costsOf('virtualized', 'entries')).toEqual(VIRTUAL_ENTRIES);
  });

  it('is the same in the control: isolation is table data', () => {
    expect(costs.get('open')).toEqual(costs.get('virtualized'));
  });

  it.each(MODES)('stays within bounds when %s', (mode) => {
    for (const { what, instructions, cycles, entries } of costs.get(mode) ?? []) {
      expect(instructions, what).toBeLessThan(BOUNDS[what] ?? ENTRY_BOUND);
      expect(cycles, what).toBeGreaterThanOrEqual(instructions);
      if (entries === 0) expect([instructions, cycles], what).toEqual([0, 0]);
    }
  });
});
