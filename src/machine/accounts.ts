import { GUEST_LIMIT } from './board.ts';
import { PARTY } from './hart/layout.ts';
import type { MachineMemory } from './memory.ts';

export interface Share {
  readonly cycles: number;
  readonly instret: number;
}

export interface GuestAccount extends Share {
  /** Layer and firmware on this guest's behalf. */
  readonly layerCycles: number;
  readonly layerInstret: number;
  /** Traps that left this guest for the layer. */
  readonly entries: number;
  /** Misses of the modelled TLBs in its own accesses, and page-table references, of both stages, made for them. */
  readonly refills: number;
  readonly references: number;
}

/** Who used the cycles; firmware and layer are what they did for no guest. The parts sum to the cycles of all harts. */
export interface Accounting {
  readonly idle: number;
  readonly firmware: Share;
  readonly layer: Share;
  readonly guests: readonly GuestAccount[];
}

/** Reads the totals that the hart keeps; the running quantum must be folded into them. */
export function readAccounts(memory: MachineMemory): Accounting {
  const total = (name: string, index: number) => memory.harts.reduce((sum, hart) => sum + hart.count(name, index), 0);
  const share = (party: number): Share => ({
    cycles: total('party_cycles', party),
    instret: total('party_instret', party),
  });
  const guests = Array.from({ length: GUEST_LIMIT }, (_, guest) => {
    const layer = share(PARTY.layerFor + guest);
    const firmware = share(PARTY.firmwareFor + guest);
    return {
      ...share(PARTY.guest + guest),
      layerCycles: layer.cycles + firmware.cycles,
      layerInstret: layer.instret + firmware.instret,
      entries: total('layer_entries', guest),
      refills: total('refills', PARTY.guest + guest),
      references: total('references', PARTY.guest + guest),
    };
  });
  return { idle: share(PARTY.idle).cycles, firmware: share(PARTY.firmware), layer: share(PARTY.layer), guests };
}
