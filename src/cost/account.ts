// Who used the cycles between two moments. The parts must sum to the machine's own total, or nothing here is worth
// printing.

import type { Accounting } from '../machine/index.ts';

export interface Moment {
  readonly cycles: number;
  readonly accounting: Accounting;
}

/** What the guests cost: themselves, and the layer (firmware included) on their behalf. */
export interface GuestCost {
  readonly cycles: number;
  readonly instret: number;
  readonly layerCycles: number;
  readonly layerInstret: number;
  /** Traps that left a guest for the layer. */
  readonly entries: number;
  /** Cycles of nobody's, and those of layer and firmware on behalf of nobody. */
  readonly idleCycles: number;
  readonly otherCycles: number;
}

type Parts = GuestCost & { readonly total: number };

function partsOf({ cycles, accounting }: Moment): Parts {
  const { idle, firmware, layer, guests } = accounting;
  const sum = (field: keyof Accounting['guests'][number]): number =>
    guests.reduce((total, guest) => total + guest[field], 0);
  const parts = {
    cycles: sum('cycles'),
    instret: sum('instret'),
    layerCycles: sum('layerCycles'),
    layerInstret: sum('layerInstret'),
    entries: sum('entries'),
    idleCycles: idle,
    otherCycles: firmware.cycles + layer.cycles,
  };
  const total = parts.cycles + parts.layerCycles + parts.idleCycles + parts.otherCycles;
  if (total !== cycles) throw new Error(`the accounts sum to ${total} cycles, the machine ran ${cycles}`);
  return { ...parts, total };
}

/** The difference, once the parts were seen to sum to the whole. */
export function costBetween(before: Moment, after: Moment): GuestCost {
  const [from, to] = [partsOf(before), partsOf(after)];
  return {
    cycles: to.cycles - from.cycles,
    instret: to.instret - from.instret,
    layerCycles: to.layerCycles - from.layerCycles,
    layerInstret: to.layerInstret - from.layerInstret,
    entries: to.entries - from.entries,
    idleCycles: to.idleCycles - from.idleCycles,
    otherCycles: to.otherCycles - from.otherCycles,
  };
}

/** As a clock on the wall has it. */
export function elapsedOf({ cycles, layerCycles, idleCycles, otherCycles }: GuestCost): number {
  return cycles + layerCycles + idleCycles + otherCycles;
}
