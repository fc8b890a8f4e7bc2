import { expect, it } from 'vitest';
import { loadScenario } from '../scenario/load.ts';
import { inReportOrder } from '../scenario/modes.ts';
import { factorsOf, panicPolicy } from './factors.ts';

const scenarioOf = (first: string, second: string, more = '') =>
  loadScenario(
    'x.yaml',
    `machine: { ram: 64M }
guests:
  one: { image: rtos, memory: 0x80400000+4M, args: "${first}" }
  two: { image: unix, memory: 0x81000000+4M, args: "${second}" }
${more}`,
  ).scenario;

it('a policy that not every guest has is said to be whose it is', () => {
  expect(panicPolicy(scenarioOf('panic=halt', 'x panic=halt work=3'))).toBe('halt');
  expect(panicPolicy(scenarioOf('panic=halt', 'work=3'))).toBe('halt (one)');
  expect(panicPolicy(scenarioOf('panic=halt', 'panic=reset'))).toBe('halt (one), reset (two)');
  expect(panicPolicy(scenarioOf('', 'nopanic=halt'))).toBe('as each kernel likes');
});

it('what guests do before faults come is a factor, too', () => {
  expect(factorsOf(scenarioOf('', ''))).not.toHaveProperty('warmup');
  expect(factorsOf(scenarioOf('', '', 'warmup: 535500us'))).toMatchObject({ warmup: '535.5 ms', cpus: 'shared' });
});

it('modes are reported in one order, however a scenario has them', () => {
  expect(inReportOrder(['virtualized', 'open', 'native'])).toEqual(['native', 'open', 'virtualized']);
});
