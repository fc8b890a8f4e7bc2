// Single experiments as documents: one that is repeated, and one that is made smaller.

import { z } from 'zod';
import type { BystanderOutcome, Crash, Outcome } from '../faults/outcome.ts';
import type { EffectRecord } from '../faults/records.ts';
import { count, endpoints, replayId } from './schema-parts.ts';

const effect = z.strictObject({
  kind: z.string(),
  from: z.string(),
  onBehalf: z.string(),
  owner: z.string(),
  address: z.string(),
  symbol: z.string(),
  pc: z.string(),
  pcSymbol: z.string(),
  cycle: count,
  instret: count,
  changed: z.boolean(),
  count,
  tainted: z.boolean(),
}) satisfies z.ZodType<EffectRecord>;

const faultyOutcome = z.enum([
  'not reached',
  'not activated',
  'masked',
  'latent',
  'crashed',
  'hung',
  'late',
  'wrong words',
  'not hit',
]) satisfies z.ZodType<Outcome['faulty']>;

const layerOutcome = z.enum([
  'ok',
  'corrupted',
  'stopped',
  'error returned',
  'one guest parked',
  'one guest lost',
  'machine lost',
]) satisfies z.ZodType<Outcome['layer']>;

const bystander = z.strictObject({
  guest: z.string(),
  endpoints,
  failure: z.enum(['none', 'crashed', 'wrong words', 'words missing']),
  words: count,
  work: count,
  instretAfter: count,
}) satisfies z.ZodType<BystanderOutcome>;

const crash = z.strictObject({
  guest: z.string(),
  backtrace: z.array(z.string()),
}) satisfies z.ZodType<Crash>;

/** Enough to compare two runs of one experiment: outcome, first ledger entries, hash of the final state. */
export const replaySchema = z
  .strictObject({
    schema: z.literal('taco.replay/1'),
    id: replayId,
    mode: z.string(),
    fault: z.strictObject({ class: z.string(), from: z.string(), when: z.string(), what: z.string() }),
    outcome: z.strictObject({
      faulty: faultyOutcome,
      bystanders: z.array(bystander),
      crashes: z.array(crash),
      layer: layerOutcome,
    }),
    ledger: z.array(effect),
    stateHash: z.string(),
  })
  .meta({ title: 'taco replay', description: 'One experiment, repeated from its id' });

const smaller = z.strictObject({ replay: replayId, when: z.string(), what: z.string() });

/** Each step ends like the fault that was drawn; the last one is the smallest that was found. */
export const shrinkSchema = z
  .strictObject({
    schema: z.literal('taco.shrink/1'),
    /** What came of it, in words: the same for every step. */
    endpoint: z.string(),
    drawn: smaller,
    /** `runs`: experiments made until it was found. */
    steps: z.array(smaller.extend({ runs: count })),
  })
  .meta({ title: 'taco shrink', description: 'A smaller fault with the same endpoint, step by step' });

export type ReplayDocument = z.output<typeof replaySchema>;
export type ShrinkDocument = z.output<typeof shrinkSchema>;
