import { expect, it } from 'vitest';
import type { AppRow } from '../cost/apps/records.ts';
import type { LatencyRow } from '../cost/records.ts';
import { appsReport } from './apps-report.ts';
import { appsSchema } from './apps-schema.ts';
import { PLAIN } from './paper.ts';

const response = (mode: string, max: number): LatencyRow => ({
  kind: 'response',
  guest: 'rtos',
  mode,
  neighbour: 'linux: write',
  n: 10,
  p50: 20_000,
  p95: 20_000,
  p99: 20_400,
  max,
  bound: 200_000,
  late: max > 200_000 ? 1 : 0,
});

const row = (mode: string, more: Partial<AppRow>): AppRow => ({
  mode,
  guest: 'linux',
  app: 'write',
  outcome: 'measured',
  why: '',
  cycles: 13_310_000,
  figures: [{ name: 'copied', unit: 'bytes', value: 524_288 }],
  responses: [],
  ...more,
});

const document = appsSchema.parse({
  schema: 'taco.apps/1',
  stamp: '0badcafe',
  images: {},
  modes: ['virtualized', 'colocated'],
  apps: [
    row('virtualized', { responses: [response('virtualized', 21_500)] }),
    row('colocated', {
      outcome: 'failed',
      why: 'it ended with exit code 1',
      figures: [],
      responses: [response('colocated', 201_000)],
    }),
    ...['virtualized', 'colocated'].map((mode) =>
      row(mode, { app: 'ping', outcome: 'absent', why: 'no peer', cycles: null, figures: [] }),
    ),
  ],
});

it('has a row for each figure, a column for each mode, and says of each gap why', () => {
  const lines = appsReport(PLAIN, document);
  const cells = (start: string) =>
    lines
      .find((line) => line.includes(start))
      ?.split('|')
      .map((cell) => cell.trim())
      .slice(1, -1);
  expect(cells('write, taken')).toEqual(['linux: write, taken, ms', '13.31', '13.31']);
  expect(cells('write, copied')).toEqual(['linux: write, copied, bytes', '524,288', '-']);
  expect(cells('rtos beside')).toEqual(['rtos beside linux: write', '20.0 20.4 21.5', '20.0 20.4 201.0']);
  const text = lines.join('\n');
  expect(text).toContain('failed: linux: write, it ended with exit code 1 (colocated)');
  expect(text).toContain('absent: linux: ping, no peer (virtualized, colocated)');
  expect(text).toContain('later than 200: 1 of 20');
  expect(text).not.toContain('linux: ping, taken');
});
