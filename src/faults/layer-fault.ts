// Faults in the layer itself, while it runs: a bit of a register or of its memory flips. Where is drawn uniformly over its
// bits, when over the cycles that it has the hart once guests run. Unpaired by nature: layers are different programs.

import { type Elf, type PartyName, RAM_BASE } from '../machine/index.ts';
import type { SymbolTable } from '../scenario/symbol-table.ts';
import { inject } from './acts.ts';
import { describeAct } from './describe.ts';
import type { Act } from './fault.ts';
import { bitsOf, drawBit, drawWeighted, type Region, type RegionName, regionsOf } from './fault-space.ts';
import { fatesOf, type GuestFate, type LayerVerdict, verdictOf } from './layer-outcome.ts';
import type { Golden, Observation } from './observation.ts';
import { Random } from './random.ts';
import { type ExperimentId, formatId } from './replay-id.ts';
import { instretOf, type Rig, restore } from './rig.ts';
import { runToEnd } from './run-to-end.ts';
import { watchErrors } from './sbi-errors.ts';

/** The memory of a layer, region by region. */
const LAYER_MEMORY: Readonly<Record<string, RegionName>> = {
  'HWF-4-text': 'text',
  'HWF-4-data': 'data',
  'HWF-4-stack': 'stack',
  'HWF-4-tables': 'page tables',
};

/** HWF-4: of all its memory. */
const ALL_CLASSES = ['HWF-1', 'HWF-3', 'HWF-4', 'HWF-4-text', 'HWF-4-data', 'HWF-4-stack', 'HWF-4-tables'] as const;
export type LayerClass = (typeof ALL_CLASSES)[number];

/** Those of every report. */
export const LAYER_CLASSES: readonly LayerClass[] = ['HWF-1', 'HWF-4'];

/** What decides how a layer runs on and what it sees of its guests, in M-mode and in HS-mode. */
const MACHINE_CSRS = ['mstatus', 'mie', 'mtvec', 'mscratch', 'mepc', 'mcause', 'mtval', 'medeleg', 'mideleg'];
const HYPERVISOR_CSRS = ['sstatus', 'sie', 'stvec', 'sscratch', 'sepc', 'scause', 'stval', 'satp'].concat([
  'hstatus',
  'hedeleg',
  'hideleg',
  'hvip',
  'hgatp',
  'hcounteren',
  'henvcfg',
  'vsstatus',
  'vstvec',
  'vsepc',
  'vsatp',
]);

export interface LayerId {
  readonly class: LayerClass;
  readonly mode: string;
  /** Name of an image of that mode. */
  readonly component: string;
  readonly seed: number;
  readonly n: number;
}

