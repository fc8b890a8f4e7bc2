// 5: faults in the layer itself, in both normalisations: per injected fault, and per billion cycles, because the layers
// differ in size and in the time they spend.

import type { ArgueDocument } from '../documents.ts';
import { grouped, percent } from '../paper.ts';
import { html, type Part } from './markup.ts';
import { published } from './published.ts';
import { absent, htmlTable, type Section } from './section.ts';
import { type Figure, gridX, inPage, label, line, linearScale, mark } from './svg.ts';

type LayerRow = ArgueDocument['layer'][number];

const WIDTH = 920;
const LEFT = 330;
const ROW = 24;
const TOP = 10;

const nameOf = (row: LayerRow): string => `${row.component} in ${row.mode}, ${row.class}`;

export function layerFigure({ modes, layer }: Pick<ArgueDocument, 'modes' | 'layer'>): Figure {
  const scale = linearScale(0, Math.max(0.01, ...layer.map((row) => row.upper95)), LEFT, WIDTH - 30);
  const bottom = TOP + layer.length * ROW;
  const rows = layer.map((row, index): Part => {
    const y = TOP + index * ROW + ROW / 2;
    const kind = modes.indexOf(row.mode) % 5;
    return [
      label(LEFT - 8, y + 4, nameOf(row), 'end'),
      line(`mark${kind}`, scale.at(row.lower95), y, scale.at(row.upper95), y),
      row.guestsLost > 0 ? mark(kind, scale.at(row.guestsLost / row.injected), y) : '',
    ];
  });
  return {
    name: 'layer',
    title: 'Share of faults in the layer after which every guest was lost, with 95 % intervals',
    width: WIDTH,
    height: bottom + 26,
    body: [gridX(scale, TOP, bottom, (tick) => percent(tick)), rows],
  };
}

export const layer: Section = {
  id: 'layer',
  title: 'Layer: one random fault while the layer runs, are all guests lost?',
  about:
    'Unpaired by nature: the layers are different programs. Failures expected per Gcycle in which each bit flips once: the rate times the bits of the layer times its share of the time.',
  body: (document) => {
    if (document.layer.length === 0) return absent('No fault in a layer was run.');
    const rows = document.layer.map((row): Part[] => [
      nameOf(row),
      grouped(row.injected),
      grouped(row.activated),
      grouped(row.guestsLost),
      html`${percent(row.lower95)} – ${percent(row.upper95)}`,
      row.faultSpace.toExponential(2),
      row.failuresPerGcycle.toPrecision(3),
    ]);
    const titles = ['component', 'injected', 'activated', 'all guests lost', '95 % interval'];
    const columns = [...titles, 'fault space, bits × cycles', 'failures per Gcycle'].map((title, index) => ({
      title,
      figure: index > 0,
    }));
    return [inPage(layerFigure(document)), htmlTable('faults in the layers', columns, rows), published('layer')];
  },
};
