// A campaign of experiments that are nothing but arithmetic: real processes and real files, and thousands of units in the
// time that one emulated experiment takes.

import { createHash } from 'node:crypto';
import type { Header } from '../../src/campaign/header.ts';
import type { Unit } from '../../src/campaign/campaign.ts';

export interface FakeTask {
  readonly n: number;
}

export interface FakeRow {
  readonly n: number;
  readonly digest: string;
  /** Of different lengths, so that writes end anywhere in a page. */
  readonly text: string;
}

/** What the coordinator says when it is through. */
export interface Verdict {
  readonly hash: string;
  readonly size: number;
  readonly duplicates: number;
  readonly lost: number;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const header: Header = {
  schema: 'taco.shard/1',
  record: 0,
  stamp: 'chaos',
  scenario: 'chaos',
  seed: 1,
  timing: 'none',
  translation: 'none',
};

const ROUNDS = 500;
const LONGEST = 700;

export function fakeRow({ n }: FakeTask): FakeRow {
  let digest = String(n);
  for (let round = 0; round < ROUNDS; round++) digest = sha256(digest);
  return { n, digest, text: 'x'.repeat((n * 7919) % LONGEST) };
}

export function fakeUnits(count: number): Unit<FakeTask>[] {
  return Array.from({ length: count }, (_, n) => ({ key: `chaos.${n}`, task: { n } }));
}
