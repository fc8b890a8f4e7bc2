// A document as every file that a run folder holds of it. Pure functions of the records, so that `report` can make the same
// bytes again from argue.json alone.

import { csvFiles, type TextFile } from './csv.ts';
import type { ArgueDocument } from './documents.ts';
import { figureFiles } from './html/figures.ts';
import { reportPage } from './html/page.ts';
import { reportMarkdown } from './markdown.ts';

export function documentText(document: ArgueDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

const within = (folder: string, files: readonly TextFile[]): TextFile[] =>
  files.map(({ name, text }) => ({ name: `${folder}/${name}`, text }));

export function reportFiles(document: ArgueDocument): TextFile[] {
  return [
    { name: 'argue.json', text: documentText(document) },
    { name: 'report.html', text: reportPage(document) },
    { name: 'report.md', text: reportMarkdown(document) },
    ...within('csv', csvFiles(document)),
    ...within('figures', figureFiles(document)),
  ];
}
