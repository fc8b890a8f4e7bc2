import { expect, it } from 'vitest';
import type { Design } from '../faults/experiments.ts';
import type { Session } from './campaign-session.ts';
import { checkGoldens, goldenTasks } from './golden-gate.ts';
import type { Row, Task } from './tasks.ts';

const design: Design = { guests: ['rtos', 'unix'], modes: ['open', 'colocated'], seed: 1, hasPlace: () => true };

/** A session in which the fault-free runs end as told. */
const session = (stateOf: (task: Task) => string): Session =>
  ({
    run: (_title: string, tasks: readonly Task[]) =>
      Promise.resolve(tasks.map((task): Row => ({ kind: 'golden', stateHash: stateOf(task), cycles: 1000 }))),
  }) as unknown as Session;

it('every mode, and every guest alone, is run three times on each of five trajectories', () => {
  const tasks = goldenTasks(design);
  expect(tasks).toHaveLength((2 + 2) * 5 * 3);
  expect(new Set(tasks.map((task) => JSON.stringify(task))).size).toBe(tasks.length);
});

it('runs that agree open the gate, though modes and inputs differ from one another', async () => {
  const agreeing = session((task) => (task.kind === 'golden' ? `${task.mode} ${task.only} ${task.inputSeed}` : ''));
  await expect(checkGoldens(agreeing, design)).resolves.toBeUndefined();
});

it('one run that differs is a DETERMINISM_ERROR that names mode and inputs', async () => {
  const differing = session((task) =>
    task.kind === 'golden' && task.mode === 'open' && task.repeat === 1 ? 'other' : 'same',
  );
  await expect(checkGoldens(differing, design)).rejects.toThrow(
    /DETERMINISM_ERROR {2}the fault-free run in mode open with inputs \d+ .*same.*other/,
  );
});

it('runs that are missing, where nobody makes them, are no difference', async () => {
  const partial = { run: () => Promise.resolve([{ kind: 'golden', stateHash: 'a', cycles: 1 }]) } as unknown as Session;
  await expect(checkGoldens(partial, design)).resolves.toBeUndefined();
});
