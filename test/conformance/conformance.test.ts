import { expect, it } from 'vitest';
import { createMachine } from '../../src/machine/index.ts';
import { runBlocks } from './block-runner.ts';
import { describeEngine } from './engine.ts';
import { caseMachine, interpreters, machineEngine } from './machine-engine.ts';

for (const interpreter of interpreters()) describeEngine(interpreter);
const translation = { kind: 'adversarial', seed: 1, layer: true, guest: true } as const;
describeEngine({
  name: 'interpreter, adversarial translation',
  newEngine: () => machineEngine(createMachine({ ram: 4 * 2 ** 20, timing: 'inorder', guests: 1, translation })),
  skip: [],
});
const blocks = runBlocks(caseMachine('inorder'));
describeEngine({ name: 'compiled blocks, inorder', newEngine: () => machineEngine(blocks.machine), skip: [] });
it('has run compiled blocks', () => {
  expect(blocks.count()).toBeGreaterThan(100_000);
});
