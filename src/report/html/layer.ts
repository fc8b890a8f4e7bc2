// 5: faults in the layer itself, in both normalisations: per injected fault, and per billion cycles, because the layers
// differ in size and in the time they spend.

import type { ArgueDocument } from '../documents.ts';
import { layerName, noLayersText, parkedText } from '../layer-section.ts';
import { grouped, percent } from '../paper.ts';
import { NOTHING_LOST, RECOVERY_LEGEND, recoveryCells, SAVERS, untriedRestarts } from '../recovery-lines.ts';
import { html, type Part } from './markup.ts';
import { published } from './published.ts';
import { absent, htmlTable, type Section } from './section.ts';
import { type Figure, gridX, inPage, label, line, linearScale, mark } from './svg.ts';

const WIDTH = 920;
const LEFT = 330;
const ROW = 24;
const TOP = 10;

export function layerFigure({ modes, layer }: Pick<ArgueDocument, 'modes' | 'layer'>): Figure {
  const scale = linearScale(0, Math.max(0.01, ...layer.map((row) => row.upper95)), LEFT, WIDTH - 30);
  const bottom = TOP + layer.length * ROW;
  const rows = layer.map((row, index): Part => {
    const y = TOP + index * ROW + ROW / 2;
    const kind = modes.indexOf(row.mode) % 5;
    return [
      label(LEFT - 8, y + 4, layerName(row), 'end'),
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

function recoveryTable({ recovery, factors }: ArgueDocument): Part {
  const columns = ['hit', ...SAVERS].map((title, index) => ({ title, figure: index > 0 }));
  if (recovery.length === 0) return absent(`What restarts save: ${untriedRestarts(factors) ?? NOTHING_LOST}.`);
  return [
    htmlTable('what restarts save, of those lost, with 95 % intervals', columns, recoveryCells(recovery)),
    html`<p>${RECOVERY_LEGEND}</p>`,
  ];
}

export const layer: Section = {
  id: 'layer',
  title: 'Layer: one random fault while the layer runs, what of the guests?',
  about:
    'A run counts once, by its worst: all guests lost or the machine stopped, one lost, one parked by the layer, or a call that only came back with an error. Unpaired by nature: the layers are different programs. Failures expected per Gcycle in which each bit flips once: the rate times the bits of the layer times its share of the time.',
  body: (document) => {
    if (document.layer.length === 0)
      return [absent(`Here ${noLayersText(document.factors)}.`), recoveryTable(document)];
    const rows = document.layer.map((row): Part[] => [
      layerName(row),
      grouped(row.injected),
      grouped(row.activated),
      grouped(row.guestsLost),
      ...[row.oneLost, row.oneParked, row.errorReturned].map(grouped),
      html`${percent(row.lower95)} – ${percent(row.upper95)}`,
      row.faultSpace.toExponential(2),
      row.failuresPerGcycle.toPrecision(3),
    ]);
    const verdicts = ['all lost', 'one lost', 'parked', 'error'];
    const titles = ['component', 'injected', 'activated', ...verdicts, 'all lost, 95 %'];
    const columns = [...titles, 'bits × cycles', 'all lost per Gcycle'].map((title, index) => ({
      title,
      figure: index > 0,
    }));
    return [
      inPage(layerFigure(document)),
      htmlTable('faults in the layers', columns, rows),
      html`<p>${parkedText(document.layer)}</p>`,
      recoveryTable(document),
      published('layer'),
    ];
  },
};
