// The rows that experiments and sweeps leave behind: plain data, as they stand in shards and documents.

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

export interface ExperimentRecord {
  /** Replay id. */
  readonly id: string;
  readonly class: string;
  readonly mode: string;
  readonly from: string;
  readonly n: number;
  readonly injected: boolean;
  readonly exact: boolean;
  readonly activated: boolean;
  readonly outcome: Outcome;
  /** What happened, in a few words. */
  readonly mechanism: string;
  /** The first foreign effects. */
  readonly effects: readonly EffectRecord[];
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
  /** Of failed per injected. */
  readonly lower95: number;
  readonly upper95: number;
  /** Of failed per activated. */
  readonly activated95: { readonly lower: number; readonly upper: number };
  /** Input seeds the experiments are spread over. */
  readonly trajectories: number;
}

export interface ControlRow {
  readonly name: string;
  readonly n: number;
  readonly failed: number;
  readonly expected: number;
}
