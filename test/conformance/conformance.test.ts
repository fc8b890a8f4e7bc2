import { expect, it } from 'vitest';
import { runBlocks } from './block-runner.ts';
import { describeEngine } from './engine.ts';
import { caseMachine, interpreters, machineEngine } from './machine-engine.ts';

for (const interpreter of interpreters()) describeEngine(interpreter);
const blocks = runBlocks(caseMachine('inorder'));
describeEngine({ name: 'compiled blocks, inorder', newEngine: () => machineEngine(blocks.machine), skip: [] });
it('has run compiled blocks', () => {
  expect(blocks.count()).toBeGreaterThan(100_000);
});
