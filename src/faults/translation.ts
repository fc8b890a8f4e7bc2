// Which translation caches a verdict is taken under.

import type { AdversarialTranslation } from '../machine/index.ts';
import type { BootPlan } from '../scenario/boot.ts';

/** A forgiving TLB hides the commonest hole of a layer: the fence that is missing. Guests, theirs and ours, get the finite
 * one, as in the runs that are timed. Each trajectory draws from its own seed. */
const ISOLATION: AdversarialTranslation = { kind: 'adversarial', seed: 0, layer: true, guest: false };

/** As labels say it. */
export const ISOLATION_LABEL = 'adversarial.layer';

/** The same boot, for a verdict rather than for a cost. */
export function forVerdict(plan: BootPlan): BootPlan {
  return { ...plan, machine: { ...plan.machine, translation: ISOLATION } };
}
