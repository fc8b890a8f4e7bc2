// What restarts save, fault by fault: the pairs are the same fault with and without.

import { PRIMARY } from './tally-paired.ts';
import type { ExperimentRecord, RecoveryRow } from './records.ts';
import type { LayerRecord } from './layer-fault.ts';
import type { RecoveryRecord } from './recovery.ts';
import { reportedInterval } from './statistics/intervals.ts';
import { groupBy, sortBy } from './tally.ts';

/** A fault that lost a guest, and whose loss a restart could make good. */
export interface Loss {
  /** Replay id. */
  readonly id: string;
  readonly mode: string;
  readonly from: string;
}

const MODES: ReadonlySet<string> = new Set(Object.values(PRIMARY));

/** A guest that hangs, or says wrong words, looks well to everybody here who could restart it. */
function crashed({ outcome }: ExperimentRecord): boolean {
  return outcome.faulty === 'crashed';
}

/** The first `most` of each guest and component, in the modes of the declared comparison. */
export function lossesOf(guests: readonly ExperimentRecord[], layers: readonly LayerRecord[], most: number): Loss[] {
  const inLayers = layers
    .filter(({ fates, verdict }) => verdict === 'machine lost' || fates.some((fate) => fate !== 'unharmed'))
    .map(({ id, mode, component }) => ({ id, mode, from: component }));
  const all = [...guests.filter(crashed), ...inLayers].filter(({ mode }) => MODES.has(mode));
  const sorted = sortBy(all, ({ mode, from, id }) => [mode, from, id]);
  return groupBy(sorted, ({ mode, from }) => `${mode} ${from}`).flatMap((own) =>
    own.slice(0, most).map(({ id, mode, from }) => ({ id, mode, from })),
  );
}

/** What is served without any restart, only later than the experiment waited for, is no loss. */
export function recoveryRowsOf(records: readonly RecoveryRecord[]): RecoveryRow[] {
  const late = new Set(records.filter(({ recovery, saved }) => recovery === 'never' && saved).map(({ id }) => id));
  const lost = records.filter(({ id, recovery }) => recovery !== 'never' && !late.has(id));
  const rows = groupBy(lost, ({ inLayer, mode, from, recovery }) => [inLayer, mode, from, recovery].join(' ')).flatMap(
    (own) => {
      const [first] = own;
      if (first === undefined) return [];
      const saved = own.filter((one) => one.saved).length;
      const { lower, upper } = reportedInterval(saved, own.length);
      const { from, inLayer, mode, recovery } = first;
      return [{ from, inLayer, mode, recovery, lost: own.length, saved, lower95: lower, upper95: upper }];
    },
  );
  return sortBy(rows, (row) => [String(row.inLayer), row.mode, row.from, row.recovery]);
}
