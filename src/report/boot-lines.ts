// Below section 5: what the boot of an unmodified kernel costs in each mode, and what of it is explained by what.

import type { BootRow } from '../cost/records.ts';
import { grouped, type Paper, wrapped } from './paper.ts';

/** Causes named; the others are summed. */
const NAMED = 4;
const BASELINE = 'native';

const points = (share: number): string => `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)} %`;

/** What the difference to native is made of, each as a share of native; they sum to it. */
export function bootParts(
  row: BootRow,
  native: BootRow,
): { readonly all: number; readonly layer: number; readonly walks: number; readonly rest: number } {
  const whole = native.cycles + native.layerCycles;
  const all = (row.cycles + row.layerCycles) / whole - 1;
  const layer = (row.layerCycles - native.layerCycles) / whole;
  const walks = (row.walkCycles - native.walkCycles) / whole;
  return { all, layer, walks, rest: all - layer - walks };
}

export function causesText({ causes }: Pick<BootRow, 'causes'>): string {
  const others = causes.slice(NAMED).reduce((sum, { count }) => sum + count, 0);
  const named = causes.slice(0, NAMED).map(({ cause, count }) => `${cause} ${grouped(count)}`);
  return [...named, ...(others === 0 ? [] : [`others ${grouped(others)}`])].join(', ');
}

/** Each mode a row: what its boot costs, against native where that was measured, and the parts of the difference. */
export const BOOT_TITLES = [
  'guest',
  'mode',
  'cycles',
  'against native',
  'by the layer',
  'by page walks',
  'by the rest',
  'TLB misses',
  'references',
  'exits',
];

export function bootCells(boots: readonly BootRow[]): string[][] {
  return boots.map((row) => {
    const native = boots.find(({ mode, guest }) => mode === BASELINE && guest === row.guest);
    const parts = native === undefined || row === native ? undefined : bootParts(row, native);
    const shares = [parts?.all, parts?.layer, parts?.walks, parts?.rest];
    return [
      row.guest,
      row.mode,
      grouped(row.cycles + row.layerCycles),
      ...shares.map((share) => (share === undefined ? '–' : points(share))),
      ...[row.refills, row.references, row.entries].map(grouped),
    ];
  });
}

/** Each cause a row, each mode a column. */
export function exitCells(boots: readonly BootRow[], modes: readonly string[]): string[][] {
  return [...new Set(boots.map(({ guest }) => guest))].flatMap((guest) => {
    const own = boots.filter((row) => row.guest === guest);
    const causes = [...new Set(own.flatMap((row) => row.causes.map(({ cause }) => cause)))];
    return causes.map((cause) => [
      `${guest}: ${cause}`,
      ...modes.map((mode) => {
        const row = own.find((each) => each.mode === mode);
        if (row === undefined) return '–';
        return grouped(row.causes.find((each) => each.cause === cause)?.count ?? 0);
      }),
    ]);
  });
}

function line(row: BootRow, native: BootRow): string {
  const { all, layer, walks, rest } = bootParts(row, native);
  const references = (row.references / row.refills).toFixed(1);
  return (
    `${row.mode} ${points(all)} = layer ${points(layer)}, page walks ${points(walks)}, rest ${points(rest)}; ` +
    `${grouped(row.entries)} exits (${causesText(row)}); ${grouped(row.refills)} TLB misses of ${references} references each`
  );
}

/** Nothing where no guest has a boot of that length, or none was measured in native. */
export function bootLines(paper: Paper, boots: readonly BootRow[], modes: readonly string[]): string[] {
  return [...new Set(boots.map(({ guest }) => guest))].flatMap((guest) => {
    const own = boots.filter((row) => row.guest === guest);
    const native = own.find(({ mode }) => mode === BASELINE);
    if (native === undefined) return [];
    const shown = modes.flatMap((mode) => own.filter((row) => row.mode === mode && mode !== BASELINE));
    const references = (native.references / native.refills).toFixed(1);
    const head =
      `boot of ${guest} to the first sign of its first process, its cycles and the layer's on its behalf against native ` +
      `(${grouped(native.cycles + native.layerCycles)}; ${grouped(native.refills)} TLB misses of ${references} references each):`;
    return [...wrapped(paper, head, 3), ...shown.flatMap((row) => wrapped(paper, line(row, native), 5))];
  });
}
