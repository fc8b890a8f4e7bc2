// 10: what was equal in all modes, and what was varied to see whether it matters.

import { footprintName } from '../cost-report.ts';
import { overhead } from '../cost-section.ts';
import type { ArgueDocument } from '../documents.ts';
import { grouped } from '../paper.ts';
import { html, type Part } from './markup.ts';
import { absent, htmlTable, type Section } from './section.ts';

const figures = (titles: readonly string[], from: number) =>
  titles.map((title, index) => ({ title, figure: index >= from }));

function searches(rows: ArgueDocument['search']): Part {
  if (rows.length === 0) return absent('No parameter was searched for counter-examples in this run.');
  const cells = rows.map((row): Part[] => [
    row.claim,
    row.hypothesis,
    `${grouped(row.found)} of ${grouped(row.tried)}`,
    row.examples.map(({ workload, setting, value }) => `${workload}, ${setting}: ${value.toFixed(3)}`).join('; '),
  ]);
  const columns = ['claim', 'hypothesis', 'counter-examples found', 'the strongest of each class'];
  return htmlTable('search for counter-examples over parameters', figures(columns, columns.length), cells);
}

function sensitivity(rows: ArgueDocument['sensitivity']): Part {
  if (rows.length === 0) return absent('No parameter of the timing model was swept in this run.');
  const cells = rows.map((row): Part[] => [
    row.parameter,
    row.setting,
    row.workload,
    row.mode,
    overhead(row.ratio),
    row.ratioToColocated.toFixed(3),
  ]);
  const columns = ['parameter', 'setting', 'workload', 'mode', 'against native', 'against colocated'];
  return html`<details><summary>Cost under ${rows.length} settings</summary>
${htmlTable('sensitivity of cost to chosen parameters', figures(columns, 4), cells)}</details>
`;
}

export const factors: Section = {
  id: 'factors',
  title: 'Factors and sweeps',
  about: 'Factors are equal in all compared modes; both layers read them from one configuration block.',
  body: (document) => {
    const rows = Object.entries(document.factors).map(([name, value]): Part[] => [name, value]);
    const prints = document.footprint.map((row): Part[] => [
      footprintName(row),
      ...[row.text, row.data, row.sourceLines, row.reachable].map((value) => (value === null ? '–' : grouped(value))),
    ]);
    const titles = ['component', 'text, bytes', 'data, bytes', 'source lines', 'instructions reached from above'];
    return [
      rows.length === 0
        ? absent('No factor is recorded.')
        : htmlTable('factors', [{ title: 'factor' }, { title: 'in every mode' }], rows),
      searches(document.search),
      sensitivity(document.sensitivity),
      htmlTable('footprint', figures(titles, 1), prints),
    ];
  },
};
