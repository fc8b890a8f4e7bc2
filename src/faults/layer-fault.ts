// Faults in the layer itself, while it runs: a bit of a register or of its memory flips. Where is drawn uniformly over its
// bits, when over the cycles that it has the hart once guests run. Unpaired by nature: layers are different programs.

import type { Elf, PartyName } from '../machine/index.ts';
import type { SymbolTable } from '../scenario/symbol-table.ts';
import type { Act, Fault } from './fault.ts';
import { inject } from './acts.ts';
import { describeAct } from './describe.ts';
import { bitsOf, drawBit, drawWeighted, regionsOf } from './fault-space.ts';
import { type Golden, guestOf } from './observation.ts';
import { Random } from './random.ts';
import { type Rig, restore } from './rig.ts';
import { runToEnd } from './run-to-end.ts';

export interface LayerId {
  readonly class: 'HWF-1' | 'HWF-4';
  readonly mode: string;
  /** Name of an image of that mode. */
  readonly component: string;
  readonly seed: number;
  readonly n: number;
}

/** Beside "ok": an error that was only returned shows as what the guest makes of it. */
export type LayerVerdict = 'ok' | 'one guest lost' | 'machine lost';

export interface LayerRecord extends LayerId {
  readonly what: string;
  /** Another party had the hart by the time that the drawn cycle was reached: nothing was done. */
  readonly injected: boolean;
  /** A guest was lost, or of a register the run ended in another state: a flipped bit of memory is one by itself. At least. */
  readonly activated: boolean;
  readonly verdict: LayerVerdict;
  /** Bits that could be hit, cycles of the component, and of the whole run. */
  readonly bits: number;
  readonly residence: number;
  readonly cycles: number;
}

export interface Component {
  readonly name: string;
  readonly party: PartyName;
  readonly elf: Elf;
  readonly symbols: SymbolTable;
}

interface Interval {
  readonly from: number;
  readonly length: number;
}

const REGISTERS = 31;
const BITS = 64;

/** When that party executed instructions, from the first one of any guest on; to wait in wfi is to execute none. Firmware
 * that nobody calls any more by then is hit while it boots. */
export function residenceOf(rig: Rig, golden: Golden, inputSeed: number, party: PartyName): Interval[] {
  const { probe } = rig.machine;
  const boot: Interval[] = [];
  const later: Interval[] = [];
  let began = false;
  let runs = false;
  let waits = false;
  let since = 0;
  const change = (cycle: number, update: () => void): void => {
    if (runs && !waits && cycle > since) (began ? later : boot).push({ from: since, length: cycle - since });
    since = cycle;
    update();
  };
  const stops = [
    probe.on('party', ({ party: now, cycle }) =>
      change(cycle, () => {
        runs = now === party;
        began ||= now === 'guest';
      }),
    ),
    probe.on('wait', ({ begins, cycle }) =>
      change(cycle, () => {
        waits = begins;
      }),
    ),
  ];
  restore(rig, inputSeed);
  // Of who runs at the reset vector nothing is told.
  runs = rig.machine.ports[0]?.party === party;
  rig.machine.run(golden.endCycle);
  for (const stop of stops) stop();
  return later.length > 0 ? later : boot;
}

function drawAct(id: LayerId, component: Component, random: Random): { readonly act: Act; readonly bits: number } {
  if (id.class === 'HWF-1') {
    const act: Act = { kind: 'flip', register: 1 + random.below(REGISTERS), bit: random.below(BITS) };
    return { act, bits: REGISTERS * BITS };
  }
  const regions = regionsOf(component.elf, component.symbols, 0);
  const region = drawWeighted(regions, bitsOf, random);
  const bits = regions.reduce((sum, own) => sum + bitsOf(own), 0);
  return { act: { kind: 'flip-memory', bits: [drawBit(region, random)] }, bits };
}

/** @param residence see `residenceOf`; the same for each fault of one component and seed */
export function conductLayer(
  rig: Rig,
  golden: Golden,
  inputSeed: number,
  id: LayerId,
  component: Component,
  residence: readonly Interval[],
): LayerRecord {
  const random = Random.seeded(id.seed).split(`layer ${id.class} ${id.mode} ${id.component} ${id.n}`);
  const { act, bits } = drawAct(id, component, random);
  const interval = drawWeighted(residence, ({ length }) => length, random);
  const cycle = interval.from + random.below(interval.length);
  restore(rig, inputSeed);
  rig.machine.run(cycle);
  const injected = rig.machine.ports[0]?.party === component.party;
  const fault: Fault = {
    from: rig.guests[0]?.index ?? 0,
    when: { unit: 0, privilege: 'S', pc: rig.machine.pc, count: 1, context: undefined },
    what: act,
    inputSeed,
  };
  if (injected) inject(rig, fault);
  const seen = runToEnd(rig, golden);
  const lost = rig.guests.filter(({ index, work }) => {
    const own = guestOf(seen, index);
    return own.crash !== undefined || own.words < work || own.digest !== guestOf(golden.observation, index).digest;
  }).length;
  const all = seen.machineStopped || lost === rig.guests.length;
  return {
    ...id,
    what: describeAct(rig, act),
    injected,
    activated: injected && (lost > 0 || (act.kind === 'flip' && seen.stateHash !== golden.observation.stateHash)),
    verdict: all ? 'machine lost' : lost > 0 ? 'one guest lost' : 'ok',
    bits,
    residence: residence.reduce((sum, { length }) => sum + length, 0),
    cycles: golden.endCycle,
  };
}
