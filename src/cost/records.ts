// The rows that cost measurements leave behind.

export interface CostRow {
  readonly workload: string;
  /** Class of work: computing, paging, system calls, interrupts. */
  readonly class: string;
  readonly mode: string;
  /** Guest cycles plus the layer's cycles on its behalf. */
  readonly cycles: number;
  /** The guest's own instructions. */
  readonly instret: number;
  /** Of the cycles, those of the layer, firmware included. */
  readonly layerCycles: number;
  /** To native. */
  readonly ratio: number;
  readonly ratioToColocated: number;
}

/** Where the cycles of one workload went. The parts sum to `elapsed`, which is checked where they are taken. */
export interface AccountRow {
  readonly workload: string;
  readonly mode: string;
  /** From the first mark to the last, as a clock on the wall has it. */
  readonly elapsed: number;
  readonly guest: number;
  /** Of layer and firmware: on behalf of a guest, and for nobody in particular. */
  readonly layer: number;
  readonly other: number;
  readonly idle: number;
  /** Instructions of the layer. */
  readonly layerInstret: number;
  /** Traps that left a guest for the layer. */
  readonly entries: number;
}

/** What a layer does for one event, so that nobody need suspect either of laziness. */
export interface LayerEffortRow {
  readonly mode: string;
  readonly event: string;
  /** Of the layer, for each event. */
  readonly instructions: number;
  readonly cycles: number;
  /** Traps that left a guest for the layer, and how many of each cause. */
  readonly entries: number;
  readonly causes: readonly { readonly cause: string; readonly count: number }[];
}

/** What the boot of a kernel with a warm-up costs, from the reset to the first mark that it makes, or word that it tells,
 * and why. */
export interface BootRow {
  readonly mode: string;
  readonly guest: string;
  /** As a clock on the wall has it, with what others did meanwhile. */
  readonly elapsed: number;
  /** Its own. */
  readonly cycles: number;
  readonly instret: number;
  /** Of the layer, firmware included, on its behalf. */
  readonly layerCycles: number;
  readonly layerInstret: number;
  /** Traps that left it for the layer, and how many of each cause. */
  readonly entries: number;
  readonly causes: readonly { readonly cause: string; readonly count: number }[];
  /** Misses of the TLBs in its own accesses, page-table references made for them, and the cycles of both. */
  readonly refills: number;
  readonly references: number;
  readonly walkCycles: number;
  /** Of its own cycles and the layer's to those in native; null where that was not measured. */
  readonly ratio: number | null;
}

/** One workload under one setting of a parameter that was chosen, not measured. */
export interface SensitivityRow {
  readonly parameter: string;
  /** As "x0.5", or a value of its own. */
  readonly setting: string;
  readonly workload: string;
  readonly class: string;
  readonly mode: string;
  readonly ratio: number;
  readonly ratioToColocated: number;
}

/** A search for counter-examples to a claim: also what was not found is a result. */
export interface SearchRow {
  readonly claim: 'H5' | 'H6';
  readonly hypothesis: string;
  readonly threshold: number;
  /** Pairs of workload and setting. */
  readonly tried: number;
  readonly found: number;
  /** The strongest of each class of work. */
  readonly examples: readonly {
    readonly workload: string;
    readonly class: string;
    readonly setting: string;
    readonly value: number;
  }[];
}

/** How long a guest waits, in nanoseconds. */
export interface LatencyRow {
  /** Response of a real-time task; from a timer that expires, or a device that is done, to the guest's handler. */
  readonly kind: 'response' | 'timer interrupt' | 'device interrupt';
  readonly guest: string;
  readonly mode: string;
  /** What the other guest does meanwhile. */
  readonly neighbour: string;
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Null where none is declared; `late` counts the answers beyond it. */
  readonly bound: number | null;
  readonly late: number;
}

/** A published figure beside ours. `cause` says why the two differ, or why nobody may compare them. */
export interface PublishedRow {
  readonly row: string;
  readonly published: string;
  readonly ours: string;
  readonly verdict: 'reproduced' | 'not reproduced' | 'not comparable';
  readonly cause: string;
}

export interface FootprintRow {
  readonly component: string;
  /** What was counted: a built image, or the file that stands in its place. */
  readonly image: string;
  /** Bytes. */
  readonly text: number;
  readonly data: number;
  /** Null where nobody has its sources. */
  readonly sourceLines: number | null;
  /** Instructions reachable from what runs above it; null where not counted. */
  readonly reachable: number | null;
}
