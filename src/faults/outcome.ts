// What an experiment may end in. Endpoints, the faulty guest's own fate and the layer's are different questions, each
// with its own closed union; the cause of a failure is a field beside the verdict, never the verdict.

/** Of an ordered pair: what the faulty guest did to one bystander. */
export interface Endpoints {
  /** The ledger shows a foreign effect outside declared channels. */
  readonly reached: boolean;
  /** A foreign write changed bytes: memory, or a word of a device. */
  readonly corrupted: boolean;
  /** The bystander's first K output words differ, or did not come within its bound, or it crashed. */
  readonly failed: boolean;
  /** Right words, but its declared response time was missed. */
  readonly late: boolean;
  /** A canary of the bystander stands in the faulty guest's output. */
  readonly leaked: boolean;
}

export const NO_ENDPOINT: Endpoints = { reached: false, corrupted: false, failed: false, late: false, leaked: false };

export type Failure = 'none' | 'crashed' | 'wrong words' | 'words missing';

/** Of the guest that was hit, in the words of the catalogue (faults N0 to F4). */
export type FaultyOutcome =
  | 'not reached' // N0: the point was never executed
  | 'not activated' // N1: the flipped register was written before it was read
  | 'masked' // N2: activated, and the machine ended in the golden state
  | 'latent' // N3: the same words, another state
  | 'crashed' // F1
  | 'hung' // F2: its words did not come
  | 'late' // F3
  | 'wrong words' // F4
  | 'not hit'; // the layer was

export type LayerOutcome =
  | 'ok'
  | 'corrupted'
  | 'stopped'
  // Of a fault in the layer itself; see layer-outcome.ts.
  | 'error returned'
  | 'one guest parked'
  | 'one guest lost'
  | 'machine lost';

export interface BystanderOutcome {
  readonly guest: string;
  readonly endpoints: Endpoints;
  readonly failure: Failure;
  /** Output words delivered, of the `work` that count. */
  readonly words: number;
  readonly work: number;
  /** Instructions it retired between the injection and the end of the run. */
  readonly instretAfter: number;
}

/** A guest that panicked, and who called the panic, innermost first. */
export interface Crash {
  readonly guest: string;
  readonly backtrace: readonly string[];
}

export interface Outcome {
  readonly faulty: FaultyOutcome;
  readonly bystanders: readonly BystanderOutcome[];
  readonly crashes: readonly Crash[];
  readonly layer: LayerOutcome;
  /** The harness contradicts itself, so this experiment says nothing; empty where it does not. */
  readonly harnessError: string;
}
