// Who used the cycles between two moments. The parts must sum to the machine's own total, or nothing here is worth
// printing.

import type { Accounting } from '../machine/index.ts';

export interface Moment {
  readonly cycles: number;
  readonly accounting: Accounting;
}

/** What one guest cost: itself, and the layer (firmware included) on its behalf. */
export interface GuestCost {
  readonly cycles: number;
  readonly instret: number;
  readonly layerCycles: number;
  readonly layerInstret: number;
  /** Traps that left the guest for the layer. */
  readonly entries: number;
  readonly idleCycles: number;
}

function totalOf({ idle, firmware, layer, guests }: Accounting): number {
  return guests.reduce((sum, guest) => sum + guest.cycles + guest.layerCycles, idle + firmware.cycles + layer.cycles);
}

/** The difference, once the parts were seen to sum to the whole. */
export function costBetween(before: Moment, after: Moment, guest: number): GuestCost {
  for (const { cycles, accounting } of [before, after]) {
    const total = totalOf(accounting);
    if (total !== cycles) throw new Error(`the accounts sum to ${total} cycles, the machine ran ${cycles}`);
  }
  const from = before.accounting.guests[guest];
  const to = after.accounting.guests[guest];
  if (from === undefined || to === undefined) throw new RangeError(`the machine has no account of guest ${guest}`);
  return {
    cycles: to.cycles - from.cycles,
    instret: to.instret - from.instret,
    layerCycles: to.layerCycles - from.layerCycles,
    layerInstret: to.layerInstret - from.layerInstret,
    entries: to.entries - from.entries,
    idleCycles: after.accounting.idle - before.accounting.idle,
  };
}
