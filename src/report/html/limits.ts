// 11: what the figures do not cover.

import { cachesText, limitsOf } from '../verdict-section.ts';
import { html } from './markup.ts';
import { incomparable } from './published.ts';
import type { Section } from './section.ts';

export const limits: Section = {
  id: 'limits',
  title: 'Limits',
  about: 'What this run does not show.',
  body: (document) => {
    const { doubts, machineValidated, translation, claims } = document;
    const untested = claims.filter((claim) => claim.verdict === 'untested').map((claim) => claim.id);
    const items = [
      `not shown: ${limitsOf(document).join(', ')}`,
      `translation caches: ${cachesText(translation.isolation)} where isolation is judged, ${translation.cost} where cost is; ${translation.capped} runs met full caches`,
      machineValidated
        ? 'the machine passed its whole validation for this source'
        : 'the machine has not passed its whole validation',
      ...doubts,
      ...(untested.length === 0 ? [] : [`untested: ${untested.join(', ')}`]),
    ];
    return html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>${incomparable()}`;
  },
};
