// 4: random faults, per ordered pair and never pooled: each rate with its n and its interval.

import { stepText } from '../delay-lines.ts';
import type { ArgueDocument } from '../documents.ts';
import { grouped, percent } from '../paper.ts';
import { exposureCell, modeName, placelessTexts, rateCell, ratesInOrder } from '../rate-lines.ts';
import { sharedModes } from '../reach-section.ts';
import { html, type Markup, type Part } from './markup.ts';
import { published } from './published.ts';
import { absent, distinct, htmlTable, type Section } from './section.ts';
import { type Figure, gridX, inPage, label, line, linearScale, mark } from './svg.ts';

type RateRow = ArgueDocument['rates'][number];

const WIDTH = 920;
const LEFT = 330;
const ROW = 18;
const GAP = 12;
const TOP = 10;

const pairOf = (row: RateRow): string => `${row.class}  ${row.faulty} → ${row.bystander}`;

/** A dot where something failed, a bar to the bound where nothing did: zero events are never drawn as "0 %". */
export function ratesFigure({ modes, rates }: Pick<ArgueDocument, 'modes' | 'rates'>): Figure {
  const shared = sharedModes(modes);
  const pairs = distinct(rates.map(pairOf));
  const scale = linearScale(0, Math.max(0.01, ...rates.map((row) => row.upper95)), LEFT, WIDTH - 30);
  let y = TOP;
  const body: Part[] = [];
  for (const pair of pairs) {
    const own = rates.filter((row) => pairOf(row) === pair);
    body.push(label(6, y + 13, pair));
    for (const [index, mode] of shared.entries()) {
      const row = own.find((candidate) => candidate.mode === mode);
      if (row === undefined || row.injected === 0) continue;
      const middle = y + ROW / 2;
      body.push(
        label(LEFT - 8, middle + 4, mode, 'small end'),
        line(`mark${index % 5}`, scale.at(row.lower95), middle, scale.at(row.upper95), middle),
        row.failed > 0 ? mark(index, scale.at(row.failed / row.injected), middle) : '',
      );
      y += ROW;
    }
    y += GAP;
  }
  return {
    name: 'rates',
    title:
      'Share of random faults in which the bystander FAILED, with 95 % intervals; a line without a mark: none failed',
    width: WIDTH,
    height: y + 26,
    body: [gridX(scale, TOP, y, (tick) => percent(tick)), body],
  };
}

function rateRows({ rates, modes }: ArgueDocument): Part[][] {
  return ratesInOrder(rates, modes).map((row) => [
    pairOf(row),
    modeName(row),
    exposureCell(row),
    grouped(row.injected),
    grouped(row.activated),
    rateCell(row),
    `${percent(row.activated95.lower)} – ${percent(row.activated95.upper)}`,
    grouped(row.reached),
    grouped(row.latent),
    grouped(row.refused),
    grouped(row.late),
    row.trajectories.map(({ failed, injected }) => `${failed}/${injected}`).join(' '),
  ]);
}

const RATE_COLUMNS = [
  'class, faulty → bystander',
  'mode',
  'pages open to it',
  'injected',
  'activated',
  'failed [95 %]',
  'per activated',
];

function pairedTable(caption: string, paired: ArgueDocument['paired']): Markup {
  const rows = paired.map((row): Part[] => [
    `${row.class}  ${row.faulty} → ${row.bystander}`,
    `${row.a} – ${row.b}`,
    `${row.both} / ${row.onlyA} / ${row.onlyB} / ${row.neither}`,
    `${(100 * row.difference).toFixed(1)} points [${(100 * row.lower95).toFixed(1)}, ${(100 * row.upper95).toFixed(1)}]`,
    row.p === null ? 'exploratory: no p' : row.p.toPrecision(2),
    row.pHolm === null ? '–' : row.pHolm.toPrecision(2),
    percent(row.exactShare, 0),
  ]);
  const titles = ['same faults', 'modes a – b', 'both / only a / only b / neither', 'difference a – b'];
  const columns = [...titles, 'p', 'Holm p', 'exact pairs'].map((title, index) => ({ title, figure: index > 1 }));
  return rows.length === 0 ? html`` : htmlTable(caption, columns, rows);
}

function latentTable(latent: ArgueDocument['latent']): Markup {
  const rows = latent.map((row): Part[] => [
    row.id,
    row.mode,
    grouped(row.cycles),
    row.failed.length === 0 ? 'nobody' : html`<strong class="failed">${row.failed.join(', ')}</strong>`,
  ]);
  const columns = ['replay id', 'mode', 'cycles', 'failed after all'].map((title, index) => ({
    title,
    figure: index === 2,
  }));
  const caption = 'of the runs that reached somebody and failed nobody, one in twenty, ten times as long';
  return rows.length === 0 ? html`` : htmlTable(caption, columns, rows);
}

function delayTable(delays: ArgueDocument['delays']): Markup {
  const rows = delays.map((row): Part[] => [
    `${row.class}  ${row.faulty}`,
    row.mode,
    `${stepText(row)}, ${row.unit}`,
    grouped(row.n),
    ...[row.least, row.median, row.p90, row.most].map((value) => grouped(value)),
  ]);
  const titles = ['class, faulty', 'mode', 'from injection to', 'seen', 'least', 'median', '90 %', 'most'];
  const columns = titles.map((title, index) => ({ title, figure: index > 2 }));
  return rows.length === 0
    ? html``
    : html`<details><summary>How long faults took to show</summary>
${htmlTable('of the faults that showed', columns, rows)}</details>
`;
}

/** Of what the table has short names for. */
function classNames({ rates: rows, classes }: ArgueDocument): Markup {
  const named = distinct(rows.map((row) => row.class)).filter((name) => classes[name] !== undefined);
  const texts = [...named.map((name) => `${name}: ${classes[name]}.`), ...placelessTexts(rows)];
  return html`<p class="note">${texts.join(' ')}</p>
`;
}

export const rates: Section = {
  id: 'rates',
  title: 'Chance: one random fault, does the neighbour fail?',
  about:
    'Per ordered pair and never pooled. FAILED: the first words of the bystander’s output differ, or do not come within its bound, or it crashed. LATE and REACHED are endpoints of their own.',
  body: (document) => {
    if (document.rates.length === 0) return absent('No random fault was run.');
    const titles = [...RATE_COLUMNS, 'reached', 'latent', 'refused', 'late', 'failed per input seed'];
    const columns = titles.map((title, index) => ({ title, figure: index > 1 }));
    return [
      inPage(ratesFigure(document)),
      classNames(document),
      htmlTable(
        'rates of random faults; pages: those of others that the faulty kernel may write',
        columns,
        rateRows(document),
      ),
      pairedTable(
        'the comparison declared beforehand, fault by fault: exact McNemar, Holm, Tango’s interval',
        document.paired.filter(({ p }) => p !== null),
      ),
      html`<details><summary>Other pairs of modes, exploratory: no p</summary>
${pairedTable(
  'the same faults in two modes',
  document.paired.filter(({ p }) => p === null),
)}</details>
`,
      delayTable(document.delays),
      latentTable(document.latent),
      published('rates'),
    ];
  },
};
