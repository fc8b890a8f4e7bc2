// What each directed act will do, said before the first run: computed from scenarios/resources.yaml, from who maps what of
// its own accord and who has what a class strikes, and from nothing else. scenarios/predictions.yaml keeps the answer; it is
// never changed after the first run, and a miss is explained, not tuned away. Those committed: budgets on, panic = halt,
// reset = guest.

import type { CONDITIONS, Resource, Resources } from '../scenario/resources.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { directedClasses } from './catalogue.ts';
import { canStrike } from './experiments.ts';
import { EXPECTATIONS } from './expectations.ts';
import { type Endpoints, NO_ENDPOINT } from './outcome.ts';
import type { HasPlace } from './places.ts';

export interface Prediction extends Endpoints {
  readonly fault: string;
  readonly mode: string;
  readonly from: string;
  readonly to: string;
  readonly mechanism: string;
}

const SHARED_MODES = ['colocated', 'partitioned', 'open', 'virtualized'] as const;
type SharedMode = (typeof SHARED_MODES)[number];

interface GuestFacts {
  readonly name: string;
  readonly hart: number;
  readonly priority: number;
  /** Nothing but priority takes the hart from it. */
  readonly unlimited: boolean;
  /** A trap that it did not expect makes it ask for a reset. */
  readonly panicResets: boolean;
  /** Its page tables hold its own memory and devices only. */
  readonly mapsOwnOnly: boolean;
}

function resourceOf(resources: Resources, name: string): Resource {
  const resource = resources[name];
  if (resource === undefined) throw new RangeError(`scenarios/resources.yaml has no resource ${name}`);
  return resource;
}

/** Guests on different harts do not compete. */
const outranks = (one: GuestFacts, other: GuestFacts): boolean =>
  one.hart === other.hart && one.priority > other.priority;

/** The machine timer is the clock of the layer itself where there is no firmware below it; a guest that writes it there
 * takes the wake-up of a neighbour that should have pre-empted it. */
function delaysWakeUp(resources: Resources, mode: SharedMode, from: GuestFacts, to: GuestFacts): boolean {
  return resourceOf(resources, 'firmware-ram')[mode].access === 'absent' && outranks(to, from);
}

type Condition = (scenario: Scenario, from: GuestFacts, to: GuestFacts) => boolean;

const MEETS: Readonly<Record<(typeof CONDITIONS)[number], Condition>> = {
  'reset-machine': ({ factors }) => factors.reset === 'machine',
  'outranks-without-budget': (_, from, to) => from.unlimited && outranks(from, to),
};

function predictOne(
  resources: Resources,
  scenario: Scenario,
  fault: string,
  mode: SharedMode,
  from: GuestFacts,
  to: GuestFacts,
): Omit<Prediction, 'fault' | 'mode' | 'from' | 'to'> {
  const expectation = EXPECTATIONS[fault];
  if (expectation === undefined) throw new RangeError(`nothing is expected of ${fault}`);
  const { resource, translated, effect, orElse } = expectation;
  const named = resourceOf(resources, resource);
  const isElsewhere = named[mode].access === 'absent' && orElse !== undefined;
  const row = isElsewhere ? resourceOf(resources, orElse) : named;
  const struck = isElsewhere ? orElse : resource;
  const isExcepted = row.except !== undefined && MEETS[row.except.condition](scenario, from, to);
  const cell = (scenario.machine.iommu && row['behind-iommu']?.[mode]) || row[mode];
  const { access, reach } = { ...cell, ...(isExcepted && { reach: row.except?.reach }) };
  // A refused act is a trap in the guest, which panics; what the layer then does with its request decides.
  const refused = (mechanism: string) => {
    const resets = from.panicResets && scenario.factors.reset === 'machine';
    return resets
      ? { ...NO_ENDPOINT, failed: true, mechanism: `${mechanism}, and its panic resets the machine` }
      : { ...NO_ENDPOINT, mechanism };
  };
  if (translated && from.mapsOwnOnly) return refused(`${from.name} does not map it: page fault in its own tables`);
  if (access === 'trapped') return refused(`${struck} is ${access}`);
  if (reach !== 'all') return { ...NO_ENDPOINT, mechanism: `${struck} is ${access}` };
  const late = fault === 'TIM-8' && delaysWakeUp(resources, mode, from, to);
  return { ...effect, late: effect.late || late, mechanism: `${struck} is ${access}, all of it` };
}

/** For every shared mode, whichever of them the scenario lists. */
export function predict(resources: Resources, scenario: Scenario, hasPlace: HasPlace): Prediction[] {
  const guests: GuestFacts[] = scenario.guests.map(({ name, hart, priority, budget, window, bootargs }) => ({
    name,
    hart,
    priority,
    unlimited: scenario.factors.scheduling === 'priority' || (budget === undefined && window === undefined),
    panicResets: bootargs.split(' ').includes('panic=reset'),
    mapsOwnOnly: bootargs.split(' ').includes('map=own'),
  }));
  return directedClasses.flatMap(({ id }) =>
    SHARED_MODES.flatMap((mode) =>
      guests.flatMap((from) =>
        guests
          .filter((to) => to !== from && canStrike(hasPlace, id, to.name, from.name))
          .map((to) => ({
            fault: id,
            mode,
            from: from.name,
            to: to.name,
            ...predictOne(resources, scenario, id, mode, from, to),
          })),
      ),
    ),
  );
}

export function findPrediction(
  predictions: readonly Prediction[],
  fault: string,
  mode: string,
  from: string,
  to: string,
): Prediction | undefined {
  return predictions.find((row) => row.fault === fault && row.mode === mode && row.from === from && row.to === to);
}

const HEADER = `# Generated from resources.yaml by \`npm run predict\` before the first run of these faults; never changed after it.
# Budgets on, panic = halt, reset = guest. What comes out otherwise is a miss, to be explained in the report.
`;

/** Those that are not among `known`. */
export function furtherPredictions(predictions: readonly Prediction[], known: readonly Prediction[]): Prediction[] {
  const texts = new Set(known.map(predictionLine));
  return predictions.filter((prediction) => !texts.has(predictionLine(prediction)));
}

/** The text of scenarios/predictions.yaml, a row per line so that a change shows as one. */
export function predictionsText(predictions: readonly Prediction[]): string {
  return `${HEADER}predictions:\n${predictions.map(predictionLine).join('')}`;
}

function predictionLine({ fault, mode, from, to, mechanism, ...endpoints }: Prediction): string {
  const expected = Object.entries(endpoints).flatMap(([name, is]) => (is ? [name] : []));
  const pair = `fault: ${fault}, mode: ${mode}, from: ${from}, to: ${to}`;
  return `  - { ${pair}, expect: [${expected.join(', ')}], mechanism: "${mechanism}" }\n`;
}
