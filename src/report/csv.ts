// Every list of the document as a file of comma-separated values (RFC 4180). New lists get theirs by being there.

import type { ArgueDocument } from './documents.ts';

export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** Spreadsheets run what begins like a formula; a quote before it keeps it text. Figures are never touched. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: unknown): string {
  const raw = value === null || value === undefined ? '' : Array.isArray(value) ? JSON.stringify(value) : String(value);
  const text = typeof value === 'string' && FORMULA.test(raw) ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Fields of a nested record become columns such as `activated95.lower`. */
function flat(row: object, prefix = ''): [string, unknown][] {
  return Object.entries(row).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flat(value, `${prefix}${name}.`)
      : [[prefix + name, value]],
  );
}

export function csvOf(rows: readonly object[]): string {
  const flattened = rows.map((row) => new Map(flat(row)));
  const columns = [...new Set(flattened.flatMap((row) => [...row.keys()]))];
  const lines = [columns.map(cell), ...flattened.map((row) => columns.map((column) => cell(row.get(column))))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

export function csvFiles(document: ArgueDocument): TextFile[] {
  return Object.entries(document).flatMap(([name, value]) => {
    const rows = Array.isArray(value) ? value.filter((row) => typeof row === 'object' && row !== null) : [];
    return rows.length === 0 ? [] : [{ name: `${name}.csv`, text: csvOf(rows) }];
  });
}
