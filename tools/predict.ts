// Writes scenarios/predictions.yaml from scenarios/resources.yaml, and in predictions-iommu.yaml what an IOMMU makes of it. Run before the first run of a fault class, never after.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placesOf } from '../src/faults/places.ts';
import { furtherPredictions, predict, predictionsText } from '../src/faults/predict.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { loadResources } from '../src/scenario/resources.ts';
import { readBuiltImage } from '../test/built-images.ts';

const folder = join(import.meta.dirname, '..', 'scenarios');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

const resources = loadResources('scenarios/resources.yaml', read('resources.yaml'));

function predictionsOf(file: string) {
  const loaded = loadScenario(`scenarios/${file}`, read(file));
  return predict(resources, loaded.scenario, placesOf(loaded.scenario, openImages(loaded, readBuiltImage)));
}

const usual = predictionsOf('taco.yaml');
writeFileSync(join(folder, 'predictions.yaml'), predictionsText(usual));
const behind = furtherPredictions(predictionsOf('iommu.yaml'), usual);
writeFileSync(join(folder, 'predictions-iommu.yaml'), predictionsText(behind));
