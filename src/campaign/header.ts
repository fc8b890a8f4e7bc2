// The first line of every shard: all that its rows depend on besides their own key. Rows of different headers never mix.

export const SHARD_SCHEMA = 'taco.shard/1';

export interface Header {
  readonly schema: typeof SHARD_SCHEMA;
  /** Version of the rows. */
  readonly record: number;
  /** Digits of images, device trees and scenario. */
  readonly stamp: string;
  readonly scenario: string;
  readonly seed: number;
  readonly timing: string;
  readonly translation: string;
}

const WORDS: Readonly<Record<keyof Header, string>> = {
  schema: 'shard format',
  record: 'record version',
  stamp: 'images and scenario',
  scenario: 'scenario',
  seed: 'seed',
  timing: 'timing',
  translation: 'translation',
};

/** In words, both values of each: "seed 1, not 2"; empty where they agree. `found` is untrusted. */
export function differences(found: Readonly<Record<string, unknown>>, wanted: Header): string {
  const names = Object.keys(WORDS) as (keyof Header)[];
  return names
    .filter((name) => found[name] !== wanted[name])
    .map((name) => `${WORDS[name]} ${String(found[name])}, not ${wanted[name]}`)
    .join('; ');
}
