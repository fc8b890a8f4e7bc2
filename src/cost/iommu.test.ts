// What an IOMMU costs a device: the walks for it, which its guest waits for, and nothing else.
import { expect, it } from 'vitest';
import { imagesOf, testScenario } from '../../test/cost-scenario.ts';
import { INORDER } from '../machine/index.ts';
import { findMode } from '../scenario/modes.ts';
import type { GuestCost } from './account.ts';
import { benchScenario, bootBench, measure } from './measure.ts';
import { findWorkload } from './workloads.ts';

const COPIES = 8;

function copies(mode: string, iommu: boolean, settings: readonly string[] = []): GuestCost {
  const machine = { ...testScenario.machine, ...(iommu && { iommu: true as const }) };
  const scenario = benchScenario({ ...testScenario, machine });
  const bench = bootBench(findMode(mode), scenario, imagesOf(scenario), settings);
  return measure(bench, { ...findWorkload('copies'), rounds: COPIES }).cost;
}

/** Cycles that the guest waits longer for its transfers with an IOMMU; all else must be the same. */
function waits(mode: string, settings: readonly string[] = []): number {
  const { idleCycles: without, ...alone } = copies(mode, false, settings);
  const { idleCycles: behind, ...others } = copies(mode, true, settings);
  expect(others).toEqual(alone);
  return behind - without;
}

it('costs nothing where nobody uses it', () => {
  expect(waits('native')).toBe(0);
});

it('costs little where a leaf covers all, and a walk for each page where leaves are small', () => {
  const walk = INORDER.walkStart + 3 * INORDER.walkReference;
  const contexts = INORDER.walkStart + INORDER.walkReference;
  // The cache holds what one large leaf says: one walk, before or during what is measured.
  expect(waits('virtualized')).toBeLessThanOrEqual(walk + contexts);
  // Source and target of 64 KiB each, which may begin within a page; nothing is left in the cache from copy to copy.
  const pages = 2 * (64 / 4);
  const small = waits('virtualized', ['G-stage leaf 4 KiB']);
  expect(small).toBeGreaterThanOrEqual(COPIES * pages * walk);
  expect(small).toBeLessThanOrEqual(COPIES * (pages + 2) * walk + contexts);
});
