// Writes scenarios/predictions.yaml from scenarios/resources.yaml. Run before the first run of a fault class, never after.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { predict, predictionsText } from '../src/faults/predict.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { loadResources } from '../src/scenario/resources.ts';

const folder = join(import.meta.dirname, '..', 'scenarios');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

const resources = loadResources('scenarios/resources.yaml', read('resources.yaml'));
const { scenario } = loadScenario('scenarios/taco.yaml', read('taco.yaml'));
writeFileSync(join(folder, 'predictions.yaml'), predictionsText(predict(resources, scenario)));
