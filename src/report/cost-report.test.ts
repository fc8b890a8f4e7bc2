import { describe, expect, it } from 'vitest';
import { costReport } from './cost-report.ts';
import { type CostDocument, costSchema } from './cost-schema.ts';
import { PLAIN } from './paper.ts';

const row = (mode: string, ratio: number) => ({
  workload: 'crc',
  class: 'computing',
  mode,
  cycles: 1000 * ratio,
  instret: 900,
  layerCycles: 0,
  ratio,
  ratioToColocated: ratio,
});
const waits = {
  kind: 'response',
  guest: 'rtos',
  n: 64,
  p50: 19_500,
  p99: 20_000,
  p95: 20_000,
  bound: 200_000,
} as const;

const document: CostDocument = {
  schema: 'taco.cost/1',
  modes: ['native', 'colocated', 'virtualized'],
  cpus: 'shared',
  cost: [row('native', 1), row('colocated', 1), row('virtualized', 1.5)],
  accounts: [
    {
      workload: 'crc',
      mode: 'native',
      elapsed: 1234,
      guest: 1000,
      layer: 200,
      other: 30,
      idle: 4,
      layerInstret: 5,
      entries: 6,
    },
  ],
  effort: ['colocated', 'virtualized'].map((mode) => ({
    mode,
    event: 'world switch',
    instructions: 762.4,
    cycles: 1561.5,
    entries: 1,
    causes: [{ cause: 'illegal instruction', count: 1 }],
  })),
  sensitivity: [
    {
      parameter: 'MMIO',
      setting: 'x2',
      workload: 'crc',
      class: 'computing',
      mode: 'virtualized',
      ratio: 1.75,
      ratioToColocated: 2.25,
    },
  ],
  search: [
    {
      claim: 'H5',
      hypothesis: 'it is cheap',
      threshold: 1.01,
      tried: 2,
      found: 1,
      examples: [{ workload: 'crc', class: 'computing', setting: 'MMIO x2', value: 1.75 }],
    },
  ],
  latency: [
    { ...waits, mode: 'colocated', neighbour: 'busy', max: 20_300, late: 0 },
    { ...waits, mode: 'virtualized', neighbour: 'busy', max: 300_000, late: 3 },
  ],
  boots: [],
  footprint: [
    { component: 'nanokernel', image: 'nanokernel', text: 10_002, data: 53_452, sourceLines: 997, reachable: 2690 },
  ],
  published: [{ row: 'theirs', published: '12', ours: '11', verdict: 'not reproduced', cause: 'because' }],
};

describe('the report on cost', () => {
  const shown = costReport(PLAIN, document).join('\n');

  it('is of a document that the schema takes', () => {
    expect(costSchema.parse(document)).toEqual(document);
  });

  it.each([
    ['each workload against native', /crc +\| +\+0\.0 % \| +\+50 % \| +1\.500/],
    ['where the cycles went', /crc +\| native \| +1,234 \| +1,000 \| +200 \| +30 \| +4 \| +6 /],
    ['what a layer does', /world switch \| +- \| 762 in 1,562 \| 762 in 1,562/],
    ['and why it is entered, alike modes together', /world switch: colocated, virtualized by 1\.0 illegal instruction/],
    ['a parameter beside what was chosen', /as chosen +\| +1\.50 \|\n.*MMIO x2 +\| +1\.75/],
    ['the same against colocated', /MMIO x2 +\| +2\.25/],
    [
      'what the search found',
      /H5, "it is cheap": 1 counter-examples in 2 tries\n {3}\+75 % crc \(computing\), MMIO x2/,
    ],
    ['response times and how many are late', /in us: median, 99 %, greatest; later than 200: 3 of 128/],
    ['by mode', /busy +\| +- \| 19\.50 20\.00 20\.30 \| 19\.50 20\.00 300\.00/],
    ['how large the layers are', /nanokernel +\| 10,002 \| 53,452 \| +997 \| +2,690/],
    ['the figures of others', /not reproduced: theirs\n +published 12; ours 11; because/],
  ])('says %s', (_, pattern) => {
    expect(shown).toMatch(pattern);
  });

  it('says how many harts there were where guests have their own', () => {
    const own = costReport(PLAIN, { ...document, cpus: 'dedicated' }).join('\n');
    expect(own).toMatch(/workloads run alone\s+on one hart/);
    expect(shown).not.toMatch(/hart/);
  });

  it('leaves out what was not measured', () => {
    const short = costReport(PLAIN, { ...document, sensitivity: [], search: [], latency: [], published: [] }).join(
      '\n',
    );
    expect(short).not.toMatch(/SENSITIVITY|counter-examples|LATENCY|PUBLISHED/);
  });
});
