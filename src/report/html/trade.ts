// 7: isolation against cost, one mark per mode: from left to right what it costs, from bottom to top what it lets through.

import { overhead } from '../cost-section.ts';
import type { ArgueDocument } from '../documents.ts';
import { sharedModes } from '../reach-section.ts';
import { html, type Part } from './markup.ts';
import { absent, htmlTable, type Section } from './section.ts';
import { type Figure, gridX, inPage, label, line, linearScale, mark, round } from './svg.ts';

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 64;
const BOTTOM = HEIGHT - 46;
const TOP = 16;
/** Marks of modes that let almost the same through would lie on each other: these are set so far apart. */
const APART = 9;

interface Dot {
  readonly mode: string;
  readonly least: number;
  readonly middle: number;
  readonly most: number;
  /** Share of the directed acts after which the bystander failed. */
  readonly failed: number;
  readonly acts: number;
}

export function tradeDots(document: Pick<ArgueDocument, 'modes' | 'cost' | 'capability'>): Dot[] {
  return sharedModes(document.modes).flatMap((mode) => {
    const ratios = document.cost.filter((row) => row.mode === mode).map((row) => row.ratio);
    const acts = document.capability.filter((row) => row.mode === mode);
    const sorted = [...ratios].sort((a, b) => a - b);
    const least = sorted[0];
    const middle = sorted[Math.floor((sorted.length - 1) / 2)];
    const most = sorted.at(-1);
    if (least === undefined || middle === undefined || most === undefined || acts.length === 0) return [];
    const failed = acts.filter((row) => row.failed).length / acts.length;
    return [{ mode, least, middle, most, failed, acts: acts.length }];
  });
}

/** Where marks are drawn that belong at these heights. */
export function setApart(heights: readonly number[]): number[] {
  const order = heights.map((_, index) => index).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const drawn = [...heights];
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && (heights[order[to] ?? 0] ?? 0) - (heights[order[to - 1] ?? 0] ?? 0) < APART) to++;
    const near = order.slice(from, to);
    const middle = near.reduce((sum, index) => sum + (heights[index] ?? 0), 0) / near.length;
    for (const [rank, index] of near.entries()) drawn[index] = round(middle + (rank - (near.length - 1) / 2) * APART);
    from = to;
  }
  return drawn;
}

/** Of ticks, whose steps may be a quarter of ten. */
const tickText = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

export function tradeFigure(document: Pick<ArgueDocument, 'modes' | 'cost' | 'capability'>): Figure {
  const dots = tradeDots(document);
  const x = linearScale(
    Math.min(0, ...dots.map((dot) => dot.least - 1)),
    Math.max(0.01, ...dots.map((dot) => dot.most - 1)),
    LEFT,
    WIDTH - 110,
  );
  const y = linearScale(0, Math.max(0.1, ...dots.map((dot) => dot.failed)), BOTTOM - 30, TOP + 20);
  const heights = setApart(dots.map((dot) => y.at(dot.failed)));
  const body = dots.map((dot, index): Part => {
    const height = heights[index] ?? 0;
    return [
      line(`mark${index % 5}`, x.at(dot.least - 1), height, x.at(dot.most - 1), height),
      mark(index, x.at(dot.middle - 1), height),
      label(x.at(dot.most - 1) + 8, height + 4, dot.mode, 'small'),
    ];
  });
  return {
    name: 'isolation-cost',
    title:
      'Isolation against cost: cycles against native (mark: the middle workload; line: cheapest to dearest) and share of directed acts after which the bystander failed',
    width: WIDTH,
    height: HEIGHT,
    body: [
      gridX(x, TOP, BOTTOM, (tick) => `${tick < 0 ? '' : '+'}${tickText(tick)}`),
      y.ticks.map((tick) => [
        line('grid', LEFT - 6, y.at(tick), WIDTH - 110, y.at(tick)),
        label(LEFT - 10, y.at(tick) + 4, tickText(tick), 'small end'),
      ]),
      label(WIDTH / 2, HEIGHT - 8, 'cycles more than native', 'small middle'),
      label(6, TOP - 4, 'acts after which the bystander failed', 'small'),
      body,
    ],
  };
}

export const trade: Section = {
  id: 'trade',
  title: 'Isolation against cost',
  about:
    'Cheap is left, contained is low. Marks of almost the same height are set a little apart so that each is seen.',
  body: (document) => {
    const dots = tradeDots(document);
    if (dots.length === 0) return absent('Needs cost and directed acts in one run.');
    const rows = dots.map((dot): Part[] => [
      dot.mode,
      html`${overhead(dot.least)} … ${overhead(dot.most)}`,
      overhead(dot.middle),
      `${Math.round(dot.failed * dot.acts)}/${dot.acts}`,
    ]);
    const titles = ['mode', 'cheapest … dearest workload', 'middle workload', 'acts after which the bystander failed'];
    const columns = titles.map((title, index) => ({ title, figure: index > 0 }));
    return [inPage(tradeFigure(document)), htmlTable('isolation against cost', columns, rows)];
  },
};
