// Rows nobody measured, to flip each verdict with.

import type { Evidence } from '../../src/report/claims/claim.ts';

export const nothing: Evidence = {
  schema: 'taco.argue/1',
  seed: 1,
  version: '0.1.0',
  command: './taco argue',
  stamp: '00000000',
  doubts: [],
  classes: {},
  watched: [],
  images: {},
  modes: ['native', 'colocated', 'open', 'virtualized'],
  factors: {},
  machineValidated: false,
  translation: { isolation: 'adversarial.layer', cost: 'finite', capped: 0 },
  reach: [],
  capability: [],
  visibility: [],
  rates: [],
  caught: [],
  paired: [],
  delays: [],
  latent: [],
  layer: [],
  recovery: [],
  cost: [],
  effort: [],
  sensitivity: [],
  search: [],
  latency: [],
  boots: [],
  footprint: [],
  controls: [],
};

const none = { reached: false, corrupted: false, failed: false, late: false, leaked: false };

export type Row<K extends keyof Evidence> = Evidence[K] extends readonly (infer T)[] ? T : never;

export const reachRow = (change: Partial<Row<'reach'>>): Row<'reach'> => ({
  mode: 'colocated',
  from: 'rtos',
  resource: 'neighbour-ram',
  access: 'r',
  tried: 100,
  reached: 0,
  ...change,
});

export const actRow = (change: Partial<Row<'capability'>>): Row<'capability'> => ({
  fault: 'MEM-14',
  mode: 'colocated',
  from: 'rtos',
  to: 'unix',
  predicted: none,
  ...none,
  mechanism: '',
  replay: 't1.00000000.MEM-14.colocated.rtos.1-0',
  ...change,
});

export const rateRow = (change: Partial<Row<'rates'>>): Row<'rates'> => ({
  class: 'HWF-1',
  mode: 'colocated',
  faulty: 'rtos',
  bystander: 'unix',
  injected: 1000,
  activated: 400,
  reached: 0,
  failed: 0,
  late: 0,
  latent: 0,
  writablePages: null,
  foreignPages: null,
  refused: 0,
  lower95: 0,
  upper95: 0.003,
  activated95: { lower: 0, upper: 0.01 },
  trajectories: [],
  ...change,
});

export const costRow = (change: Partial<Row<'cost'>>): Row<'cost'> => ({
  workload: 'crc',
  class: 'computing',
  mode: 'virtualized',
  cycles: 1000,
  instret: 900,
  layerCycles: 0,
  ratio: 1,
  ratioToColocated: 1,
  ...change,
});

export const latencyRow = (change: Partial<Row<'latency'>>): Row<'latency'> => ({
  kind: 'response',
  guest: 'rtos',
  mode: 'colocated',
  neighbour: 'busy',
  n: 64,
  p50: 10,
  p95: 20,
  p99: 30,
  max: 40,
  bound: 200_000,
  late: 0,
  ...change,
});

export const visibilityRow = (change: Partial<Row<'visibility'>>): Row<'visibility'> => ({
  mode: 'virtualized',
  from: 'rtos',
  group: 'counters',
  resource: 'cycle',
  entry: 'counters',
  answer: 'value',
  perturbed: 'mcycle_delta of the host',
  seen: false,
  declared: false,
  ...change,
});

export const caughtRow = (mode: string, lower95: number, upper95: number): Row<'caught'> => ({
  mode,
  aimed: 20,
  refused: 10,
  lower95,
  upper95,
});

export const footprintRow = (component: string, text: number, sourceLines: number, reachable: number | null) => ({
  component,
  image: component,
  text,
  data: 0,
  sourceLines,
  reachable,
});

export const layerRow = (change: Partial<Row<'layer'>>): Row<'layer'> => ({
  class: 'HWF-1',
  mode: 'virtualized',
  component: 'hypervisor',
  injected: 400,
  activated: 300,
  errorReturned: 2,
  oneParked: 3,
  oneLost: 20,
  parkedAmongLost: 1,
  guestsLost: 40,
  lower95: 0.08,
  upper95: 0.15,
  faultSpace: 1e9,
  failuresPerGcycle: 12.5,
  ...change,
});
