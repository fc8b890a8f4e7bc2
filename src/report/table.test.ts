import { describe, expect, it } from 'vitest';
import { PLAIN } from './paper.ts';
import { drawTable } from './table.ts';

const columns = [{ title: '' }, { title: 'colocated', align: 'right' as const }, { title: 'virtualized' }];
const rows = [
  ['foreign pages: read, write, execute', '17,408/17,408', '0/17,408'],
  ['rtos → unix', '≤ 1', '0'],
];

describe('a table', () => {
  it('is drawn in plain ASCII where the paper has nothing else', () => {
    expect(drawTable(PLAIN, columns, rows)).toEqual([
      '  +-------------------------------------+---------------+-------------+',
      '  |                                     |     colocated | virtualized |',
      '  +-------------------------------------+---------------+-------------+',
      '  | foreign pages: read, write, execute | 17,408/17,408 | 0/17,408    |',
      '  | rtos -> unix                        |          <= 1 | 0           |',
      '  +-------------------------------------+---------------+-------------+',
    ]);
  });

  it('is ruled with box characters on better paper, without colour either way', () => {
    const text = drawTable({ ...PLAIN, unicode: true }, columns, rows).join('\n');
    expect(text).toContain('┌──');
    expect(text).toContain('rtos → unix');
    expect(text).not.toContain('\u001b');
  });

  it('lets figures give way at their blanks where the first column cannot', () => {
    const spans = [['timer', '+269 to +992 %', '2.916 to 10.923']];
    const lines = drawTable({ ...PLAIN, columns: 45 }, columns, spans);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(45);
    expect(lines.join('\n')).toMatch(/2\.916 to +\|\n.*10\.923/);
  });

  it.each([80, 60])('fits %d columns by wrapping its first one', (width) => {
    const lines = drawTable({ ...PLAIN, columns: width }, columns, rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.join('\n')).toContain('17,408/17,408');
  });
});
