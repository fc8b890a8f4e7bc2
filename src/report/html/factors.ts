// 10: what was equal in all modes, and what was varied to see whether it matters.

import type { Part } from './markup.ts';
import { absent, htmlTable, type Section } from './section.ts';

export const factors: Section = {
  id: 'factors',
  title: 'Factors and sweeps',
  about: 'Factors are equal in all compared modes; both layers read them from one configuration block.',
  body: ({ factors: settings, footprint }) => {
    const rows = Object.entries(settings).map(([name, value]): Part[] => [name, value]);
    const prints = footprint.map((row): Part[] => [
      row.component,
      row.text,
      row.data,
      row.sourceLines,
      row.reachable ?? '–',
    ]);
    const titles = ['component', 'text, bytes', 'data, bytes', 'source lines', 'instructions a guest can reach'];
    return [
      rows.length === 0
        ? absent('No factor is recorded.')
        : htmlTable('factors', [{ title: 'factor' }, { title: 'in every mode' }], rows),
      htmlTable(
        'footprint',
        titles.map((title, index) => ({ title, figure: index > 0 })),
        prints,
      ),
    ];
  },
};
