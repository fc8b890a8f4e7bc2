import { describe, expect, it } from 'vitest';
import { Listener, readTranscript } from './transcript.ts';

const said = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join('');

describe('a transcript', () => {
  it('has what stands between the two lines of a tool, and its exit code', () => {
    const { sections, without } = readTranscript(
      said('boot', 'taco: begin write', 'one', '', 'two', 'taco: end write 3', 'x', 'taco: without ping: no peer'),
    );
    expect([...sections]).toEqual([['write', { text: 'one\n\ntwo\n', status: 3 }]]);
    expect([...without]).toEqual([['ping', 'no peer']]);
  });

  it.each([
    ['never ends', ['taco: begin write', 'one']],
    ['ends under another name', ['taco: begin write', 'one', 'taco: end read 0']],
    ['ends without having begun', ['taco: end write 0']],
    ['ends with a code that is none', ['taco: begin write', 'taco: end write 0x0']],
    ['ends in the middle of a line', ['taco: begin write', 'one taco: end write 0']],
    ['has no name', ['taco: begin ', 'taco: end  0']],
    ['has a name that leads elsewhere', ['taco: begin __proto__', 'taco: end __proto__ 0']],
  ])('has no section of one that %s', (_, lines) => {
    expect(readTranscript(said(...lines)).sections.size).toBe(0);
  });

  it('keeps the first of a name', () => {
    const twice = said(
      'taco: begin write',
      'true',
      'taco: end write 0',
      'taco: begin write',
      'false',
      'taco: end write 0',
    );
    expect(readTranscript(twice).sections.get('write')?.text).toBe('true\n');
  });

  it('takes no reason that a terminal would obey, and none from within a section', () => {
    const { without } = readTranscript(
      said('taco: without ping: \u001b[2Jno', 'taco: begin write', 'taco: without read: x', 'taco: end write 0'),
    );
    expect(without.size).toBe(0);
  });

  it('hears so much of one that never ends, and no more', () => {
    const listener = new Listener();
    for (let byte = 0; byte < 300_000; byte++) listener.hear(65);
    expect(listener.text.length).toBe(262_144);
  });
});
