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

/** What stands beside the table, so that nobody need suspect a lazy layer. */
export interface LayerEffortRow {
  readonly mode: string;
  readonly event: 'timer tick';
  /** Instructions of the layer per event. */
  readonly instructions: number;
}

export interface FootprintRow {
  readonly component: string;
  /** Bytes. */
  readonly text: number;
  readonly data: number;
  readonly sourceLines: number;
  /** Instructions reachable from guest input; null where not yet counted. */
  readonly reachable: number | null;
}
