// Every published schema, by file name. JSON with sorted, stable text, so that it can be compared byte for byte.
import { resourcesJsonSchema } from '../../src/scenario/resources.ts';
import { scenarioJsonSchema } from '../../src/scenario/schema.ts';

const text = (schema: unknown): string => `${JSON.stringify(schema, null, 2)}\n`;

export function publishedSchemas(): Map<string, string> {
  return new Map([
    ['scenario.schema.json', text(scenarioJsonSchema())],
    ['resources.schema.json', text(resourcesJsonSchema())],
  ]);
}
