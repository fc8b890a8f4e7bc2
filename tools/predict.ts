// Writes scenarios/predictions.yaml from scenarios/resources.yaml. Run before the first run of a fault class, never after.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placesOf } from '../src/faults/places.ts';
import { predict, predictionsText } from '../src/faults/predict.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { loadResources } from '../src/scenario/resources.ts';
import { readBuiltImage } from '../test/built-images.ts';

const folder = join(import.meta.dirname, '..', 'scenarios');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

const resources = loadResources('scenarios/resources.yaml', read('resources.yaml'));
const loaded = loadScenario('scenarios/taco.yaml', read('taco.yaml'));
const { scenario } = loaded;
const images = openImages(loaded, readBuiltImage);
writeFileSync(
  join(folder, 'predictions.yaml'),
  predictionsText(predict(resources, scenario, placesOf(scenario, images))),
);
