// Below section 4: what restarting a guest, or the layer with all of them, saves of what faults lost.

import type { Recovery } from '../faults/recovery.ts';
import type { ArgueDocument } from './documents.ts';
import { aligned, onPaper, type Paper, percent, widest, wrapped } from './paper.ts';

type RecoveryRow = ArgueDocument['recovery'][number];

/** What each is compared with saves nothing by definition. */
export const SAVERS = ['on-reset', 'on-reset-or-crash', 'layer restart'] as const satisfies readonly Recovery[];

export const RECOVERY_LEGEND =
  'The same faults again, those after which a guest crashed, or of the layer any was lost, for good where nothing is restarted: after how many every guest delivered all its work. on-reset: restarts a guest that asks for it; -or-crash: one that halts, too; layer restart: reset by a watchdog, images loaded again, all work begun anew. No layer here keeps its guests over its own restart, and that a guest hangs only a watchdog of its own notices, where the scenario gives it one.';

export const NOTHING_LOST = 'no fault lost a guest that could be restarted';

/** Why no restart is tried: layers have no copies to restart guests from, or have read their policy before experiments
 * begin. */
export function untriedRestarts({ restart, warmup }: ArgueDocument['factors']): string | undefined {
  if (restart === 'never') return 'not tried; the scenario says restart: never';
  if (warmup === undefined) return undefined;
  return 'not tried; faults come after the warm-up, by when layers have read whom they may restart';
}

const points = (share: number): string => (100 * share).toFixed(0);

export function savedText(row: Pick<RecoveryRow, 'saved' | 'lost' | 'lower95' | 'upper95'> | undefined): string {
  if (row === undefined) return '-';
  const { saved, lost, lower95, upper95 } = row;
  if (saved === 0) return `0/${lost} ≤${percent(upper95, 0)}`;
  return `${saved}/${lost} [${points(lower95)}, ${points(upper95)}] %`;
}

/** Who was hit, and the cell of each policy. */
export function recoveryCells(rows: readonly RecoveryRow[]): string[][] {
  const nameOf = ({ from, mode }: RecoveryRow) => `${from} in ${mode}`;
  return [...new Set(rows.map(nameOf))].map((name) => [
    name,
    ...SAVERS.map((recovery) => savedText(rows.find((row) => nameOf(row) === name && row.recovery === recovery))),
  ]);
}

/** @param untried why no restart was tried */
export function recoveryLines(paper: Paper, rows: readonly RecoveryRow[], untried = NOTHING_LOST): string[] {
  if (rows.length === 0) return wrapped(paper, `What restarts save: ${untried}.`, 3);
  const cells = recoveryCells(rows);
  const table = [['saved by restarts, of those lost', ...SAVERS], ...cells];
  const wide = aligned(table.map((line) => line.map((cell) => onPaper(paper, cell))));
  const narrow = cells.flatMap(([name = '', ...own]) =>
    wrapped(
      paper,
      onPaper(paper, `${name}: ${own.map((cell, index) => `${SAVERS[index]} ${cell}`).join(' · ')}`),
      7,
      '   ',
    ),
  );
  const body = widest(wide) <= paper.columns ? wide : ['   saved by restarts, of those lost:', ...narrow];
  return [...body, ...wrapped(paper, RECOVERY_LEGEND, 3)];
}
