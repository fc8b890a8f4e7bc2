import { expect, it } from 'vitest';
import type { BootRow } from '../cost/records.ts';
import { BOOT_TITLES, bootCells, bootLines, bootParts, causesText, exitCells } from './boot-lines.ts';
import { PLAIN } from './paper.ts';

const native: BootRow = {
  mode: 'native',
  guest: 'linux',
  elapsed: 1100,
  cycles: 990,
  instret: 700,
  layerCycles: 10,
  layerInstret: 5,
  entries: 2,
  causes: [{ cause: 'call from S-mode', count: 2 }],
  refills: 10,
  references: 50,
  walkCycles: 220,
  ratio: 1,
};
const virtualized: BootRow = {
  ...native,
  mode: 'virtualized',
  cycles: 1045,
  layerCycles: 25,
  entries: 40,
  causes: ['a', 'b', 'c', 'd', 'e', 'f'].map((cause, index) => ({ cause, count: 20 - index })),
  refills: 12,
  references: 204,
  walkCycles: 260,
  ratio: 1.07,
};

it('the parts of a difference to native sum to it', () => {
  const { all, layer, walks, rest } = bootParts(virtualized, native);
  expect([all, layer, walks, rest].map((share) => Math.round(share * 10_000) / 10_000)).toEqual([
    0.07, 0.015, 0.04, 0.015,
  ]);
});

it('the commonest causes of exits are named, and the others summed', () => {
  expect(causesText(virtualized)).toBe('a 20, b 19, c 18, d 17, others 31');
  expect(causesText(native)).toBe('call from S-mode 2');
});

it('each mode is set against native, which has no line of its own', () => {
  const text = bootLines(PLAIN, [virtualized, native], ['native', 'virtualized']).join(' ').replace(/\s+/g, ' ');
  expect(text).toContain('boot of linux to the first sign of its first process');
  expect(text).toContain('against native (1,000; 10 TLB misses of 5.0 references each)');
  expect(text).toContain('virtualized +7.00 % = layer +1.50 %, page walks +4.00 %, rest +1.50 %; 40 exits (a 20,');
  expect(text).toContain('12 TLB misses of 17.0 references each');
  expect(text).not.toContain('native +0');
});

it('a table has the same parts, and every cause in every mode', () => {
  const [first, second] = bootCells([native, virtualized]);
  expect(first).toHaveLength(BOOT_TITLES.length);
  expect(first?.slice(0, 7)).toEqual(['linux', 'native', '1,000', '–', '–', '–', '–']);
  expect(second?.slice(2)).toEqual(['1,070', '+7.00 %', '+1.50 %', '+4.00 %', '+1.50 %', '12', '204', '40']);
  const exits = exitCells([native, virtualized], ['native', 'colocated', 'virtualized']);
  expect(exits).toHaveLength(7);
  expect(exits[0]).toEqual(['linux: call from S-mode', '2', '–', '0']);
  expect(exits[6]).toEqual(['linux: f', '0', '–', '15']);
});

it('there is nothing to say without a boot, nor without native', () => {
  expect(bootLines(PLAIN, [], ['virtualized'])).toEqual([]);
  expect(bootLines(PLAIN, [virtualized], ['virtualized'])).toEqual([]);
});
