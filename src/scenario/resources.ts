// What a guest meets at each resource, mode by mode: scenarios/resources.yaml, typed. Predictions are computed from it.
import { z } from 'zod';
import type { JsonSchema } from './document.ts';
import { SourceDocument } from './document.ts';

const cell = z
  .strictObject({
    access: z
      .enum(['open', 'passed-through', 'windowed', 'emulated', 'trapped', 'absent'])
      .meta({ description: 'what stands between the guest and the resource' }),
    reach: z.enum(['none', 'own', 'all']).meta({ description: 'whose part of it the guest can touch' }),
  })
  .refine((value) => (value.reach === 'none') === ['trapped', 'absent'].includes(value.access), {
    error: 'contradicts itself',
  })
  .meta({ description: 'access and reach', examples: ['{ access: trapped, reach: none }'] });

/** What in a scenario opens a resource that its cells show as closed; equally in all shared modes. */
export const CONDITIONS = ['reset-machine', 'outranks-without-budget'] as const;

const exception = z
  .strictObject({
    condition: z.enum(CONDITIONS).meta({ description: 'what the scenario or the pair of guests must be like' }),
    reach: z.enum(['own', 'all']).meta({ description: 'whose part of it the guest then touches' }),
  })
  .meta({ description: 'where the cells do not hold', examples: ['{ condition: reset-machine, reach: all }'] });

const resource = z
  .strictObject({
    title: z.string(),
    native: cell,
    colocated: cell,
    partitioned: cell,
    open: cell,
    virtualized: cell,
    except: exception.optional(),
    'behind-iommu': z
      .partialRecord(z.enum(['native', 'colocated', 'partitioned', 'open', 'virtualized']), cell)
      .optional()
      .meta({ description: 'cells that are others where the machine has an IOMMU' }),
    note: z.string().optional(),
  })
  .meta({ description: 'one resource in each mode' });

const resourcesSchema = z
  .strictObject({ resources: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), resource) })
  .meta({ title: 'taco resources', description: 'What a guest meets at each resource, mode by mode' });

export type ResourceCell = z.output<typeof cell>;
export type Resource = z.output<typeof resource>;
export type Resources = Readonly<Record<string, Resource>>;

export function resourcesJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(resourcesSchema, { io: 'input' });
}

export function loadResources(file: string, text: string): Resources {
  return new SourceDocument(file, text).parse(resourcesSchema, resourcesJsonSchema() as JsonSchema).resources;
}
