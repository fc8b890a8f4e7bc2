// What all twelve sections share: the frame of a section, tables that a keyboard can scroll, and what is said where there
// is nothing to show.

import type { ArgueDocument } from '../documents.ts';
import { html, type Markup, type Part } from './markup.ts';

/** One of the twelve, in the order of the page. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** One sentence on how to read it. */
  readonly about: string;
  readonly body: (document: ArgueDocument) => Part;
}

export function drawSection(section: Section, number: number, document: ArgueDocument): Markup {
  const { id, title, about, body } = section;
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><span class="number">${number}</span> ${title}</h2>
<p class="about">${about}</p>
${body(document)}
</section>
`;
}

export interface HtmlColumn {
  readonly title: string;
  readonly figure?: boolean;
}

/** A wide table scrolls inside its frame, which takes the focus so that arrow keys reach all of it. */
export function htmlTable(caption: string, columns: readonly HtmlColumn[], rows: readonly (readonly Part[])[]): Markup {
  const kind = (index: number) => (columns[index]?.figure === true ? 'figure' : 'text');
  const head = columns.map(({ title }, index) => html`<th scope="col" class="${kind(index)}">${title}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((cell, index) =>
        index === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${kind(index)}">${cell}</td>`,
      )}</tr>
`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>
`;
}

export function absent(what: string): Markup {
  return html`<p class="absent">${what}</p>
`;
}

export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
