// What application work in a Linux guest leaves behind: a row for each tool in each mode.

import type { LatencyRow } from '../records.ts';
import type { Figure } from './apps.ts';

export interface AppRow {
  readonly mode: string;
  /** The Linux guest. */
  readonly guest: string;
  readonly app: string;
  /** absent: it was not run, for the reason given; failed: it said nothing that can be believed. */
  readonly outcome: 'measured' | 'absent' | 'failed';
  /** Empty where it was measured. */
  readonly why: string;
  /** Of the machine, from the mark before it to the mark after it; null where they did not come. */
  readonly cycles: number | null;
  readonly figures: readonly Figure[];
  /** How long other guests took meanwhile to answer their deadlines. */
  readonly responses: readonly LatencyRow[];
}
