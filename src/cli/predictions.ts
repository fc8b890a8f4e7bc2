// What is predicted of a scenario before its first run.

import { POSITIVE_CONTROL } from '../faults/controls.ts';
import type { HasPlace } from '../faults/places.ts';
import { type Prediction, predict } from '../faults/predict.ts';
import { loadResources, type Resources } from '../scenario/resources.ts';
import { UsageError } from './errors.ts';
import { readInput, type Workspace } from './workspace.ts';

const RESOURCES = 'scenarios/resources.yaml';

export function resourcesOf(root: string): Resources {
  return loadResources(RESOURCES, readInput(`${root}/${RESOURCES}`, RESOURCES, 'restore it'));
}

/** Refuses a scenario in which nothing must fail: a blind detector would pass there. */
export function predictionsFor(root: string, { file, scenario }: Workspace, hasPlace: HasPlace): Prediction[] {
  const predictions = predict(resourcesOf(root), scenario, hasPlace).filter(({ mode }) =>
    scenario.modes.includes(mode),
  );
  if (predictions.some(({ fault, failed }) => fault === POSITIVE_CONTROL && failed)) return predictions;
  throw new UsageError(
    file,
    `has no positive control: ${POSITIVE_CONTROL} need not fail anybody in it, so a blind detector would pass`,
    'add colocated or open to its modes, and a guest that maps more than its own memory',
  );
}
