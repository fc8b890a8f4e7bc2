import { expect, it } from 'vitest';
import { MachineMemory } from '../memory.ts';
import { Unrest } from './unrest.ts';

const RAM = 2 ** 20;

it('is measured by instructions per change, over all harts, and begins anew after a restore', () => {
  const memory = new MachineMemory(2, RAM, RAM);
  const unrest = new Unrest(memory);
  const [first, second] = memory.harts;
  const after = (instructions: number, changes: number): boolean => {
    first?.setCount('instret', first.count('instret') + instructions);
    second?.setCount('soft_age', second.count('soft_age') + Math.floor(changes / 2));
    first?.set('bank_changes', first.get('bank_changes') + Math.ceil(changes / 2));
    unrest.measure();
    return unrest.restless;
  };
  expect(after(1_000_000, 490)).toBe(false);
  expect(after(1_000_000, 510)).toBe(true);
  // Too little to tell.
  expect(after(50_000, 0)).toBe(true);
  expect(after(950_000, 400)).toBe(false);
  expect(after(-900_000, 10_000)).toBe(false);
  expect(after(200_000, 110)).toBe(true);
});
