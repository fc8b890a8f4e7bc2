// Replay ids: t1.<8 hex of images and scenario>.<class>.<mode>.<from>.<seed>-<n>, and for a shrunk fault its changes. Letters,
// digits, dots and hyphens only, and enough to rebuild the experiment.

import { type Changes, formatChanges, parseChanges } from './changes.ts';

export interface ExperimentId {
  /** Fault class, or the name of a control. */
  readonly class: string;
  readonly mode: string;
  /** The guest that is hit. */
  readonly from: string;
  readonly seed: number;
  /** Which of its class: number of the draw, or for a directed act which bystander it is aimed at. */
  readonly n: number;
  /** To what is drawn. */
  readonly changes?: Changes | undefined;
}

const VERSION = 't1';
const SHAPE =
  /^t1\.([0-9a-f]{8})\.([A-Za-z0-9-]+)\.([a-z0-9-]+)\.([a-z0-9-]+)\.(\d{1,15})-(\d{1,9})((?:\.[a-z0-9-]+)*)$/;

/** `stamp`: 8 hexadecimal digits of images and scenario. */
export function formatId(stamp: string, id: ExperimentId): string {
  return `${VERSION}.${stamp}.${id.class}.${id.mode}.${id.from}.${id.seed}-${id.n}${formatChanges(id.changes)}`;
}

export function parseId(text: string): { readonly stamp: string; readonly id: ExperimentId } | undefined {
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  const [, stamp = '', fault = '', mode = '', from = '', seed = '', n = '', rest = ''] = match;
  const id = { class: fault, mode, from, seed: Number(seed), n: Number(n) };
  if (rest === '') return { stamp, id };
  const changes = parseChanges(rest);
  return changes === undefined ? undefined : { stamp, id: { ...id, changes } };
}
