// 9: what must not happen, what must, and how much of what happens is noticed.

import { controlHolds } from '../../faults/controls.ts';
import { grouped, percent } from '../paper.ts';
import { html, type Part } from './markup.ts';
import { absent, htmlTable, type Section } from './section.ts';

export const controls: Section = {
  id: 'controls',
  title: 'Controls and the recall of the detector',
  about:
    'A run whose controls do not hold is worth nothing, and the command says so by its exit code. Recall: of the faults injected into a guest’s own next operands, how many its own output gave away.',
  body: ({ controls: rows }) => {
    if (rows.length === 0) return absent('No control was run.');
    const cells = rows.map((row): Part[] => [
      row.name,
      grouped(row.n),
      grouped(row.failed),
      row.expected === null ? (row.n === 0 ? '–' : `recall ${percent(row.failed / row.n)}`) : grouped(row.expected),
      controlHolds(row) ? 'holds' : html`<strong class="failed">does not hold</strong>`,
    ]);
    const titles = ['control', 'runs', 'failed', 'expected', ''];
    return htmlTable(
      'controls',
      titles.map((title, index) => ({ title, figure: index > 0 && index < 4 })),
      cells,
    );
  },
};
