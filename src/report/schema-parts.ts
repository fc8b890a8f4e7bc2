// What schemas of several documents are made of.

import { z } from 'zod';
import type { Endpoints } from '../faults/outcome.ts';

export const count = z.int().min(0);
export const share = z.number().min(0).max(1);
export const replayId = z
  .string()
  .regex(/^t1\.[0-9a-f]{8}\.[A-Za-z0-9-]+\.[a-z0-9-]+\.[a-z0-9-]+\.\d+-\d+(\.[a-z0-9-]+)*$/);

export const fiveEndpoints = {
  reached: z.boolean(),
  corrupted: z.boolean(),
  failed: z.boolean(),
  late: z.boolean(),
  leaked: z.boolean(),
};

export const endpoints = z.strictObject(fiveEndpoints) satisfies z.ZodType<Endpoints>;
