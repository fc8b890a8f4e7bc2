// The rows that experiments and sweeps leave behind: plain data, as they stand in shards and documents.

import type { Delays } from './delays.ts';
import type { Endpoints, Outcome } from './outcome.ts';

/** A ledger entry as text: names for numbers, symbols beside addresses. */
export interface EffectRecord {
  readonly kind: string;
  readonly from: string;
  readonly onBehalf: string;
  readonly owner: string;
  readonly address: string;
  readonly symbol: string;
  readonly pc: string;
  readonly pcSymbol: string;
  readonly cycle: number;
  readonly instret: number;
  readonly changed: boolean;
  readonly count: number;
  readonly tainted: boolean;
}

/** A refused access as text. */
export interface RefusalRecord {
  readonly by: 'own tables' | 'layer' | 'IOMMU';
  readonly cause: number;
  readonly owner: string;
  readonly address: string;
  readonly symbol: string;
  readonly pcSymbol: string;
  readonly count: number;
}

/** Of an experiment's record; a shard with another one was written by another program. */
export const RECORD_VERSION = 6;

/** Effects that a record keeps; what follows the first ones is their consequence. */
export const EFFECTS_KEPT = 8;

export interface ExperimentRecord {
  readonly version: typeof RECORD_VERSION;
  /** Replay id. */
  readonly id: string;
  readonly class: string;
  readonly mode: string;
  readonly from: string;
  readonly n: number;
  /** Which of the input seeds it ran with. */
  readonly trajectory: number;
  /** What was done, in words: register, address and bit. */
  readonly what: string;
  /** Of a mutant: alone in the native mode the guest delivers its words nevertheless, so its own test would not find it.
   * Null for all other faults. */
  readonly passesSelfTest: boolean | null;
  readonly injected: boolean;
  /** Digest of what the guest's next instructions depend on, at the injection; empty when the point was not reached. */
  readonly context: string;
  /** That context is the native run's. */
  readonly exact: boolean;
  readonly activated: boolean;
  readonly delays: Delays;
  readonly outcome: Outcome;
  /** What happened, in a few words. */
  readonly mechanism: string;
  /** The first foreign effects. */
  readonly effects: readonly EffectRecord[];
  /** The first accesses to what is others' that were refused. */
  readonly refusals: readonly RefusalRecord[];
  /** Its translation caches were full, so it shows no containment. */
  readonly capped: boolean;
  readonly stateHash: string;
}

export interface ReachRow {
  readonly mode: string;
  readonly from: string;
  readonly resource: string;
  readonly access: 'r' | 'w' | 'x';
  readonly tried: number;
  readonly reached: number;
}

export interface CapabilityRow extends Endpoints {
  readonly fault: string;
  readonly mode: string;
  readonly from: string;
  readonly to: string;
  readonly predicted: Endpoints;
  readonly mechanism: string;
  readonly replay: string;
}

/** Foreign pages that the active address space of a guest lets it write, of all there are. */
export interface ExposureRow {
  readonly mode: string;
  readonly faulty: string;
  readonly writable: number;
  readonly foreign: number;
}

export interface RateRow {
  readonly class: string;
  readonly mode: string;
  readonly faulty: string;
  readonly bystander: string;
  readonly injected: number;
  readonly activated: number;
  readonly reached: number;
  readonly failed: number;
  readonly late: number;
  /** Reached, and yet the bystander did not fail. */
  readonly latent: number;
  /** Runs in which an access to what is the bystander's or the layer's was refused, and none got through. */
  readonly refused: number;
  /** See ExposureRow; null where there is nobody beside the guest. */
  readonly writablePages: number | null;
  readonly foreignPages: number | null;
  /** Of failed per injected. */
  readonly lower95: number;
  readonly upper95: number;
  /** Of failed per activated. */
  readonly activated95: { readonly lower: number; readonly upper: number };
  /** Per input seed. */
  readonly trajectories: readonly { readonly injected: number; readonly failed: number }[];
}

