// Replay ids: t1.<8 hex of images and scenario>.<class>.<mode>.<from>.<seed>-<n>, then the text of an act of one's own that no
// scenario holds, and for a shrunk fault its changes. Letters, digits, dots and hyphens only, and enough to rebuild the
// experiment.

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
  /** Of an act of one's own: the assembly. */
  readonly asm?: string | undefined;
  /** To what is drawn. */
  readonly changes?: Changes | undefined;
}

const VERSION = 't1';
const SHAPE =
  /^t1\.([0-9a-f]{8})\.([A-Za-z0-9-]+)\.([a-z0-9-]+)\.([a-z0-9-]+)\.(\d{1,15})-(\d{1,9})((?:\.[a-z0-9-]+)*)$/;

const ASM = /^\.asm-((?:[0-9a-f]{2}){1,4096})(?=\.|$)/;

const hexOf = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function textOf(hex: string): string | undefined {
  const bytes = (hex.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16));
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  return hexOf(text) === hex ? text : undefined;
}

/** `stamp`: 8 hexadecimal digits of images and scenario. */
export function formatId(stamp: string, id: ExperimentId): string {
  const asm = id.asm === undefined ? '' : `.asm-${hexOf(id.asm)}`;
  return `${VERSION}.${stamp}.${id.class}.${id.mode}.${id.from}.${id.seed}-${id.n}${asm}${formatChanges(id.changes)}`;
}

export function parseId(text: string): { readonly stamp: string; readonly id: ExperimentId } | undefined {
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  const [, stamp = '', fault = '', mode = '', from = '', seed = '', n = '', rest = ''] = match;
  const drawn = { class: fault, mode, from, seed: Number(seed), n: Number(n) };
  const [given = '', hex] = ASM.exec(rest) ?? [];
  const asm = hex === undefined ? undefined : textOf(hex);
  if (hex !== undefined && asm === undefined) return undefined;
  const id = asm === undefined ? drawn : { ...drawn, asm };
  if (rest === given) return { stamp, id };
  const changes = parseChanges(rest.slice(given.length));
  return changes === undefined ? undefined : { stamp, id: { ...id, changes } };
}
