// A document nobody measured, with every list filled and hostile words wherever a guest or a scenario may put some.

import type { ArgueDocument } from '../../src/report/documents.ts';

/** Ends a script element, opens one, breaks out of an attribute, of a cell of CSV and of a row of Markdown. */
export const HOSTILE = `</script><script>globalThis.hit=1</script><img src=x onerror=globalThis.hit=1>"'|\`<!--,=1+1\n`;

const MODES = ['native', 'colocated', 'partitioned', 'open', 'virtualized'];
const SHARED = MODES.slice(1);
const NONE = { reached: false, corrupted: false, failed: false, late: false, leaked: false };
const ALL = { ...NONE, reached: true, corrupted: true, failed: true };
const isOpen = (mode: string) => mode === 'colocated' || mode === 'open';

export const replayOf = (fault: string, mode: string, from = 'rtos') => `t1.00000000.${fault}.${mode}.${from}.1-0`;

const reach: ArgueDocument['reach'] = SHARED.flatMap((mode) =>
  (['r', 'w', 'x'] as const).map((access) => ({
    mode,
    from: 'rtos',
    resource: 'neighbour-ram',
    access,
    tried: 16_384,
    reached: isOpen(mode) ? 16_384 : 0,
  })),
);

const capability: ArgueDocument['capability'] = ['MEM-1', 'MEM-14'].flatMap((fault) =>
  SHARED.map((mode) => ({
    fault,
    mode,
    from: 'rtos',
    to: 'unix',
    predicted: isOpen(mode) ? ALL : NONE,
    ...(isOpen(mode) && fault === 'MEM-14' ? ALL : NONE),
    mechanism: HOSTILE,
    replay: replayOf(fault, mode),
  })),
);

const rates: ArgueDocument['rates'] = [
  ['rtos', 'unix'],
  ['unix', 'rtos'],
].flatMap(([faulty = '', bystander = '']) =>
  MODES.map((mode) => {
    const failed = isOpen(mode) && faulty === 'rtos' ? 7 : 0;
    return {
      class: 'HWF-1',
      mode,
      faulty,
      bystander,
      injected: 400,
      activated: 171,
      reached: failed + 2,
      failed,
      late: 0,
      latent: 2,
      writablePages: mode === 'native' ? null : isOpen(mode) ? 17_408 : 0,
      foreignPages: mode === 'native' ? null : 17_408,
      refused: 0,
      lower95: failed === 0 ? 0 : 0.00706,
      upper95: failed === 0 ? 0.00746 : 0.03573,
      activated95: { lower: 0, upper: 0.02 },
      trajectories: [0, 0, 0, 0, failed].map((own) => ({ injected: 80, failed: own })),
    };
  }),
);

const layer: ArgueDocument['layer'] = SHARED.map((mode, index) => ({
  class: 'HWF-1',
  mode,
  component: index < 2 ? 'nanokernel' : 'hypervisor',
  injected: 400,
  activated: 300,
  errorReturned: 2,
  oneParked: 3,
  oneLost: 20,
  parkedAmongLost: 1,
  guestsLost: 40 + index,
  lower95: 0.08,
  upper95: 0.15,
  faultSpace: 4e9,
  failuresPerGcycle: 12.5 + index,
}));

const cost: ArgueDocument['cost'] = ['computing', 'timer ticks'].flatMap((name, kind) =>
  MODES.map((mode, index) => ({
    workload: name,
    class: name,
    mode,
    cycles: 1_000_000 + kind * index * 300_000,
    instret: 900_000,
    layerCycles: kind * index * 300_000,
    ratio: 1 + kind * index * 0.3,
    ratioToColocated: (1 + kind * index * 0.3) / (1 + kind * 0.3),
  })),
);

const watched: ArgueDocument['watched'] = SHARED.map((mode) => ({
  fault: 'MEM-14',
  name: "neighbour's trap handler overwritten",
  mode,
  from: 'rtos',
  replay: replayOf('MEM-14', mode),
  act: 4_000_000,
  end: 20_000_000,
  failed: isOpen(mode),
  guests: [
    { name: 'rtos', words: 64, work: 64, crash: '', lines: [{ cycle: 1_000_000, text: 'rtos: ready' }] },
    {
      name: 'unix',
      words: isOpen(mode) ? 12 : 64,
      work: 64,
      crash: '',
      lines: [{ cycle: 2_000_000, text: `unix: ${HOSTILE}` }],
    },
  ],
  steps: [
    { cycle: 4_000_000, who: 'rtos', text: 'stores 0x0 at unix:trap_entry' },
    { cycle: null, who: 'verdict', text: HOSTILE },
  ],
}));