/** How long faults of a class took to show, of those that did. */
export interface DelayRow {
  readonly class: string;
  readonly mode: string;
  readonly faulty: string;
  readonly to: keyof Delays;
  readonly unit: 'instructions' | 'cycles';
  readonly n: number;
  readonly least: number;
  readonly median: number;
  /** Nine in ten took no longer. */
  readonly p90: number;
  readonly most: number;
}

/** Of the random faults of one mode after which a guest aimed at what is another's: how many were refused it. */
export interface CaughtRow {
  readonly mode: string;
  /** Runs, by ordered pair, in which an access was refused or got through. */
  readonly aimed: number;
  readonly refused: number;
  /** Of refused per aimed. */
  readonly lower95: number;
  readonly upper95: number;
}

/** The fault space of one guest on one trajectory, as def-use pruning divides it. */
export interface UsesRow {
  readonly class: string;
  readonly from: string;
  readonly trajectory: number;
  readonly classes: number;
  /** Faults in classes that must be tried, and faults known to do nothing. */
  readonly live: number;
  readonly known: number;
}

/** A rate over all faults of the space, of which only pilots were tried. */
export interface PrunedRow {
  readonly class: string;
  readonly mode: string;
  readonly faulty: string;
  readonly bystander: string;
  readonly pilots: number;
  /** Of the pilots: no rate by itself. */
  readonly failed: number;
  /** Faults of one run that may matter, and that cannot. */
  readonly live: number;
  readonly known: number;
  /** Of all these, those that fail the bystander. */
  readonly share: number;
  readonly lower95: number;
  readonly upper95: number;
}

/** A rate over several regions of one guest, each weighed by its bits. */
export interface PooledRow {
  readonly mode: string;
  readonly faulty: string;
  readonly bystander: string;
  readonly classes: readonly string[];
  readonly bits: number;
  readonly share: number;
  readonly lower95: number;
  readonly upper95: number;
}

/** The same faults in two modes, for one ordered pair of guests. */
export interface PairedRow {
  readonly class: string;
  readonly faulty: string;
  readonly bystander: string;
  readonly a: string;
  readonly b: string;
  /** Faults by the mode in which the bystander failed. */
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly neither: number;
  /** Share of the pairs whose injections agree in pc, registers and digest; the others are matched by the point alone. */
  readonly exactShare: number;
  /** Failed in a less failed in b, per injected, with Tango's interval. */
  readonly difference: number;
  readonly lower95: number;
  readonly upper95: number;
  /** McNemar's, and Holm's inside the declared family; null for what is exploratory. */
  readonly p: number | null;
  readonly pHolm: number | null;
}

/** Faults in the layer itself: unpaired, because the layers are different programs. */
export interface LayerRow {
  readonly class: string;
  readonly mode: string;
  readonly component: string;
  readonly injected: number;
  readonly activated: number;
  /** Runs by their worst: a call came back with an error and no guest was harmed; the layer parked a guest, and harmed no
   * other; some guest failed; every guest failed, or the machine stopped. */
  readonly errorReturned: number;
  readonly oneParked: number;
  readonly oneLost: number;
  readonly guestsLost: number;
  /** Of the last two, those in which the layer parked a guest. */
  readonly parkedAmongLost: number;
  /** Of guests lost per injected. */
  readonly lower95: number;
  readonly upper95: number;
  /** Bits times cycles of the component in the fault-free run. */
  readonly faultSpace: number;
  readonly failuresPerGcycle: number;
}

/** Of the faults that lost a guest for good where nothing is restarted, those after which all guests were served. */
export interface RecoveryRow {
  readonly from: string;
  readonly inLayer: boolean;
  readonly mode: string;
  readonly recovery: string;
  readonly lost: number;
  readonly saved: number;
  /** Of saved per lost. */
  readonly lower95: number;
  readonly upper95: number;
}

export interface ControlRow {
  readonly name: string;
  readonly n: number;
  readonly failed: number;
  /** Null where no number is right and the share itself is what is wanted: the recall. */
  readonly expected: number | null;
}
