// What others measured, below ours where both measure alike, each with what makes them differ.

import { type Published, published as records } from '../published.ts';
import { html, type Markup, type Part } from './markup.ts';
import { htmlTable } from './section.ts';

const READ = { source: 'read', data: 'computed from its data', abstract: 'abstract read' } as const;
const TITLES = ['', 'what', 'faults', 'result', 'why it is not the same', 'source'];

function rowOf(record: Published): Part[] {
  const source = html`${record.source} (${READ[record.read]})`;
  return [record.id, record.system, record.faults, record.result, record.caveat, source];
}

export function published(beside: NonNullable<Published['beside']>): Markup {
  const rows = records.filter((record) => record.beside === beside).map(rowOf);
  const caption = 'published by others, for orientation: no verdict rests on it';
  return html`<details><summary>Published figures beside these</summary>
${htmlTable(
  caption,
  TITLES.map((title) => ({ title })),
  rows,
)}</details>
`;
}

/** What can stand beside nothing of ours is listed with the limits. */
export function incomparable(): Markup {
  const rows = records.filter((record) => record.beside === undefined).map(rowOf);
  return html`<details><summary>Published figures that measure another thing</summary>
${htmlTable(
  'published by others, comparable with nothing here',
  TITLES.map((title) => ({ title })),
  rows,
)}</details>
`;
}
