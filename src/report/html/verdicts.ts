// 1: each sentence with its computed verdict, what speaks for it and what against it. Both always stand there.

import { claims } from '../claims/index.ts';
import type { ClaimRow } from '../documents.ts';
import { html, type Markup, type Part } from './markup.ts';
import { htmlTable, type Section } from './section.ts';

/** A sign for each verdict, so that none depends on its colour. */
const SIGNS: Readonly<Record<ClaimRow['verdict'], string>> = {
  supported: '✓',
  contradicted: '✗',
  mixed: '±',
  inconclusive: '?',
  untested: '·',
};

function evidence(kind: 'for' | 'against', title: string, texts: readonly string[]): Markup {
  const lines = texts.map((text) => html`<li>${text}</li>`);
  return texts.length === 0 ? html`` : html`<div class="${kind}"><h4>${title}</h4><ul>${lines}</ul></div>`;
}

function article(claim: ClaimRow): Markup {
  const hypothesis = claims.find(({ id }) => id === claim.id)?.hypothesis ?? '';
  return html`<article class="claim ${claim.verdict}" id="claim-${claim.id}">
<h3><span class="id">${claim.id}</span> <q>${claim.quote}</q></h3>
<p class="verdict"><span class="sign" aria-hidden="true">${SIGNS[claim.verdict]}</span> ${claim.verdict.toUpperCase()}</p>
<p class="source">${claim.source}. Tested as: ${hypothesis}.</p>
<div class="evidence">${evidence('for', 'for it', claim.for)}${evidence('against', 'against it', claim.against)}</div>
</article>
`;
}

/** Named, not hidden, but in less room than what was tested. */
function waiting(rows: readonly ClaimRow[]): Part {
  if (rows.length === 0) return '';
  const cells = rows.map((row): Part[] => [row.id, html`<q>${row.quote}</q>`, row.source, row.against.join('; ')]);
  const columns = ['', 'untested', 'source', 'what is missing'].map((title) => ({ title }));
  return html`<div class="waiting">${htmlTable('UNTESTED: no verdict, because something is missing', columns, cells)}</div>`;
}

export const verdicts: Section = {
  id: 'verdicts',
  title: 'The argument, sentence by sentence',
  about:
    'Every verdict is computed from the records below by a rule whose thresholds were fixed before the first run; what speaks against it is printed with it.',
  body: ({ claims: rows }) => [
    rows.filter((row) => row.verdict !== 'untested').map(article),
    waiting(rows.filter((row) => row.verdict === 'untested')),
  ],
};
