// 3: what one act can touch, swept or directed: exact, without an interval. A cell is a button that shows its replay id.

import type { ArgueDocument } from '../documents.ts';
import { grouped } from '../paper.ts';
import { isMiss, LEGEND, lettersOf, sharedModes } from '../reach-section.ts';
import { cachesText } from '../verdict-section.ts';
import { html, type Part } from './markup.ts';
import { absent, distinct, htmlTable, type Section } from './section.ts';

type ReachRow = ArgueDocument['reach'][number];
type CapabilityRow = ArgueDocument['capability'][number];

const ACCESSES = { r: 'read', w: 'write', x: 'execute' } as const;

function sweptCell(rows: readonly ReachRow[]): Part {
  const tried = rows.reduce((sum, row) => sum + row.tried, 0);
  const reached = rows.reduce((sum, row) => sum + row.reached, 0);
  if (tried === 0) return '–';
  return html`<span class="${reached === 0 ? 'none' : 'some'}">${grouped(reached)}/${grouped(tried)}</span>`;
}

function sweptRows(reach: readonly ReachRow[], modes: readonly string[]): Part[][] {
  const keys = distinct(reach.map((row) => `${row.from} ${row.resource} ${row.access}`));
  return keys.map((key) => {
    const own = reach.filter((row) => `${row.from} ${row.resource} ${row.access}` === key);
    const [first] = own;
    const title = first === undefined ? key : `${first.from}: ${ACCESSES[first.access]} ${first.resource}`;
    return [title, ...modes.map((mode) => sweptCell(own.filter((row) => row.mode === mode)))];
  });
}

function actCell(row: CapabilityRow | undefined): Part {
  if (row === undefined) return '–';
  const letters = lettersOf(row);
  const miss = isMiss(row) ? '!' : '';
  const kind = row.failed ? 'failed' : letters === '.' ? 'none' : 'some';
  const what = `${row.fault} in ${row.mode}, ${row.from} at ${row.to}: ${letters}, ${row.mechanism}`;
  return html`<button type="button" class="cell ${kind}" data-replay="${row.replay}" data-what="${what}" title="${what}">${letters}${miss}</button>`;
}

function actRows({ capability, classes }: ArgueDocument, modes: readonly string[]): Part[][] {
  const keys = distinct(capability.map((row) => `${row.fault} ${row.from} → ${row.to}`));
  return keys.map((key) => {
    const own = capability.filter((row) => `${row.fault} ${row.from} → ${row.to}` === key);
    const [first] = own;
    const title = first === undefined ? key : html`${first.fault} <small>${classes[first.fault] ?? ''}</small>`;
    const pair = first === undefined ? '' : `${first.from} → ${first.to}`;
    return [title, pair, ...modes.map((mode) => actCell(own.find((row) => row.mode === mode)))];
  });
}

/** What a guest can tell of the host's values: H4 rests on it. */
function visibilityTable({ visibility, modes }: ArgueDocument): Part {
  const shared = sharedModes(modes);
  const names = distinct(visibility.map((row) => row.resource));
  if (names.length === 0) return absent('No host value was changed behind a guest in this run.');
  const cell = (row: ArgueDocument['visibility'][number] | undefined): Part => {
    if (row === undefined) return '–';
    if (row.seen) return html`<strong>${row.declared ? 'seen, declared' : 'SEEN'}</strong>`;
    return html`<span class="none">${row.answer === 'refused' ? 'refused' : row.perturbed === '' ? 'answered' : 'hidden'}</span>`;
  };
  const rows = names.map((name): Part[] => {
    const own = visibility.filter((row) => row.resource === name);
    const changed = own[0]?.perturbed ?? '';
    return [name, changed, ...shared.map((mode) => cell(own.find((row) => row.mode === mode)))];
  });
  const columns = ['what a guest reads', 'changed behind it', ...shared].map((title) => ({ title }));
  return html`<details><summary>What a guest can tell of the host: ${names.length} resources read, the host’s value changed behind ${distinct(visibility.filter((row) => row.perturbed !== '').map((row) => row.resource)).length} of them</summary>
${htmlTable('seen: the guest reads something else when the host’s value is another one', columns, rows)}</details>
`;
}

export const reach: Section = {
  id: 'reach',
  title: 'Reach: what one act can touch',
  about: `Swept exhaustively or directed once, so exact: no figure here has an error bar. ${LEGEND}. Choose a cell to see how to repeat it.`,
  body: (document) => {
    const { modes, reach: swept, capability, translation } = document;
    const shared = sharedModes(modes);
    const columns = [{ title: '' }, ...shared.map((title) => ({ title, figure: true }))];
    return [
      swept.length === 0
        ? absent('Nothing was swept in this run.')
        : htmlTable('accesses that had a foreign effect, of those tried', columns, sweptRows(swept, shared)),
      capability.length === 0
        ? absent('No directed act was run.')
        : html`<div class="matrix">${htmlTable('one directed act', [{ title: 'fault' }, { title: 'pair' }, ...columns.slice(1)], actRows(document, shared))}</div>`,
      visibilityTable(document),
      html`<p class="note">Translation caches in these runs: ${cachesText(translation.isolation)}.</p>`,
    ];
  },
};
