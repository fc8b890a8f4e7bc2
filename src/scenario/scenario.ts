// A scenario, read and checked: what runs, where, under which policies, in which modes. Guests are numbered in the
// order of the file; a guest's number chooses its UART, monitor page and DMA channel, in every mode.

import type { Range } from './quantities.ts';
import type { Service } from './services.ts';

export type Timing = 'inorder' | 'functional';
export type Scheduling = 'priority' | 'budget';
export type ResetPolicy = 'guest' | 'machine';
/** Do guests share one hart, or has each its own? */
export type Cpus = 'shared' | 'dedicated';
export type Placement = 'identity' | 'shifted';
export type RestartPolicy = 'never' | 'on-reset' | 'on-reset-or-crash';

/** A built image by its name, or a file beside the scenario or in guests/. */
export type ImageSource =
  | { readonly kind: 'built'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

export interface Guest {
  readonly index: number;
  readonly name: string;
  readonly image: ImageSource;
  /** A file too; undefined: it has no initial file system. */
  readonly initrd?: string | undefined;
  /** And what takes the place of /init in it. */
  readonly init?: string | undefined;
  /** Its slot as its device tree has it, the same in every mode: guest-physical addresses. */
  readonly memory: Range;
  /** Where the slot begins in RAM; elsewhere than at memory.base only where placement is shifted. */
  readonly physicalBase: number;
  /** Where it runs. */
  readonly hart: number;
  /** Greater runs first. */
  readonly priority: number;
  /** It runs at most `budgetTicks` in each `periodTicks`; undefined: as long as it likes. */
  readonly budget: { readonly budgetTicks: number; readonly periodTicks: number } | undefined;
  /** It runs only in this part of each period, which begins with the first guest; undefined: at any time. */
  readonly window:
    | { readonly startTicks: number; readonly lengthTicks: number; readonly periodTicks: number }
    | undefined;
  /** It counts as crashed once it has run so long without taking the interrupt of its timer; undefined: it never does. */
  readonly watchdogTicks?: number | undefined;
  /** Output words that make up its work. */
  readonly work: number;
  /** mtime ticks within which it must answer a deadline. */
  readonly boundTicks: number;
  /** Its command line, in its device tree. */
  readonly bootargs: string;
  /** Has it a DMA channel? */
  readonly dma: boolean;
  /** Bytes of its disk, freshly formatted; undefined: it has none. */
  readonly disk?: number | undefined;
}

export interface Scenario {
  readonly name: string;
  readonly machine: {
    readonly ramSize: number;
    readonly timing: Timing;
    /** Is there an IOMMU before DMA channels and disks? */
    readonly iommu?: true;
  };
  readonly factors: {
    readonly scheduling: Scheduling;
    readonly reset: ResetPolicy;
    readonly restart: RestartPolicy;
    /** Of one guest; it is parked when it needs another. */
    readonly restarts: number;
    readonly cpus: Cpus;
    readonly placement: Placement;
  };
  readonly guests: readonly Guest[];
  /** Virtual devices that layers have for them; in a mode without such a layer they are missing. */
  readonly services?: readonly Service[];
  /** mtime ticks from the reset to where faults are drawn from and work is counted; undefined: 0. */
  readonly warmupTicks?: number;
  /** Images that stand in place of built ones, by the name of what they replace. */
  readonly layers?: Readonly<Partial<Record<string, ImageSource>>>;
  /** A bug in assembly, for `taco show act`. */
  readonly act?: string;
  /** Names of modes, in the order of the file. */
  readonly modes: readonly string[];
}
