import { expect, it } from 'vitest';
import { zeroEventUpper } from './statistics/intervals.ts';
import { layerRow } from './tally-layer.ts';

const counts = { class: 'HWF-1', mode: 'virtualized', component: 'hypervisor', injected: 400, activated: 300 };

it('a larger layer that is seldom run may fail less often than a small busy one', () => {
  const busy = layerRow({ ...counts, guestsLost: 40 }, { bits: 1984, residency: 4e6, cycles: 1e9 });
  const seldom = layerRow({ ...counts, guestsLost: 80 }, { bits: 1984, residency: 1e6, cycles: 1e9 });
  expect(busy.failuresPerGcycle / seldom.failuresPerGcycle).toBeCloseTo(2, 12);
  expect(busy.faultSpace).toBe(1984 * 4e6);
});

it('no event has its bound, never 0 %', () => {
  const none = layerRow({ ...counts, guestsLost: 0 }, { bits: 64, residency: 10, cycles: 100 });
  expect(none).toMatchObject({ lower95: 0, upper95: zeroEventUpper(400), failuresPerGcycle: 0 });
});
