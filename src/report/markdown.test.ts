import { describe, expect, it } from 'vitest';
import { HOSTILE, madeUp } from '../../test/report/made-up-document.ts';
import { escapeMarkdown, reportMarkdown } from './markdown.ts';

describe('the report as Markdown', () => {
  const text = reportMarkdown(madeUp);

  it('lets no record become markup, a row or a line', () => {
    expect(escapeMarkdown('a|b\nc')).toBe('a\\|b c');
    expect(escapeMarkdown(HOSTILE)).not.toMatch(/(^|[^\\])[<|`]/);
    expect(text).not.toMatch(/(^|[^\\])<script/);
  });

  it('has as many cells in each row of a table as in its head', () => {
    const cells = (line: string) => line.replace(/\\./g, '').split('|').length;
    const lines = text.split('\n');
    const heads = lines.flatMap((line, index) => (/^\| ---/.test(line) ? [index - 1] : []));
    expect(heads).toHaveLength(11);
    for (const head of heads) {
      for (let row = head; lines[row]?.startsWith('|'); row++) {
        expect(cells(lines[row] ?? ''), lines[row]).toBe(cells(lines[head] ?? ''));
      }
    }
  });

  it('says verdicts, doubts and the command', () => {
    expect(text).toContain('**H3 MIXED**');
    expect(text).toContain('since it was validated');
    expect(text).toContain('--effort quick --seed 1');
  });
});
