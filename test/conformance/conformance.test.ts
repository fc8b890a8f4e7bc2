import { expect, it } from 'vitest';
import { createMachine } from '../../src/machine/index.ts';
import { describeEngine } from './engine.ts';
import { interpreters, machineEngine, WITHOUT_TLBS } from './machine-engine.ts';

for (const interpreter of interpreters()) describeEngine(interpreter);
const translation = { kind: 'adversarial', seed: 1, layer: true, guest: true } as const;
describeEngine({
  name: 'interpreter, adversarial translation',
  newEngine: () => machineEngine(createMachine({ ram: 4 * 2 ** 20, timing: 'inorder', guests: 1, translation })),
  skip: [],
});
/** Regions are made at once, and of a few instructions, so that every way in and out is gone. */
const tunings = [
  { timing: 'inorder', threshold: 1, cap: 500 },
  { timing: 'inorder', threshold: 2, cap: 5 },
  { timing: 'functional', threshold: 1, cap: 30 },
] as const;
for (const { timing, threshold, cap } of tunings) {
  const engine = { kind: 'regions', threshold, cap } as const;
  const machine = createMachine({ ram: 4 * 2 ** 20, timing, guests: 1, engine });
  const name = `regions of ${cap} instructions, ${timing}`;
  describeEngine({
    name,
    newEngine: () => machineEngine(machine),
    skip: timing === 'functional' ? [WITHOUT_TLBS] : [],
  });
  it(`has compiled ${name}`, () => {
    expect(machine.regionsCompiled).toBeGreaterThan(1000);
  });
}
