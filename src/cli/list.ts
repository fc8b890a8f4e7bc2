// `taco list`: what there is to run.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Image, images } from '../../images/index.ts';
import { workloads } from '../cost/workloads.ts';
import { catalogue } from '../faults/catalogue.ts';
import type { FaultListDocument } from '../report/documents.ts';
import { drawTable } from '../report/table.ts';
import { modes } from '../scenario/modes.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';

export const TOPICS = ['modes', 'faults', 'guests', 'workloads', 'scenarios'] as const;
type Topic = (typeof TOPICS)[number];

export interface ListOptions {
  readonly topic: string;
  readonly json: boolean;
}

interface Listing {
  readonly document: object;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All classes of the design, runnable or not, with what each waits for. */
function faults(): Listing {
  const document: FaultListDocument = {
    schema: 'taco.faults/1',
    faults: catalogue.map(({ id, group, name, word, kind, expressible, why }) => ({
      id,
      group,
      name,
      word,
      kind,
      expressible,
      why,
    })),
  };
  const rows = document.faults.map((fault) => [
    fault.id,
    fault.name,
    fault.kind,
    fault.expressible ? 'can be run' : fault.why,
  ]);
  return { document, columns: ['id', 'fault', 'kind', ''], rows };
}

function guestImages(): Listing {
  const built: Readonly<Record<string, Image>> = images;
  const rows = Object.entries(built).flatMap(([name, image]) =>
    image.linkedAt === 'slot' ? [{ name, sha256: image.sha256 }] : [],
  );
  return {
    document: { schema: 'taco.guests/1', guests: rows },
    columns: ['guest', 'sha256'],
    rows: rows.map(({ name, sha256 }) => [name, sha256]),
  };
}

/** Files beside the scenarios that describe the modes are none themselves. */
function scenarios(root: string): Listing {
  const notScenarios = ['resources.yaml', 'predictions.yaml'];
  const files = readdirSync(join(root, 'scenarios'))
    .filter((file) => file.endsWith('.yaml') && !notScenarios.includes(file))
    .sort()
    .map((file) => `scenarios/${file}`);
  return {
    document: { schema: 'taco.scenarios/1', scenarios: files },
    columns: ['scenario'],
    rows: files.map((file) => [file]),
  };
}

const LISTINGS: Readonly<Record<Topic, (root: string) => Listing>> = {
  modes: () => ({
    document: { schema: 'taco.modes/1', modes: modes.map(({ name, title }) => ({ name, title })) },
    columns: ['mode', ''],
    rows: modes.map(({ name, title }) => [name, title]),
  }),
  faults,
  guests: guestImages,
  workloads: () => ({
    document: { schema: 'taco.workloads/1', workloads },
    columns: ['workload', 'class', ''],
    rows: workloads.map(({ name, class: kind, about }) => [name, kind, about]),
  }),
  scenarios,
};

const isTopic = (text: string): text is Topic => (TOPICS as readonly string[]).includes(text);

export function list(host: Host, { topic, json }: ListOptions): number {
  if (!isTopic(topic))
    throw new UsageError('taco list:', `there is no list of ${topic}`, `choose from ${TOPICS.join(', ')}`);
  const { document, columns, rows } = LISTINGS[topic](host.root);
  if (json) host.out(`${JSON.stringify(document, null, 2)}\n`);
  else {
    const titled = columns.map((title) => ({ title }));
    host.out(`${drawTable(host.paper, titled, rows, 0).join('\n')}\n`);
  }
  return EXIT.OK;
}
