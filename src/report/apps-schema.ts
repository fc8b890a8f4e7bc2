// What `taco apps` prints, as a schema.

import { z } from 'zod';
import type { AppRow } from '../cost/apps/records.ts';
import { latency } from './cost-schema.ts';
import { count } from './schema-parts.ts';

const appRow = z.strictObject({
  mode: z.string(),
  guest: z.string(),
  app: z.string(),
  outcome: z.enum(['measured', 'absent', 'failed']),
  why: z.string(),
  cycles: count.nullable(),
  figures: z
    .array(
      z.strictObject({
        name: z.string(),
        unit: z.enum(['us', 'MB/s', 'bytes', 'times', 'packets']),
        value: z.number().min(0),
      }),
    )
    .readonly(),
  responses: z.array(latency).readonly(),
}) satisfies z.ZodType<AppRow>;

export const appsSchema = z
  .strictObject({
    schema: z.literal('taco.apps/1'),
    /** 8 hexadecimal digits of images and scenario. */
    stamp: z.string(),
    images: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
    modes: z.array(z.string()),
    apps: z.array(appRow),
  })
  .meta({
    title: 'taco apps',
    description: 'What programs inside a Linux guest measure, and how others fared meanwhile',
  });

export type AppsDocument = z.output<typeof appsSchema>;
