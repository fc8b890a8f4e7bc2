import { describe, expect, it } from 'vitest';
import { Awaited, Dialogue } from './dialogue.ts';

const say = (to: { hear(byte: number): void }, text: string) => {
  for (const byte of new TextEncoder().encode(text)) to.hear(byte);
};
const read = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

describe('Awaited', () => {
  it('sees a text whose parts come apart, and remembers it', () => {
    const awaited = new Awaited('login: ');
    say(awaited, 'log');
    expect(awaited.seen).toBe(false);
    say(awaited, 'in: ');
    expect(awaited.seen).toBe(true);
    say(awaited, 'root');
    expect(awaited.seen).toBe(true);
  });

  it('finds a text that begins within a false start, and one outside ASCII', () => {
    const awaited = new Awaited('aab');
    say(awaited, 'aaab');
    expect(awaited.seen).toBe(true);
    const umlaut = new Awaited('für');
    say(umlaut, 'danke für alles');
    expect(umlaut.seen).toBe(true);
  });
});

describe('Dialogue', () => {
  it('gives each answer once, after words that were said since the one before', () => {
    const dialogue = new Dialogue([
      { after: '# ', type: 'ls\n' },
      { after: '# ', type: 'exit\n' },
    ]);
    expect(dialogue.answer()).toBeUndefined();
    say(dialogue, 'welcome\n# ');
    expect(read(dialogue.answer())).toBe('ls\n');
    expect(dialogue.answer()).toBeUndefined();
    expect(dialogue.awaited).toBe('# ');
    say(dialogue, 'ls\nbin\n# ');
    expect(read(dialogue.answer())).toBe('exit\n');
    say(dialogue, '# ');
    expect(dialogue.answer()).toBeUndefined();
    expect(dialogue.awaited).toBeUndefined();
  });

  it('keeps what was said beyond a cue for the next one', () => {
    const dialogue = new Dialogue([
      { after: 'name', type: 'a' },
      { after: 'word', type: 'b' },
    ]);
    say(dialogue, 'name and word');
    expect([read(dialogue.answer()), read(dialogue.answer())]).toEqual(['a', 'b']);
  });

  it('still hears its cue after a flood', () => {
    const dialogue = new Dialogue([{ after: '$ ', type: 'x' }]);
    say(dialogue, 'spam'.repeat(10_000));
    say(dialogue, '$ ');
    expect(read(dialogue.answer())).toBe('x');
  });
});
