// The documents that `--json` prints and that run folders keep, as schemas: shape, names and versions. Published under
// schemas/ by `npm run schemas`. Each row is checked by the compiler against the record type of whoever produces it.

import { z } from 'zod';
import type { LaterRecord } from '../faults/latent.ts';
import type {
  CapabilityRow,
  CaughtRow,
  ControlRow,
  DelayRow,
  LayerRow,
  PairedRow,
  PooledRow,
  PrunedRow,
  RateRow,
  ReachRow,
  RecoveryRow,
} from '../faults/records.ts';
import { appsSchema } from './apps-schema.ts';
import { boot, cost, costSchema, effort, footprint, latency, search, sensitivity } from './cost-schema.ts';
import { diffSchema } from './diff.ts';
import { replaySchema, shrinkSchema } from './replay-schema.ts';
import { count, endpoints, fiveEndpoints, replayId, share } from './schema-parts.ts';
import { validationSchema } from './validation.ts';
import { visibilityRow } from './visibility-schema.ts';
import { watchedRow } from './watched-schema.ts';

const difference = z.number().min(-1).max(1);

const reach = z.strictObject({
  mode: z.string(),
  from: z.string(),
  resource: z.string(),
  access: z.enum(['r', 'w', 'x']),
  tried: count,
  reached: count,
}) satisfies z.ZodType<ReachRow>;

const capability = z.strictObject({
  fault: z.string(),
  mode: z.string(),
  from: z.string(),
  to: z.string(),
  predicted: endpoints,
  ...fiveEndpoints,
  mechanism: z.string(),
  replay: replayId,
}) satisfies z.ZodType<CapabilityRow>;

const rate = z.strictObject({
  class: z.string(),
  mode: z.string(),
  faulty: z.string(),
  bystander: z.string(),
  injected: count,
  activated: count,
  reached: count,
  failed: count,
  late: count,
  latent: count,
  refused: count,
  /** Foreign pages that the faulty guest's active address space lets it write, of all; null on a machine of its own. */
  writablePages: count.nullable(),
  foreignPages: count.nullable(),
  lower95: share,
  upper95: share,
  activated95: z.strictObject({ lower: share, upper: share }),
  trajectories: z.array(z.strictObject({ injected: count, failed: count })).readonly(),
}) satisfies z.ZodType<RateRow>;

const paired = z.strictObject({
  class: z.string(),
  faulty: z.string(),
  bystander: z.string(),
  a: z.string(),
  b: z.string(),
  both: count,
  onlyA: count,
  onlyB: count,
  neither: count,
  exactShare: share,
  difference,
  lower95: difference,
  upper95: difference,
  /** Null for what is exploratory: outside the family declared beforehand nothing has a p. */
  p: share.nullable(),
  pHolm: share.nullable(),
}) satisfies z.ZodType<PairedRow>;

const pooled = z.strictObject({
  mode: z.string(),
  faulty: z.string(),
  bystander: z.string(),
  classes: z.array(z.string()).readonly(),
  bits: count,
  share,
  lower95: share,
  upper95: share,
}) satisfies z.ZodType<PooledRow>;

const caught = z.strictObject({
  mode: z.string(),
  aimed: count,
  refused: count,
  lower95: share,
  upper95: share,
}) satisfies z.ZodType<CaughtRow>;

const pruned = z.strictObject({
  class: z.string(),
  mode: z.string(),
  faulty: z.string(),
  bystander: z.string(),
  pilots: count,
  failed: count,
  live: z.number(),
  known: z.number(),
  share,
  lower95: share,
  upper95: share,
}) satisfies z.ZodType<PrunedRow>;

/** How long after the injection what was seen was seen; cycles for the report of a panic, else instructions. */
const delay = z.strictObject({
  class: z.string(),
  mode: z.string(),
  faulty: z.string(),
  to: z.enum(['use', 'effect', 'panic']),
  unit: z.enum(['instructions', 'cycles']),
  n: count,
  least: count,
  median: count,
  p90: count,
  most: count,
}) satisfies z.ZodType<DelayRow>;

/** What became of the sampled runs that reached somebody and failed nobody, ten times as long after. */
const latent = z.strictObject({
  id: replayId,
  class: z.string(),
  mode: z.string(),
  from: z.string(),
  cycles: count,
  failed: z.array(z.string()).readonly(),
}) satisfies z.ZodType<LaterRecord>;

