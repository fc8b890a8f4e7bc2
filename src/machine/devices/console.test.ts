import { expect, it } from 'vitest';
import { Console } from './console.ts';

const HEAD = 48 * 1024;
const TAIL = 16 * 1024;

function filled(count: number): Console {
  const console = new Console();
  for (let index = 0; index < count; index++) console.put(97 + (index % 26));
  return console;
}

const sent = (count: number): string =>
  Array.from({ length: count }, (_, index) => String.fromCharCode(97 + (index % 26))).join('');

it.each([0, 5, 1024, 1025, HEAD, HEAD + 1, HEAD + TAIL])('keeps all of %i bytes', (count) => {
  const console = filled(count);
  expect(console.text()).toBe(sent(count));
  expect([console.bytes, console.omitted]).toEqual([count, 0]);
});

it('keeps the first 48 KiB and the last 16 KiB of a flood, and counts the rest', () => {
  const count = HEAD + 3 * TAIL + 100;
  const console = filled(count);
  const all = sent(count);
  expect(console.text()).toBe(`${all.slice(0, HEAD)}\n[${2 * TAIL + 100} bytes left out]\n${all.slice(-TAIL)}`);
  expect(console.bytes).toBe(count);
});

it('digests also what it does not keep', () => {
  const one = filled(HEAD + 2 * TAIL);
  const other = filled(HEAD);
  for (let index = 0; index < 2 * TAIL; index++) other.put(97 + ((HEAD + index + (index === 5 ? 1 : 0)) % 26));
  expect(other.text()).toBe(one.text());
  expect(other.digest()).not.toBe(one.digest());
});

it.each([3, HEAD + 7, HEAD + 2 * TAIL + 7])('goes on after a restore at %i bytes', (count) => {
  const console = filled(count);
  const state = structuredClone(console.save());
  const other = filled(77);
  other.restore(state);
  expect(other.save()).toEqual(state);
  for (let index = 0; index < 20_000; index++) {
    console.put(index & 0x7f);
    other.put(index & 0x7f);
  }
  expect(other.save()).toEqual(console.save());
  expect(other.text()).toBe(console.text());
});
