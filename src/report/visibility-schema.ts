// What a guest can read, and whether it can tell the host's value by it.

import { z } from 'zod';
import type { VisibilityRow } from '../faults/visibility.ts';

export const visibilityRow = z.strictObject({
  mode: z.string(),
  from: z.string(),
  group: z.string(),
  resource: z.string(),
  /** Name in scenarios/resources.yaml. */
  entry: z.string(),
  answer: z.enum(['value', 'refused']),
  perturbed: z.string(),
  seen: z.boolean(),
  declared: z.boolean(),
}) satisfies z.ZodType<VisibilityRow>;
