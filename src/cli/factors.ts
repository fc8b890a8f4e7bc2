// What is equal in all compared modes, as headings and documents say it.

import { findMode } from '../scenario/modes.ts';
import type { Scenario } from '../scenario/scenario.ts';

const TICKS_PER_MILLISECOND = 10_000;

/** Slots are shifted only where a mode translates. */
function placementText({ factors, modes }: Scenario): string {
  const fixed = modes.filter((mode) => findMode(mode).fixesPlacement !== undefined);
  if (factors.placement === 'identity' || fixed.length === 0) return factors.placement;
  return `${factors.placement} (identity in ${fixed.join(', ')}, which cannot translate)`;
}

/** The factor that decides most about availability, so it stands in headings. Kernels that are not told do as they like. */
export function panicPolicy({ guests }: Pick<Scenario, 'guests'>): string {
  const told = guests.flatMap(({ name, bootargs }) => {
    const [, policy] = /\bpanic=(\w+)/.exec(bootargs) ?? [];
    return policy === undefined ? [] : [{ name, policy }];
  });
  const policies = [...new Set(told.map(({ policy }) => policy))];
  if (told.length === 0) return 'as each kernel likes';
  if (told.length === guests.length && policies.length === 1) return policies.join();
  return told.map(({ name, policy }) => `${policy} (${name})`).join(', ');
}

export function factorsOf(scenario: Scenario): Record<string, string> {
  const { factors, machine, warmupTicks } = scenario;
  return {
    ...Object.fromEntries(Object.entries(factors).map(([name, value]) => [name, String(value)])),
    placement: placementText(scenario),
    panic: panicPolicy(scenario),
    ...(machine.iommu && { iommu: 'present' }),
    ...(warmupTicks !== undefined && { warmup: `${warmupTicks / TICKS_PER_MILLISECOND} ms` }),
  };
}
