import { expect, it } from 'vitest';
import { Probe } from './probe.ts';

const phase = (id: number) => ({ guest: 0, id, cycle: 0 });

it('tells everybody of each event, also when one of them stops listening', () => {
  const probe = new Probe();
  const heard: string[] = [];
  const stop = probe.on('phase', ({ id }) => {
    heard.push(`a${id}`);
    stop();
  });
  probe.on('phase', ({ id }) => heard.push(`b${id}`));
  probe.tell('phase', phase(1));
  probe.tell('phase', phase(2));
  expect(heard).toEqual(['a1', 'b1', 'b2']);
  stop();
  probe.tell('phase', phase(3));
  expect(heard.at(-1)).toBe('b3');
});

it('tells of the first events of a kind alone, and of none once that is over or ended', () => {
  const probe = new Probe();
  const heard: number[] = [];
  probe.onFirst(2, 'phase', ({ id }) => heard.push(id));
  const stop = probe.onFirst(5, 'phase', ({ id }) => heard.push(10 * id));
  for (const id of [1, 2, 3]) probe.tell('phase', phase(id));
  stop();
  probe.tell('phase', phase(4));
  expect(heard).toEqual([1, 10, 2, 20, 30]);
  expect(probe.hears('phase')).toBe(false);
});
