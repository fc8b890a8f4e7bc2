import { expect, it } from 'vitest';
import { NO_ENDPOINT } from './outcome.ts';
import { isLatent, isSampled } from './latent.ts';
import type { ExperimentRecord } from './records.ts';

const record = (id: string, ...endpoints: readonly Partial<typeof NO_ENDPOINT>[]): ExperimentRecord =>
  ({
    id,
    outcome: { bystanders: endpoints.map((own) => ({ endpoints: { ...NO_ENDPOINT, ...own } })) },
  }) as unknown as ExperimentRecord;

it('a run is latent that reached somebody and failed nobody', () => {
  expect(isLatent(record('a', { reached: true }))).toBe(true);
  expect(isLatent(record('a', {}, { reached: true, corrupted: true }))).toBe(true);
  expect(isLatent(record('a', { reached: true, failed: true }))).toBe(false);
  expect(isLatent(record('a', { reached: true }, { failed: true }))).toBe(false);
  expect(isLatent(record('a', {}))).toBe(false);
});

it('one in twenty is drawn, by its id alone', () => {
  const ids = Array.from({ length: 4000 }, (_, n) => `t1.3f9c1e00.HWF-1.open.rtos.1-${n}`);
  const drawn = ids.filter((id) => isSampled(record(id)));
  // Binomial(4000, 0.05): six standard deviations to either side.
  expect(Math.abs(drawn.length - 200)).toBeLessThan(83);
  expect(drawn.every((id) => isSampled(record(id, { reached: true })))).toBe(true);
});
