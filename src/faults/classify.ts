// The one pure function from what was seen to what it means.

import type { LedgerEntry } from '../machine/index.ts';
import type { Golden as WholeGolden, GuestObservation, Observation } from './observation.ts';
import { entryKey, guestOf } from './observation.ts';
import type { BystanderOutcome, Crash, Endpoints, Failure, FaultyOutcome, LayerOutcome, Outcome } from './outcome.ts';

/** The golden run's end is all that verdicts look at. */
type Golden = Pick<WholeGolden, 'observation'>;

/** What verdicts need to know of a guest. */
export interface Judged {
  readonly name: string;
  readonly index: number;
  /** K: the output words that count. */
  readonly work: number;
  /** Declared bound of its response time, ticks of mtime. */
  readonly boundTicks: number;
  /** Words that no other guest can know. */
  readonly canary: readonly bigint[];
}

export interface Case {
  readonly guests: readonly Judged[];
  /** Index of the guest that was hit. */
  readonly faulty: number;
  /** Registers that act and keep nothing, such as the reset device's: a store there changes no byte. */
  readonly stateless: readonly number[];
  readonly injected: boolean;
  readonly activated: boolean;
  /** Instructions each guest had retired at the injection, by its index. */
  readonly instretAtInjection: ReadonlyMap<number, number>;
}

/** Foreign effects of one guest, by itself or through the layer on its behalf, that the fault-free run does not show. */
export function foreignEffects(observation: Observation, golden: Golden, faulty: number): readonly LedgerEntry[] {
  const healthy = new Set(golden.observation.ledger.map(entryKey));
  return observation.ledger.filter(
    (entry) =>
      (entry.from === faulty || (entry.from === 'layer' && entry.onBehalf === faulty)) &&
      entry.owner !== 'free' &&
      !healthy.has(entryKey(entry)),
  );
}

const WRITES = new Set<LedgerEntry['kind']>(['write', 'walk', 'mmio-write', 'dma']);

function isCorruption(about: Case, entry: LedgerEntry): boolean {
  return entry.changed && WRITES.has(entry.kind) && !about.stateless.includes(entry.address);
}

/** Layer and firmware serve every guest, so an effect on them reaches each bystander. */
function isShared(entry: LedgerEntry): boolean {
  return entry.owner === 'layer' || entry.owner === 'firmware';
}

/** A crash explains missing words, and missing words explain a different digest: the first cause counts. */
export function failureOf(seen: GuestObservation, golden: GuestObservation, work: number): Failure {
  if (seen.crash !== undefined) return 'crashed';
  if (seen.words < work) return 'words missing';
  return seen.digest === golden.digest ? 'none' : 'wrong words';
}

function faultyOutcome(about: Case, seen: Observation, golden: Golden): FaultyOutcome {
  const judged = about.guests.find((guest) => guest.index === about.faulty);
  if (judged === undefined) throw new RangeError(`no guest ${about.faulty}`);
  if (!about.injected) return 'not reached';
  const own = guestOf(seen, about.faulty);
  const reference = guestOf(golden.observation, about.faulty);
  const failure = failureOf(own, reference, judged.work);
  if (failure === 'crashed') return 'crashed';
  if (failure === 'words missing') return 'hung';
  if (failure === 'wrong words') return 'wrong words';
  if (own.responseMax > judged.boundTicks) return 'late';
  if (!about.activated) return 'not activated';
  return seen.stateHash === golden.observation.stateHash ? 'masked' : 'latent';
}

function layerOutcome(about: Case, seen: Observation, effects: readonly LedgerEntry[]): LayerOutcome {
  if (seen.machineStopped) return 'stopped';
  return effects.some((entry) => isShared(entry) && isCorruption(about, entry)) ? 'corrupted' : 'ok';
}

export function crashesOf(guests: readonly Pick<Judged, 'name' | 'index'>[], seen: Observation): Crash[] {
  return guests.flatMap(({ name, index }) => {
    const { crash, backtrace } = guestOf(seen, index);
    return crash === undefined ? [] : [{ guest: name, backtrace }];
  });
}

export function classify(about: Case, seen: Observation, golden: Golden): Outcome {
  const effects = foreignEffects(seen, golden, about.faulty);
  const faulty = guestOf(seen, about.faulty);
  const told = new Set([...faulty.outputs, ...faulty.reports]);
  const bystanders: BystanderOutcome[] = [];
  let harnessError = '';
  for (const judged of about.guests) {
    if (judged.index === about.faulty) continue;
    const own = guestOf(seen, judged.index);
    const reference = guestOf(golden.observation, judged.index);
    const failure = failureOf(own, reference, judged.work);
    const suffered = effects.filter((entry) => isShared(entry) || entry.owner === judged.index);
    const endpoints: Endpoints = {
      reached: suffered.length > 0,
      corrupted: suffered.some((entry) => isCorruption(about, entry)),
      failed: failure !== 'none',
      late: failure === 'none' && own.responseMax > judged.boundTicks,
      leaked: judged.canary.some((word) => told.has(word)),
    };
    // Starvation loses words and leaves no entry; content that differs without one has no cause in this machine.
    const contentDiffers = failure === 'wrong words' || failure === 'crashed' || own.constants !== reference.constants;
    if (contentDiffers && effects.length === 0) {
      harnessError = `${judged.name} differs from the golden run and the ledger shows no foreign effect`;
    }
    bystanders.push({
      guest: judged.name,
      endpoints,
      failure,
      words: Math.min(own.words, judged.work),
      work: judged.work,
      instretAfter: own.instret - (about.instretAtInjection.get(judged.index) ?? 0),
    });
  }
  return {
    faulty: faultyOutcome(about, seen, golden),
    bystanders,
    crashes: crashesOf(about.guests, seen),
    layer: layerOutcome(about, seen, effects),
    harnessError,
  };
}
