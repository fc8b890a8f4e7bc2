// 8: what was predicted from resources.yaml before the run and did not come. None is tuned away.

import { isMiss, lettersOf } from '../reach-section.ts';
import { html, type Part } from './markup.ts';
import { absent, htmlTable, type Section } from './section.ts';

export const misses: Section = {
  id: 'misses',
  title: 'Predictions missed',
  about: 'Predictions were computed from scenarios/resources.yaml before anything ran, and are kept in the run folder.',
  body: ({ capability }) => {
    const missed = capability.filter(isMiss);
    const met = html`<p>${capability.length - missed.length} of ${capability.length} predictions were met.</p>`;
    if (missed.length === 0) return [met, absent('None was missed.')];
    const rows = missed.map((row): Part[] => [
      row.fault,
      row.mode,
      `${row.from} → ${row.to}`,
      lettersOf(row.predicted),
      lettersOf(row),
      row.mechanism,
      html`<button type="button" data-replay="${row.replay}">replay</button>`,
    ]);
    const titles = ['fault', 'mode', 'pair', 'predicted', 'seen', 'what happened', ''];
    return [
      met,
      htmlTable(
        'predictions missed',
        titles.map((title) => ({ title })),
        rows,
      ),
    ];
  },
};