const layer = z.strictObject({
  class: z.string(),
  mode: z.string(),
  component: z.string(),
  injected: count,
  activated: count,
  errorReturned: count,
  oneParked: count,
  oneLost: count,
  guestsLost: count,
  parkedAmongLost: count,
  lower95: share,
  upper95: share,
  faultSpace: z.number(),
  failuresPerGcycle: z.number(),
}) satisfies z.ZodType<LayerRow>;

const recovery = z.strictObject({
  from: z.string(),
  inLayer: z.boolean(),
  mode: z.string(),
  recovery: z.string(),
  lost: count,
  saved: count,
  lower95: share,
  upper95: share,
}) satisfies z.ZodType<RecoveryRow>;

const control = z.strictObject({
  name: z.string(),
  n: count,
  failed: count,
  expected: count.nullable(),
}) satisfies z.ZodType<ControlRow>;

export const VERDICTS = ['supported', 'contradicted', 'mixed', 'inconclusive', 'untested'] as const;
export type Verdict = (typeof VERDICTS)[number];

const claim = z.strictObject({
  id: z.string(),
  quote: z.string(),
  source: z.string(),
  verdict: z.enum(VERDICTS),
  for: z.array(z.string()),
  against: z.array(z.string()),
});

/** Parts that do not exist yet are empty lists, never invented rows. */
export const argueSchema = z
  .strictObject({
    schema: z.literal('taco.argue/1'),
    seed: count,
    version: z.string(),
    /** What to type to get this again. */
    command: z.string(),
    /** 8 hexadecimal digits of images and scenario. */
    stamp: z.string(),
    images: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
    modes: z.array(z.string()),
    factors: z.record(z.string(), z.string()),
    machineValidated: z.boolean(),
    /** Why it is not, in words. */
    doubts: z.array(z.string()),
    translation: z.strictObject({ isolation: z.string(), cost: z.string(), capped: count }),
    /** Id of each class of faults in it, and its name. */
    classes: z.record(z.string(), z.string()),
    watched: z.array(watchedRow),
    reach: z.array(reach),
    capability: z.array(capability),
    visibility: z.array(visibilityRow),
    rates: z.array(rate),
    caught: z.array(caught),
    paired: z.array(paired),
    delays: z.array(delay),
    latent: z.array(latent),
    layer: z.array(layer),
    recovery: z.array(recovery),
    cost: z.array(cost),
    effort: z.array(effort),
    sensitivity: z.array(sensitivity),
    search: z.array(search),
    latency: z.array(latency),
    boots: z.array(boot),
    footprint: z.array(footprint),
    controls: z.array(control),
    claims: z.array(claim),
  })
  .meta({ title: 'taco argue', description: 'The whole argument: what was measured, and what it says of each claim' });

/** `n`: faults asked for per cell. `resultHash`: of every record, whoever made it in whatever order. */
export const injectSchema = z
  .strictObject({
    schema: z.literal('taco.inject/1'),
    resultHash: z.string().regex(/^[0-9a-f]{64}$/),
    n: count,
    rates: z.array(rate),
    paired: z.array(paired),
    delays: z.array(delay),
    latent: z.array(latent),
    /** Of a campaign with pruning, in place of rates and pairs. */
    pruned: z.array(pruned),
    /** Over several regions, where they were asked for. */
    pooled: z.array(pooled),
    /** Of regions of layers. */
    layer: z.array(layer),
  })
  .meta({ title: 'taco inject', description: 'A campaign of random faults: rates per cell, and modes compared' });

export const faultListSchema = z
  .strictObject({
    schema: z.literal('taco.faults/1'),
    faults: z.array(
      z.strictObject({
        id: z.string(),
        group: z.string(),
        name: z.string(),
        word: z.string(),
        kind: z.enum(['directed', 'random', 'sweep']),
        expressible: z.boolean(),
        why: z.string(),
      }),
    ),
  })
  .meta({ title: 'taco list faults', description: 'The fault classes, and whether each can be run' });

export type ArgueDocument = z.output<typeof argueSchema>;
export type InjectDocument = z.output<typeof injectSchema>;
export type FaultListDocument = z.output<typeof faultListSchema>;
export type ClaimRow = ArgueDocument['claims'][number];

/** Name of each published schema to its schema. */
export const documentSchemas = {
  argue: argueSchema,
  cost: costSchema,
  apps: appsSchema,
  replay: replaySchema,
  shrink: shrinkSchema,
  inject: injectSchema,
  faults: faultListSchema,
  diff: diffSchema,
  validation: validationSchema,
} as const;

/** As published under schemas/. */
export function publishedSchema(name: keyof typeof documentSchemas): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(documentSchemas[name]);
}
