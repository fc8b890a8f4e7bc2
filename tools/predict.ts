// Writes scenarios/predictions.yaml from scenarios/resources.yaml, in predictions-iommu.yaml what an IOMMU makes of it, and
// in predictions-linux.yaml what is said of Debian's kernel, where that is there. Run before the first run of a fault class,
// never after.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placesOf } from '../src/faults/places.ts';
import { furtherPredictions, predict, predictionsText } from '../src/faults/predict.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { loadResources } from '../src/scenario/resources.ts';
import { readImage } from '../test/scenario-images.ts';

const folder = join(import.meta.dirname, '..', 'scenarios');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

const resources = loadResources('scenarios/resources.yaml', read('resources.yaml'));

function predictionsOf(file: string) {
  const loaded = loadScenario(`scenarios/${file}`, read(file));
  return predict(resources, loaded.scenario, placesOf(loaded.scenario, openImages(loaded, readImage)));
}

const usual = predictionsOf('taco.yaml');
writeFileSync(join(folder, 'predictions.yaml'), predictionsText(usual));
const behind = furtherPredictions(predictionsOf('iommu.yaml'), usual);
writeFileSync(join(folder, 'predictions-iommu.yaml'), predictionsText(behind));
if (existsSync(join(folder, '..', 'guests', 'debian', 'vmlinux')))
  writeFileSync(join(folder, 'predictions-linux.yaml'), predictionsText(predictionsOf('linux-rtos.yaml')));
else console.error('predictions-linux.yaml stays as it is: `npm run guests:debian` fetches what it is about');