export interface LayerRecord extends LayerId {
  /** Replay id. */
  readonly id: string;
  readonly what: string;
  /** Another party had the hart by the time that the drawn cycle was reached: nothing was done. */
  readonly injected: boolean;
  /** A guest was harmed or refused, or of a register the run ended in another state: a flipped bit of memory is one by
   * itself. At least. */
  readonly activated: boolean;
  readonly verdict: LayerVerdict;
  /** In the order of the scenario. */
  readonly fates: readonly GuestFate[];
  /** Bits that could be hit, cycles of the component, and of the whole run. */
  readonly bits: number;
  readonly residence: number;
  readonly cycles: number;
  readonly stateHash: string;
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

/** Of a component in the fault-free run: the same for each fault of one component and seed. */
export interface LayerProfile {
  /** When it executed instructions. */
  readonly residence: readonly Interval[];
  /** Cycles at which calls of guests came back with an error. */
  readonly errors: readonly number[];
}

/** The prefix of their classes in replay ids: a guest may have the name of a component. */
const PREFIX = 'layer-';
const REGISTERS = 31;
const BITS = 64;
/** The call that a layer is serving when it is hit began at most so many cycles before. */
const CALL_CYCLES = 1_000_000;

export function experimentIdOf({ class: fault, component, ...rest }: LayerId): ExperimentId {
  return { class: PREFIX + fault, from: component, ...rest };
}

/** Undefined for the id of a fault in a guest. */
export function layerIdOf({ class: name, from, changes, asm, ...rest }: ExperimentId): LayerId | undefined {
  const fault = ALL_CLASSES.find((known) => name === PREFIX + known);
  return fault === undefined || changes !== undefined || asm !== undefined
    ? undefined
    : { class: fault, component: from, ...rest };
}

/** From the first instruction of any guest on; to wait in wfi is to execute none. Firmware that nobody calls any more by
 * then is hit while it boots; where guests had booted before experiments begin, it is not hit at all. */
export function profileOf(rig: Rig, golden: Golden, inputSeed: number, party: PartyName): LayerProfile {
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
  const calls = watchErrors(rig);
  // Of who runs at the reset vector nothing is told.
  runs = rig.machine.ports[0]?.party === party;
  rig.machine.run(golden.endCycle);
  for (const stop of stops) stop();
  calls.stop();
  const found = later.length > 0 ? later : boot;
  return { residence: found.length > 0 ? found : [{ from: rig.start, length: 1 }], errors: calls.errors };
}

/** What flips, and when. */
export interface LayerFault {
  readonly act: Act;
  readonly cycle: number;
  readonly inputSeed: number;
}

/** What is entered at the reset vector stays in M-mode. */
const csrsOf = ({ elf }: Component): readonly string[] => (elf.entry === RAM_BASE ? MACHINE_CSRS : HYPERVISOR_CSRS);

function memoryOf({ elf, symbols }: Component, fault: LayerClass): Region[] {
  const only = LAYER_MEMORY[fault];
  return regionsOf(elf, symbols, 0).filter(({ name }) => only === undefined || name === only);
}

/** Has the component any of what that class flips? */
export function hasBits(component: Component, fault: LayerClass): boolean {
  return !fault.startsWith('HWF-4') || memoryOf(component, fault).length > 0;
}

function drawAct(id: LayerId, component: Component, random: Random): { readonly act: Act; readonly bits: number } {
  if (id.class === 'HWF-1') {
    const act: Act = { kind: 'flip', register: 1 + random.below(REGISTERS), bit: random.below(BITS) };
    return { act, bits: REGISTERS * BITS };
  }
  if (id.class === 'HWF-3') {
    const names = csrsOf(component);
    const csr = drawWeighted(names, () => 1, random);
    return { act: { kind: 'flip-csr', csr, bit: random.below(BITS) }, bits: names.length * BITS };
  }
  const regions = memoryOf(component, id.class);
  const region = drawWeighted(regions, bitsOf, random);
  const bits = regions.reduce((sum, own) => sum + bitsOf(own), 0);
  return { act: { kind: 'flip-memory', bits: [drawBit(region, random)] }, bits };
}

/** All that conducting needs to know of a fault in a layer; a lab makes it from the id. */
export interface LayerCase {
  readonly id: LayerId;
  readonly rig: Rig;
  readonly golden: Golden;
  readonly component: Component;
  readonly profile: LayerProfile;
  readonly inputSeed: number;
}

export function layerFaultOf({ id, component, profile, inputSeed }: LayerCase): LayerFault & { readonly bits: number } {
  const random = Random.seeded(id.seed).split(`layer ${id.class} ${id.mode} ${id.component} ${id.n}`);
  const { act, bits } = drawAct(id, component, random);
  const interval = drawWeighted(profile.residence, ({ length }) => length, random);
  return { act, bits, cycle: interval.from + random.below(interval.length), inputSeed };
}

/** To where the fault happens; false where another party has the hart by then. */
export function approachLayer(rig: Rig, { cycle, inputSeed }: LayerFault, party: PartyName): boolean {
  restore(rig, inputSeed);
  rig.machine.run(cycle);
  return rig.machine.ports[0]?.party === party;
}

export function injectLayer(rig: Rig, { act, inputSeed }: LayerFault): void {
  const when = { unit: 0, privilege: 'S', pc: rig.machine.pc, count: 1, context: undefined } as const;
  inject(rig, { from: rig.guests[0]?.index ?? 0, when, what: act, inputSeed });
}

export interface LayerRun {
  readonly injected: boolean;
  /** Where the machine stood then. */
  readonly injection: { readonly cycle: number; readonly instret: number; readonly pc: bigint };
  /** Own instructions of each guest until then, in their order. */
  readonly instretBefore: readonly number[];
  readonly seen: Observation;
  readonly fates: readonly GuestFate[];
  readonly verdict: LayerVerdict;
}

export function runLayerFault({ rig, golden, component, profile }: LayerCase, fault: LayerFault): LayerRun {
  const watched = Math.max(0, fault.cycle - CALL_CYCLES);
  golden.marks.restoreLast(rig, (mark) => mark.cycle <= watched);
  rig.machine.run(watched);
  const calls = watchErrors(rig);
  rig.machine.run(fault.cycle);
  const { cycles: cycle, instret, pc } = rig.machine;
  const instretBefore = rig.guests.map(({ index }) => instretOf(rig, index));
  const injected = rig.machine.ports[0]?.party === component.party;
  if (injected) injectLayer(rig, fault);
  const seen = runToEnd(rig, golden);
  calls.stop();
  const usual = profile.errors.filter((cycle) => cycle >= watched).length;
  const fates = fatesOf(rig, seen, golden.observation);
  const verdict = verdictOf(fates, seen.machineStopped, calls.errors.length - usual);
  return { injected, injection: { cycle, instret, pc }, instretBefore, seen, fates, verdict };
}

export function layerRecordOf(of: LayerCase, stamp: string, run: LayerRun): LayerRecord {
  const { id, rig, golden, profile } = of;
  const { act, bits } = layerFaultOf(of);
  const differs = act.kind === 'flip' && run.seen.stateHash !== golden.observation.stateHash;
  return {
    ...id,
    id: formatId(stamp, experimentIdOf(id)),
    what: describeAct(rig, act),
    injected: run.injected,
    activated: run.injected && (run.verdict !== 'ok' || differs),
    verdict: run.verdict,
    fates: run.fates,
    bits,
    residence: profile.residence.reduce((sum, { length }) => sum + length, 0),
    cycles: golden.endCycle,
    stateHash: run.seen.stateHash,
  };
}

export function conductLayer(of: LayerCase, stamp: string): LayerRecord {
  return layerRecordOf(of, stamp, runLayerFault(of, layerFaultOf(of)));
}
