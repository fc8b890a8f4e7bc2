// Section 4: faults in the layer itself. Unpaired by nature, so in both normalisations: per injected fault, and per billion
// cycles, in which the size of the layer and its share of the time count too.

import type { ArgueDocument } from './documents.ts';
import { aligned, counted, onPaper, type Paper, paint, percent, widest, wrapped } from './paper.ts';

type LayerRow = ArgueDocument['layer'][number];

const TITLE = '4 LAYER   one random fault while the layer runs: what of the guests?  (95 % interval; unpaired)';
const LEGEND =
  'A run counts once, by its worst: all guests lost or the machine stopped; one lost; one parked by the layer; or a call that only came back with an error. Per Gcycle: how often all are lost, if each bit flips once in it.';
const points = (share: number): string => (100 * share).toFixed(1);

function rateText({ injected, guestsLost, lower95, upper95 }: LayerRow): string {
  const count = `${guestsLost}/${injected}`;
  if (guestsLost === 0) return `${count} ≤${percent(upper95, 2)}`;
  return `${count} ${percent(guestsLost / injected)} [${points(lower95)}, ${points(upper95)}]`;
}

export const layerName = (row: Pick<LayerRow, 'class' | 'mode' | 'component'>): string =>
  `${row.component} in ${row.mode}, ${row.class}`;

/** A parked guest is never counted as lost without this. */
export function parkedText(layer: readonly LayerRow[]): string {
  const parked = layer.reduce((sum, row) => sum + row.parkedAmongLost, 0);
  return parked === 0 ? '' : `In ${counted(parked, 'run')} with a lost guest the layer had parked one.`;
}

const TITLES = ['', 'all lost', 'one lost', 'parked', 'error', 'per Gcycle'];

function cellsOf(row: LayerRow): string[] {
  const { oneLost, oneParked, errorReturned, failuresPerGcycle } = row;
  const others = [oneLost, oneParked, errorReturned].map(String);
  return [layerName(row), rateText(row), ...others, failuresPerGcycle.toPrecision(3)];
}

function narrowLines(paper: Paper, row: LayerRow): string[] {
  const [name = '', ...cells] = cellsOf(row);
  const text = cells.map((cell, index) => `${TITLES[index + 1]} ${cell}`).join(' · ');
  return wrapped(paper, onPaper(paper, `${name}: ${text}`), 7, '   ');
}

/** Why no fault is put into a layer; undefined where one is: its moment is a cycle, which several harts only meet at the end
 * of a round, when the layer of none of them need run. */
export function untriedLayers({ cpus }: { readonly cpus?: string | undefined }): string | undefined {
  return cpus === 'dedicated'
    ? 'with cpus: dedicated no run stops at the cycle in which one of several harts runs its layer'
    : undefined;
}

export function noLayersText(factors: { readonly cpus?: string | undefined }): string {
  const why = untriedLayers(factors);
  return `no fault in a layer was run${why === undefined ? '' : `: ${why}`}`;
}

/** @param factors of the scenario */
export function layerSection(
  paper: Paper,
  layer: readonly LayerRow[],
  factors: { readonly cpus?: string | undefined } = {},
): string[] {
  if (layer.length === 0) {
    return wrapped(paper, `4 LAYER   ${noLayersText(factors)}`, 10, '').map((line) => paint(paper, 'bold', line));
  }
  const wide = aligned([TITLES, ...layer.map(cellsOf)].map((cells) => cells.map((cell) => onPaper(paper, cell))));
  const fits = widest(wide) <= paper.columns;
  return [
    ...wrapped(paper, TITLE, 10, '').map((line) => paint(paper, 'bold', line)),
    ...(fits ? wide : layer.flatMap((row) => narrowLines(paper, row))),
    ...wrapped(paper, `${LEGEND} ${parkedText(layer)}`.trimEnd(), 3),
  ];
}
