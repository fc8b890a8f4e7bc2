import { expect, it } from 'vitest';
import { directedClasses, findClass } from './catalogue.ts';
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

it('brief has one act of each group, which ends', () => {
  const left: string[] = EFFORTS.brief.without;
  const acts = directedClasses.filter(({ id }) => !left.includes(id));
  const groups = new Set(directedClasses.map(({ group }) => group));
  expect(acts.map(({ group }) => group)).toEqual([...groups]);
  for (const { id } of acts) expect(EFFORTS.quick.without).not.toContain(id);
});
