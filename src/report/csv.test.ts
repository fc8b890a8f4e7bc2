import { describe, expect, it } from 'vitest';
import { HOSTILE, madeUp } from '../../test/report/made-up-document.ts';
import { csvFiles, csvOf } from './csv.ts';

/** An independent reader of RFC 4180. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === ',') {
      row.push(cell);
      cell = '';
    } else if (sign === '\r' && text[at + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      at++;
    } else cell += sign;
  }
  return rows;
}

describe('CSV', () => {
  it('gives back every cell, whatever it holds', () => {
    expect(csvOf([{ name: 'a,"b"\r\nc', n: -1 }])).toBe('name,n\r\n"a,""b""\r\nc",-1\r\n');
  });

  it('makes columns of nested records, and one line per row', () => {
    expect(
      csvOf([
        { of: { lower: 0, upper: 1 }, list: [1] },
        { of: { lower: 2, upper: 3 }, list: [] },
      ]),
    ).toBe('of.lower,of.upper,list\r\n0,1,[1]\r\n2,3,[]\r\n');
  });

  it('keeps text that looks like a formula text, and figures figures', () => {
    expect(csvOf([{ text: '=1+1', figure: -0.5 }])).toBe("text,figure\r\n'=1+1,-0.5\r\n");
  });

  it('has a file for each list that is not empty, with a line per record', () => {
    const files = csvFiles(madeUp);
    expect(files.map(({ name }) => name)).toContain('rates.csv');
    expect(csvFiles({ ...madeUp, rates: [] }).map(({ name }) => name)).not.toContain('rates.csv');
    const capability = parse(files.find(({ name }) => name === 'capability.csv')?.text ?? '');
    expect(capability).toHaveLength(madeUp.capability.length + 1);
    expect(capability[1]?.[capability[0]?.indexOf('mechanism') ?? -1]).toBe(HOSTILE);
  });
});
