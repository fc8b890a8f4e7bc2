// What can be seen of a run from outside, as plain data: the input of every verdict.

import type { LedgerEntry } from '../machine/index.ts';
import type { Marks } from './marks.ts';
import type { Moments } from './moments.ts';

export interface GuestObservation {
  readonly index: number;
  readonly words: number;
  /** Digest of the output words that count. */
  readonly digest: string;
  readonly ended: boolean;
  /** Cause of its first panic, and the cycle at which it reported that. */
  readonly crash: bigint | undefined;
  readonly crashedCycle: number | undefined;
  /** Who called the panic, innermost first. */
  readonly backtrace: readonly string[];
  /** Longest response time it reported, ticks of mtime. */
  readonly responseMax: number;
  /** Its first output words, and words it reported to have found where it looked. */
  readonly outputs: readonly bigint[];
  readonly reports: readonly bigint[];
  readonly instret: number;
  /** Digest of text, rodata and canary. */
  readonly constants: string;
}

export interface Observation {
  readonly guests: readonly GuestObservation[];
  readonly ledger: readonly LedgerEntry[];
  /** The machine was stopped by software, or the layer stopped making progress. */
  readonly machineStopped: boolean;
  /** The translation caches were full: what was not seen might have been. */
  readonly capped: boolean;
  readonly cycles: number;
  readonly stateHash: string;
}

/** The fault-free run that an experiment is compared with: same mode, same inputs. */
export interface Golden {
  readonly observation: Observation;
  /** Cycles after which every guest had done its work, rounded up to a slice. */
  readonly endCycle: number;
  readonly marks: Marks;
  readonly moments: Moments;
}

/** Identity of a ledger entry across runs: time and count differ, what was touched by whom does not. */
export function entryKey(entry: LedgerEntry): string {
  const { kind, from, onBehalf, owner, address, changed } = entry;
  return [kind, from, onBehalf ?? '', owner, address.toString(16), changed].join(' ');
}

export function guestOf(observation: Observation, index: number): GuestObservation {
  const guest = observation.guests.find((candidate) => candidate.index === index);
  if (guest === undefined) throw new RangeError(`no guest ${index} was observed`);
  return guest;
}
