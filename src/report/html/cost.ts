// 6: what an arrangement costs, by class of work: one mean would hide the answer. Guest and layer cycles are stacked.

import { BOOT_TITLES, bootCells, exitCells } from '../boot-lines.ts';
import { overhead } from '../cost-section.ts';
import type { ArgueDocument } from '../documents.ts';
import { LATENCY_TITLES, LATENCY_WORDS, latencyCells } from '../latency-rows.ts';
import { grouped, percent } from '../paper.ts';
import { html, type Part } from './markup.ts';
import { published } from './published.ts';
import { absent, distinct, htmlTable, type Section } from './section.ts';
import { type Figure, gridX, inPage, label, linearScale } from './svg.ts';

type CostRow = ArgueDocument['cost'][number];

const WIDTH = 920;
const LEFT = 260;
const ROW = 17;
const BAR = 12;
const GAP = 12;
const TOP = 10;

/** Cycles of native are 1; the layer's part is the pale end of a bar. */
export function costFigure({ cost }: Pick<ArgueDocument, 'cost'>): Figure {
  const scale = linearScale(0, Math.max(1, ...cost.map((row) => row.ratio)), LEFT, WIDTH - 80);
  let y = TOP;
  const body: Part[] = [];
  for (const workload of distinct(cost.map((row) => row.workload))) {
    const own = cost.filter((row) => row.workload === workload);
    body.push(label(6, y + 13, workload));
    for (const row of own) {
      const layerPart = row.cycles === 0 ? 0 : (row.ratio * row.layerCycles) / row.cycles;
      const guestEnd = scale.at(row.ratio - layerPart);
      body.push(
        label(LEFT - 8, y + 13, row.mode, 'small end'),
        html`<rect class="mark4" x="${LEFT}" y="${y + 3}" width="${Math.max(0, guestEnd - LEFT)}" height="${BAR}"/>`,
        html`<rect class="mark1 soft" x="${guestEnd}" y="${y + 3}" width="${Math.max(0, scale.at(row.ratio) - guestEnd)}" height="${BAR}"/>`,
        label(scale.at(row.ratio) + 6, y + 13, row.mode === 'native' ? '' : overhead(row.ratio), 'small'),
      );
      y += ROW;
    }
    y += GAP;
  }
  return {
    name: 'cost',
    title:
      'Cycles against native: guest (dark) and layer on its behalf (pale). No cache model; PLIC, no AIA; finite TLB',
    width: WIDTH,
    height: y + 26,
    body: [gridX(scale, TOP, y, (tick) => `${tick}×`), body],
  };
}

function costTable(cost: readonly CostRow[]): Part {
  const rows = cost.map((row): Part[] => [
    row.workload,
    row.class,
    row.mode,
    grouped(row.cycles),
    grouped(row.instret),
    percent(row.cycles === 0 ? 0 : row.layerCycles / row.cycles),
    overhead(row.ratio),
    row.ratioToColocated.toFixed(3),
  ]);
  const titles = ['workload', 'class', 'mode', 'cycles', 'guest instructions', 'layer’s share', 'against native'];
  const columns = [...titles, 'against colocated'].map((title, index) => ({ title, figure: index > 2 }));
  return html`<details><summary>All ${cost.length} figures</summary>
${htmlTable('cost by workload', columns, rows)}</details>
`;
}

const titled = (titles: readonly string[], words: number) =>
  titles.map((title, index) => ({ title, figure: index >= words }));

function efforts({ effort, modes }: ArgueDocument): Part {
  if (effort.length === 0) return '';
  const rows = distinct(effort.map(({ event }) => event)).map((event): Part[] => [
    event,
    ...modes.map((mode) => {
      const row = effort.find((each) => each.mode === mode && each.event === event);
      return row === undefined ? '–' : row.instructions.toFixed(1);
    }),
  ]);
  return htmlTable('instructions of the layers per event', titled(['', ...modes], 1), rows);
}

function boots({ boots: rows, modes }: ArgueDocument): Part {
  if (rows.length === 0) return '';
  return [
    htmlTable(
      'the boot of an unmodified kernel, to the first sign of its first process: its cycles and the layer’s on its behalf, and what makes the difference to native',
      titled(BOOT_TITLES, 2),
      bootCells(rows),
    ),
    htmlTable('why it was left for the layer meanwhile, by cause', titled(['', ...modes], 1), exitCells(rows, modes)),
  ];
}

function latencies({ latency, modes }: ArgueDocument): Part {
  if (latency.length === 0) return absent('No response time was measured in this run.');
  return htmlTable('how long guests wait', titled(LATENCY_TITLES, LATENCY_WORDS), latencyCells(latency, modes));
}

export const cost: Section = {
  id: 'cost',
  title: 'Cost: cycles against native, by class of work',
  about:
    'Guest cycles plus the layer’s cycles on its behalf, the neighbour absent. The timing model has no caches: an overhead that is small here may be larger on a chip.',
  body: (document) => {
    return [
      document.cost.length === 0
        ? absent('No cost was measured in this run.')
        : [inPage(costFigure(document)), costTable(document.cost)],
      efforts(document),
      boots(document),
      latencies(document),
      published('cost'),
    ];
  },
};
