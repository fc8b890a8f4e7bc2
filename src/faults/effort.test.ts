import { expect, it } from 'vitest';
import { findClass } from './catalogue.ts';
import { EFFORTS } from './effort.ts';

it.each(Object.entries(EFFORTS))('%s draws classes that can be drawn, each once', (_, { random }) => {
  for (const { class: name } of random) expect(findClass(name)?.draw, name).toBeDefined();
  expect(new Set(random.map(({ class: name }) => name)).size).toBe(random.length);
});

it('standard gives each cell enough for a bound below one per cent', () => {
  for (const { n } of EFFORTS.standard.random) expect(n).toBeGreaterThanOrEqual(400);
});

it('quick leaves out nothing but directed classes', () => {
  for (const name of EFFORTS.quick.without) expect(findClass(name)?.arm, name).toBeDefined();
  expect(EFFORTS.standard.without).toEqual([]);
});
