// A fault in the layer with all that is needed to tell what it did to the guests: the same account as of a fault in a guest.

import { crashesOf } from './classify.ts';
import { NO_DELAYS } from './delays.ts';
import { describeAct } from './describe.ts';
import { effectRecord } from './effects.ts';
import {
  experimentIdOf,
  type LayerCase,
  type LayerRun,
  layerFaultOf,
  layerRecordOf,
  runLayerFault,
} from './layer-fault.ts';
import type { GuestFate } from './layer-outcome.ts';
import { entryKey, guestOf, type Observation } from './observation.ts';
import { type BystanderOutcome, type Failure, NO_ENDPOINT, type Outcome } from './outcome.ts';
import { EFFECTS_KEPT, type ExperimentRecord, RECORD_VERSION } from './records.ts';
import type { Rig } from './rig.ts';
import { runGolden } from './run-to-end.ts';
import { endOf, guestTraces, listening, type Trace } from './trace.ts';

function failureOf(fate: GuestFate, crashed: boolean): Failure {
  if (fate === 'unharmed') return 'none';
  if (fate === 'parked') return crashed ? 'crashed' : 'words missing';
  return fate;
}

/** Every guest is one. REACHED and CORRUPTED are not asked: what a layer touches of its guests is its own affair. */
function bystandersOf(rig: Rig, { seen, fates, instretBefore }: LayerRun): BystanderOutcome[] {
  return rig.guests.map(({ name, index, work, boundTicks }, position) => {
    const own = guestOf(seen, index);
    const fate = fates[position] ?? 'unharmed';
    const failed = fate !== 'unharmed';
    return {
      guest: name,
      endpoints: { ...NO_ENDPOINT, failed, late: !failed && own.responseMax > boundTicks },
      failure: failureOf(fate, own.crash !== undefined),
      words: Math.min(own.words, work),
      work,
      instretAfter: own.instret - (instretBefore[position] ?? 0),
    };
  });
}

function placeOf(rig: Rig, { injected, injection }: LayerRun): string {
  if (!injected) return `to cycle ${injection.cycle}: another party has the hart by then`;
  const pc = `0x${injection.pc.toString(16)}`;
  const symbol = rig.symbolAtPc('layer', injection.pc);
  return `before ${symbol === '' ? pc : `${symbol} (${pc})`} in cycle ${injection.cycle}`;
}

function effectsOf(rig: Rig, seen: Observation, golden: Observation): ExperimentRecord['effects'] {
  const healthy = new Set(golden.ledger.map(entryKey));
  const fresh = seen.ledger.filter((entry) => entry.owner !== 'free' && !healthy.has(entryKey(entry)));
  return fresh.slice(0, EFFECTS_KEPT).map((entry) => effectRecord(rig, entry));
}

export function conductLayerTraced(given: LayerCase, stamp: string): Trace {
  const { id, rig, inputSeed } = given;
  const healthy = listening(rig, () => runGolden(rig, inputSeed));
  const golden = healthy.result.observation;
  const of: LayerCase = { ...given, golden: healthy.result };
  const fault = layerFaultOf(of);
  const { result: run, lines } = listening(rig, () => runLayerFault(of, fault));
  const end = endOf(rig, 0);
  const { class: name, from } = experimentIdOf(id);
  const { id: replay, what, injected, activated, stateHash } = layerRecordOf(of, stamp, run);
  const outcome: Outcome = {
    faulty: 'not hit',
    bystanders: bystandersOf(rig, run),
    crashes: crashesOf(rig.guests, run.seen),
    layer: run.verdict,
    harnessError: '',
  };
  return {
    record: {
      version: RECORD_VERSION,
      id: replay,
      class: name,
      mode: id.mode,
      from,
      n: id.n,
      trajectory: 0,
      what,
      passesSelfTest: null,
      injected,
      context: '',
      exact: false,
      activated,
      delays: NO_DELAYS,
      outcome,
      mechanism: '',
      effects: effectsOf(rig, run.seen, golden),
      refusals: [],
      capped: run.seen.capped,
      stateHash,
    },
    when: placeOf(rig, run),
    what: describeAct(rig, fault.act),
    injection: injected ? run.injection : undefined,
    guests: guestTraces(rig, { observation: run.seen, lines }, { observation: golden, lines: healthy.lines }),
    end,
  };
}
