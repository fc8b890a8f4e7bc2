// `taco report`: a finished run in another form, made from its records alone.

import { join } from 'node:path';
import { csvFiles } from '../report/csv.ts';
import { type ArgueDocument, argueSchema } from '../report/documents.ts';
import { documentText } from '../report/files.ts';
import { reportPage } from '../report/html/page.ts';
import { reportMarkdown } from '../report/markdown.ts';
import { EXIT, UsageError } from './errors.ts';
import { openPlainFile } from './files.ts';
import type { Host } from './host.ts';

export const FORMATS = ['html', 'md', 'json', 'csv'] as const;

export interface ReportOptions {
  readonly folder: string;
  readonly format: (typeof FORMATS)[number];
}

/** A document of the longest campaign is some megabytes. */
const MOST_BYTES = 256 * 2 ** 20;
const REMEDY = 'give the folder of a finished run, such as runs/taco/latest';

/** What a run folder says was measured. Folders are shared between people, so it is checked like any input. */
export function readRun(folder: string): ArgueDocument {
  const file = join(folder, 'argue.json');
  const opened = openPlainFile(file, MOST_BYTES);
  if ('problem' in opened) throw new UsageError(file, opened.problem, REMEDY);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(opened.bytes));
  } catch {
    throw new UsageError(file, 'is no JSON', REMEDY);
  }
  const parsed = argueSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new UsageError(
    file,
    `is no document of this version${where}: ${issue?.message ?? 'unknown'}`,
    'run the argument again, or use the taco that wrote it',
  );
}

/** All lists one after the other, each below its name. */
function csvText(document: ArgueDocument): string {
  return csvFiles(document)
    .map(({ name, text }) => `# ${name}\r\n${text}`)
    .join('\r\n');
}

const RENDER: Readonly<Record<ReportOptions['format'], (document: ArgueDocument) => string>> = {
  html: reportPage,
  md: reportMarkdown,
  json: documentText,
  csv: csvText,
};

export function report(host: Host, { folder, format }: ReportOptions): number {
  host.out(RENDER[format](readRun(folder)));
  return EXIT.OK;
}
