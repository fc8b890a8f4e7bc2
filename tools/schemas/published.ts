// Every published schema, by file name. JSON with sorted, stable text, so that it can be compared byte for byte.
import { documentSchemas, publishedSchema } from '../../src/report/documents.ts';
import { resourcesJsonSchema } from '../../src/scenario/resources.ts';
import { scenarioJsonSchema } from '../../src/scenario/schema.ts';
import { strangerJsonSchema } from '../../src/scenario/stranger.ts';

const text = (schema: unknown): string => `${JSON.stringify(schema, null, 2)}\n`;

export function publishedSchemas(): Map<string, string> {
  const documents = Object.keys(documentSchemas) as (keyof typeof documentSchemas)[];
  return new Map([
    ...documents.map((name): [string, string] => [`${name}.schema.json`, text(publishedSchema(name))]),
    ['scenario.schema.json', text(scenarioJsonSchema())],
    ['stranger.schema.json', text(strangerJsonSchema())],
    ['resources.schema.json', text(resourcesJsonSchema())],
  ]);
}
