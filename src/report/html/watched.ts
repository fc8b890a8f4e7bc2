// 2: one bug in every mode, a lane per guest, cycles from left to right; below it the chain of causes in words.

import { grouped } from '../paper.ts';
import type { WatchedRow } from '../watched-schema.ts';
import { html, type Markup, type Part } from './markup.ts';
import { absent, distinct, htmlTable, type Section } from './section.ts';
import { type Figure, gridX, inPage, label, line, linearScale } from './svg.ts';

const WIDTH = 920;
const LEFT = 110;
/** Room for what a guest delivered. */
const RIGHT = 230;
const LANE = 34;
const TOP = 26;
const CYCLES_PER_MICROSECOND = 1000;

/** One lane: a tick for each line said; a cross where a guest panicked or fell silent before its work was done. */
function lane(guest: WatchedRow['guests'][number], row: WatchedRow, y: number, at: (cycle: number) => number): Part[] {
  const lines = guest.lines.map(
    ({ cycle, text }) =>
      html`<g><title>${text}</title><line class="axis" x1="${at(cycle)}" x2="${at(cycle)}" y1="${y + 6}" y2="${y + 20}" stroke-width="2"/></g>`,
  );
  const dead = guest.crash !== '' || guest.words < guest.work;
  const silentFrom = Math.max(guest.lines.at(-1)?.cycle ?? 0, row.act ?? 0);
  const state = `${guest.words}/${guest.work} words${guest.crash === '' ? '' : ', panicked'}`;
  return [
    html`<rect class="lane" x="${LEFT}" y="${y}" width="${WIDTH - LEFT - RIGHT}" height="${LANE - 8}"/>`,
    label(LEFT - 8, y + 17, guest.name, 'end'),
    lines,
    label(WIDTH - RIGHT + 8, y + 17, `${dead ? '✗ ' : ''}${state}`, 'small'),
    dead ? line('bad', at(silentFrom), y + 13, at(row.end), y + 13) : '',
  ];
}

const cyclesOf = (row: WatchedRow): number[] => [
  ...(row.act === null ? [] : [row.act]),
  row.end,
  ...row.guests.flatMap((guest) => guest.lines.map(({ cycle }) => cycle)),
];

/** @param beside the same bug in all modes, which share a scale */
export function watchedFigure(row: WatchedRow, beside: readonly WatchedRow[]): Figure {
  const height = TOP + row.guests.length * LANE + 30;
  const cycles = beside.flatMap(cyclesOf);
  const scale = linearScale(Math.min(...cycles), Math.max(...cycles), LEFT + 4, WIDTH - RIGHT - 4);
  const bottom = TOP + row.guests.length * LANE;
  const { act } = row;
  return {
    name: `watched-${row.mode}`,
    title: `${row.mode}: ${row.fault}, ${row.name}, by ${row.from}; time in microseconds, a tick for each line on a console`,
    width: WIDTH,
    height,
    body: [
      gridX(scale, TOP - 4, bottom, (cycle) => grouped(Math.round(cycle / CYCLES_PER_MICROSECOND))),
      row.guests.map((guest, index) => lane(guest, row, TOP + index * LANE, scale.at)),
      act === null
        ? ''
        : [line('bad', scale.at(act), TOP - 10, scale.at(act), bottom), label(scale.at(act) + 4, TOP - 10, 'the act')],
    ],
  };
}

function chain(row: WatchedRow): Markup {
  const rows = row.steps.map(({ cycle, who, text }) => [cycle === null ? '' : grouped(cycle), who, text]);
  const columns = [{ title: 'cycle', figure: true }, { title: 'who' }, { title: 'what' }];
  return html`<details><summary>${row.mode}: chain of causes, consoles, replay</summary>
${htmlTable(`chain of causes in ${row.mode}`, columns, rows)}
<div class="consoles">${row.guests.map(
    (guest) =>
      html`<div><h4>console of ${guest.name}</h4><pre tabindex="0">${guest.lines.map(({ text }) => text).join('\n')}</pre></div>`,
  )}</div>
<p><button type="button" data-replay="${row.replay}">replay</button> <code>./taco replay ${row.replay}</code></p>
</details>
`;
}

export const watched: Section = {
  id: 'watched',
  title: 'One bug, watched',
  about:
    'The same act at the same point of the same guest, in every mode. A thick red line is a guest that delivers no more.',
  body: ({ watched: rows }) =>
    rows.length === 0
      ? absent('No bug was watched in this run.')
      : distinct(rows.map((row) => row.from)).map((from) => {
          const own = rows.filter((row) => row.from === from);
          return own.map((row) => [inPage(watchedFigure(row, own)), chain(row)]);
        }),
};
