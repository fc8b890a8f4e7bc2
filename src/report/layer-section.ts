// Section 4: faults in the layer itself. Unpaired by nature, so in both normalisations: per injected fault, and per billion
// cycles, in which the size of the layer and its share of the time count too.

import type { ArgueDocument } from './documents.ts';
import { onPaper, type Paper, paint, percent, wrapped } from './paper.ts';

type LayerRow = ArgueDocument['layer'][number];

const TITLE =
  '4 LAYER   one random fault while the layer runs: are all guests lost?  (95 % interval; unpaired; expected per Gcycle if each bit flips once in it)';
const points = (share: number): string => (100 * share).toFixed(1);

function rateText({ injected, guestsLost, lower95, upper95 }: LayerRow): string {
  const count = `${guestsLost}/${injected}`;
  if (guestsLost === 0) return `${count}  ≤${percent(upper95, 2)}`;
  return `${count}  ${percent(guestsLost / injected)} [${points(lower95)}, ${points(upper95)}]`;
}

export function layerSection(paper: Paper, layer: readonly LayerRow[]): string[] {
  if (layer.length === 0) return [paint(paper, 'bold', '4 LAYER   no fault in a layer was run')];
  const name = (row: LayerRow) => `${row.component} in ${row.mode}, ${row.class}`;
  const width = Math.max(...layer.map((row) => name(row).length));
  return [
    ...wrapped(paper, TITLE, 10, '').map((line) => paint(paper, 'bold', line)),
    ...layer.flatMap((row) => {
      const start = `   ${name(row).padEnd(width)}  `;
      const expected = `${row.failuresPerGcycle.toPrecision(3)} expected per Gcycle`;
      return wrapped(paper, onPaper(paper, `${rateText(row)}  · ${expected}`), start.length, start);
    }),
  ];
}
