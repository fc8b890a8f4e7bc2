// What is seen against what may be seen. A set of outcomes is the manual's; the finite TLB stays within it, and so does the
// adversarial mode, which must also show the outcome that is the reason for a litmus.
import { describe, expect, it } from 'vitest';
import { createMachine, type Translation } from '../../src/machine/index.ts';
import type { Engine } from '../conformance/engine.ts';
import { machineEngine } from '../conformance/machine-engine.ts';
import { run } from '../conformance/program.ts';
import { ACCESSED_DIRTY } from './accessed-dirty.ts';
import { ADDRESS_SPACES } from './address-spaces.ts';
import { FIRST_STAGE } from './first-stage.ts';
import { TWO_HARTS } from './harts.ts';
import type { Litmus } from './litmus.ts';
import { TWO_STAGES } from './two-stages.ts';

const SEEDS = 40;

const engine = (harts: number, seed: number, translation: Translation): Engine =>
  machineEngine(
    createMachine({
      ram: 4 * 2 ** 20,
      timing: 'inorder',
      guests: 1,
      harts,
      schedule: { kind: 'fine', seed },
      translation,
    }),
  );

function describeLitmus(group: string, harts: number, all: readonly Litmus[]): void {
  describe(group, () => {
    const finite = engine(harts, 0, { kind: 'finite' });
    const adversaries = Array.from({ length: SEEDS }, (_, seed) =>
      engine(harts, seed, { kind: 'adversarial', seed, layer: true, guest: true }),
    );
    const seen = (on: Engine, { text, words }: Litmus) => run(on, text, words).values.join(' ');

    it.each(all.map((litmus) => [litmus.name, litmus] as const))('%s', (_, litmus) => {
      expect(litmus.permitted).toContain(seen(finite, litmus));
      const outcomes = new Set(adversaries.map((on) => seen(on, litmus)));
      for (const outcome of outcomes) expect(litmus.permitted).toContain(outcome);
      if (litmus.weak !== undefined) expect([...outcomes]).toContain(litmus.weak);
    });
  });
}

describeLitmus('first stage', 1, FIRST_STAGE);
describeLitmus('address spaces', 1, ADDRESS_SPACES);
describeLitmus('two stages', 1, TWO_STAGES);
describeLitmus('accessed and dirty', 1, ACCESSED_DIRTY);
describeLitmus('two harts', 2, TWO_HARTS);