export const madeUp: ArgueDocument = {
  schema: 'taco.argue/1',
  seed: 1,
  version: '0.1.0',
  command: `./taco argue ${HOSTILE} --effort quick --seed 1`,
  stamp: '00000000',
  images: { rtos: 'a'.repeat(64), unix: 'b'.repeat(64) },
  modes: MODES,
  factors: { scheduling: 'budget', panic: 'halt', [HOSTILE]: HOSTILE },
  machineValidated: false,
  doubts: ['src/machine changed since it was validated'],
  translation: { isolation: 'adversarial.layer', cost: 'finite', capped: 0 },
  classes: { 'MEM-1': 'wild write', 'MEM-14': HOSTILE },
  watched,
  reach,
  capability,
  visibility: SHARED.map((mode) => ({
    mode,
    from: 'rtos',
    group: 'counters',
    resource: HOSTILE,
    entry: 'counters',
    answer: 'value',
    perturbed: HOSTILE,
    seen: isOpen(mode),
    declared: mode === 'open',
  })),
  rates,
  delays: [
    {
      class: 'HWF-1',
      mode: 'colocated',
      faulty: 'rtos',
      to: 'use',
      unit: 'instructions',
      n: 171,
      least: 0,
      median: 7,
      p90: 411,
      most: 999,
    },
  ],
  caught: [{ mode: 'colocated', aimed: 14, refused: 5, lower95: 0.128, upper95: 0.649 }],
  paired: [
    {
      class: 'HWF-1',
      faulty: 'rtos',
      bystander: 'unix',
      a: 'colocated',
      b: 'virtualized',
      both: 0,
      onlyA: 7,
      onlyB: 0,
      neither: 393,
      exactShare: 0.98,
      difference: 0.0175,
      lower95: 0.0083,
      upper95: 0.0357,
      p: 0.015625,
      pHolm: 0.03125,
    },
  ],
  latent: [
    {
      id: replayOf('MEM-1', 'open'),
      class: 'MEM-1',
      mode: HOSTILE,
      from: 'rtos',
      cycles: 640_000_000,
      failed: [HOSTILE],
    },
  ],
  layer,
  recovery: ['on-reset', 'on-reset-or-crash', 'layer restart'].map((recovery, index) => ({
    from: 'nanokernel',
    inLayer: true,
    mode: HOSTILE,
    recovery,
    lost: 20,
    saved: 9 * index,
    lower95: index / 10,
    upper95: index / 3 + 0.1,
  })),
  cost,
  effort: SHARED.map((mode) => ({
    mode,
    event: 'timer tick',
    instructions: 505.25,
    cycles: 900,
    entries: 2,
    causes: [{ cause: 'timer', count: 1 }],
  })),
  sensitivity: [
    {
      parameter: 'TLB',
      setting: HOSTILE,
      workload: 'computing',
      class: 'computing',
      mode: 'virtualized',
      ratio: 1.5,
      ratioToColocated: 1.4,
    },
  ],
  search: [
    {
      claim: 'H5',
      hypothesis: 'at most 1 %',
      threshold: 1.01,
      tried: 80,
      found: 3,
      examples: [{ workload: 'crc', class: 'computing', setting: HOSTILE, value: 1.2 }],
    },
  ],
  latency: [
    {
      kind: 'response',
      guest: 'rtos',
      mode: 'virtualized',
      neighbour: HOSTILE,
      n: 64,
      p50: 1000,
      p95: 2000,
      p99: 3000,
      max: 4000,
      bound: null,
      late: 0,
    },
  ],
  boots: [
    {
      mode: 'virtualized',
      guest: HOSTILE,
      elapsed: 120,
      cycles: 100,
      instret: 80,
      layerCycles: 10,
      layerInstret: 8,
      entries: 3,
      causes: [{ cause: HOSTILE, count: 3 }],
      refills: 2,
      references: 30,
      walkCycles: 20,
      ratio: null,
    },
  ],
  footprint: [
    { component: 'hypervisor', image: 'mine.elf', text: 9000, data: 400, sourceLines: 1900, reachable: null },
  ],
  controls: [
    { name: 'no fault', n: 80, failed: 0, expected: 0 },
    { name: 'own fault noticed', n: 64, failed: 48, expected: null },
    { name: 'sham', n: 80, failed: 1, expected: 0 },
  ],
  claims: [
    { id: 'H1', quote: HOSTILE, source: 'blog', verdict: 'supported', for: ['every page'], against: [HOSTILE] },
    { id: 'H3', quote: 'not optional', source: 'blog', verdict: 'mixed', for: ['pages'], against: ['DMA'] },
    { id: 'S6', quote: 'unable', source: 'paper', verdict: 'untested', for: [], against: ['needs a microkernel'] },
  ],
};
