// The parts of documents that say what an arrangement costs, as schemas; `taco cost` prints them alone.

import { z } from 'zod';
import type {
  AccountRow,
  BootRow,
  CostRow,
  FootprintRow,
  LatencyRow,
  LayerEffortRow,
  PublishedRow,
  SearchRow,
  SensitivityRow,
} from '../cost/records.ts';

const count = z.int().min(0);
const ratio = z.number().min(0);

export const cost = z.strictObject({
  workload: z.string(),
  class: z.string(),
  mode: z.string(),
  cycles: count,
  instret: count,
  layerCycles: count,
  ratio,
  ratioToColocated: ratio,
}) satisfies z.ZodType<CostRow>;

const account = z.strictObject({
  workload: z.string(),
  mode: z.string(),
  elapsed: count,
  guest: count,
  layer: count,
  other: count,
  idle: count,
  layerInstret: count,
  entries: count,
}) satisfies z.ZodType<AccountRow>;

export const effort = z.strictObject({
  mode: z.string(),
  event: z.string(),
  instructions: ratio,
  cycles: ratio,
  entries: ratio,
  causes: z.array(z.strictObject({ cause: z.string(), count: ratio })).readonly(),
}) satisfies z.ZodType<LayerEffortRow>;

export const sensitivity = z.strictObject({
  parameter: z.string(),
  setting: z.string(),
  workload: z.string(),
  class: z.string(),
  mode: z.string(),
  ratio,
  ratioToColocated: ratio,
}) satisfies z.ZodType<SensitivityRow>;

export const search = z.strictObject({
  claim: z.enum(['H5', 'H6']),
  hypothesis: z.string(),
  threshold: ratio,
  tried: count,
  found: count,
  examples: z
    .array(z.strictObject({ workload: z.string(), class: z.string(), setting: z.string(), value: ratio }))
    .readonly(),
}) satisfies z.ZodType<SearchRow>;

export const latency = z.strictObject({
  kind: z.enum(['response', 'timer interrupt', 'device interrupt']),
  guest: z.string(),
  mode: z.string(),
  neighbour: z.string(),
  n: count,
  p50: count,
  p95: count,
  p99: count,
  max: count,
  bound: count.nullable(),
  late: count,
}) satisfies z.ZodType<LatencyRow>;

export const boot = z.strictObject({
  mode: z.string(),
  guest: z.string(),
  elapsed: count,
  cycles: count,
  instret: count,
  layerCycles: count,
  layerInstret: count,
  entries: count,
  causes: z.array(z.strictObject({ cause: z.string(), count })).readonly(),
  refills: count,
  references: count,
  walkCycles: count,
  ratio: ratio.nullable(),
}) satisfies z.ZodType<BootRow>;

export const footprint = z.strictObject({
  component: z.string(),
  image: z.string(),
  text: count,
  data: count,
  sourceLines: count.nullable(),
  reachable: count.nullable(),
}) satisfies z.ZodType<FootprintRow>;

const published = z.strictObject({
  row: z.string(),
  published: z.string(),
  ours: z.string(),
  verdict: z.enum(['reproduced', 'not reproduced', 'not comparable']),
  cause: z.string(),
}) satisfies z.ZodType<PublishedRow>;

export const costSchema = z
  .strictObject({
    schema: z.literal('taco.cost/1'),
    modes: z.array(z.string()),
    /** Do guests share one hart, or has each its own? */
    cpus: z.enum(['shared', 'dedicated']),
    cost: z.array(cost),
    accounts: z.array(account),
    effort: z.array(effort),
    sensitivity: z.array(sensitivity),
    search: z.array(search),
    latency: z.array(latency),
    boots: z.array(boot),
    footprint: z.array(footprint),
    published: z.array(published),
  })
  .meta({ title: 'taco cost', description: 'What each mode costs, how sure that is, and what others have published' });

export type CostDocument = z.output<typeof costSchema>;
