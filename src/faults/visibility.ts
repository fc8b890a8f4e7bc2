// What a guest can tell of the host: the probe reads each resource twice from one snapshot, which differs in one host
// value alone. Where its answers differ, it has seen that value.

import { createMachine, type Machine, type Snapshot } from '../machine/index.ts';
import { bootScenario } from '../scenario/boot.ts';
import type { ImageSet } from '../scenario/image-set.ts';
import type { Mode } from '../scenario/mode.ts';
import type { Resources } from '../scenario/resources.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { planProbes } from './boot-rig.ts';
import { ADDRESS, assembleProbe, LOADS, STORES, VALUE } from './probe-program.ts';
import { forVerdict } from './translation.ts';
import { type Change, CSR_NAMES, type Reading, type Resource, resourcesOf } from './visibility-list.ts';

export interface VisibilityRow {
  readonly mode: string;
  readonly from: string;
  readonly group: string;
  readonly resource: string;
  /** Name in scenarios/resources.yaml. */
  readonly entry: string;
  /** Without any change: did an answer come, or an exception? */
  readonly answer: 'value' | 'refused';
  /** The host value that was changed, in words; empty where none can be. */
  readonly perturbed: string;
  readonly seen: boolean;
  /** Said beforehand to be the real thing in this mode. */
  readonly declared: boolean;
}

/** Accesses that resources.yaml calls the real thing. */
const REAL: ReadonlySet<string> = new Set(['open', 'passed-through']);
const READER = 0;
const NEIGHBOUR = 1;
/** t1 holds the answer of every act, s5 counts its exceptions; a0, a1 return from a call. */
const ANSWER = 6;
const TRAPS = 21;
const A6 = 16;
const A7 = 17;
const ONES = 0xffff_ffffn;
/** The neighbour's turn comes when the reader's budget ends. */
const PATIENCE = 100_000_000;

const PROGRAM = `${CSR_NAMES.map((name) => `csr_${name}:\n  csrr t1, ${name}\n  j done\n`).join('')}
call:
  ecall
  mv t1, a1
  j done
`;

interface Bench {
  readonly machine: Machine;
  readonly labels: readonly ReadonlyMap<string, bigint>[];
  readonly ready: Snapshot;
}

function pcOf(bench: Pick<Bench, 'labels'>, guest: number, label: string): bigint {
  const pc = bench.labels[guest]?.get(label);
  if (pc === undefined) throw new RangeError(`the probe has no label ${label}`);
  return pc;
}

/** Runs until that guest's probe is at the label. */
function runTo({ machine, labels }: Pick<Bench, 'machine' | 'labels'>, guest: number, label: string): void {
  machine.watch({ world: guest, privilege: 'S', pc: pcOf({ labels }, guest, label), count: 1 });
  const stop = machine.run(machine.cycles + PATIENCE);
  machine.watch(undefined);
  if (stop.kind !== 'watch') throw new Error(`the probe of guest ${guest} did not come to ${label}: ${stop.kind}`);
}

/** Both probes wait; the machine stands at the reader's. */
function boot(mode: Mode, scenario: Scenario, images: ImageSet) {
  const plan = planProbes(mode, scenario, images, [READER, NEIGHBOUR], PROGRAM);
  const machine = bootScenario(createMachine, forVerdict(plan));
  const labels = scenario.guests.map(({ memory }) => assembleProbe(memory.base, PROGRAM).symbols);
  runTo({ machine, labels }, NEIGHBOUR, 'ready');
  runTo({ machine, labels }, READER, 'ready');
  return { plan, bench: { machine, labels, ready: machine.snapshot() } };
}

/** The state from which the reader reads, with that store of the neighbour before it. */
function afterStore(bench: Bench, change: Extract<Change, { kind: 'neighbour' }>, value: bigint): Snapshot {
  const { machine } = bench;
  machine.restore(bench.ready);
  runTo(bench, NEIGHBOUR, 'ready');
  machine.pc = pcOf(bench, NEIGHBOUR, STORES[change.width]);
  machine.setX(ADDRESS, BigInt(change.address));
  machine.setX(VALUE, value);
  runTo(bench, NEIGHBOUR, 'done');
  runTo(bench, READER, 'ready');
  return machine.snapshot();
}

/** What the guest is told: "value 0x…", or "refused". */
function read(bench: Bench, reading: Reading): string {
  const { machine } = bench;
  machine.setX(ANSWER, 0n);
  machine.setX(TRAPS, 0n);
  switch (reading.kind) {
    case 'csr':
      machine.pc = pcOf(bench, READER, `csr_${reading.name}`);
      break;
    case 'load':
      machine.pc = pcOf(bench, READER, LOADS[reading.width]);
      machine.setX(ADDRESS, BigInt(reading.address));
      break;
    case 'call':
      machine.pc = pcOf(bench, READER, 'call');
      machine.setX(A7, BigInt(reading.extension));
      machine.setX(A6, BigInt(reading.call));
      break;
  }
  runTo(bench, READER, 'done');
  return machine.x(TRAPS) === 0n ? `value 0x${BigInt.asUintN(64, machine.x(ANSWER)).toString(16)}` : 'refused';
}

/** The answers without and with the change. */
function answers(bench: Bench, { reading, change }: Resource): readonly [string, string] {
  const { machine } = bench;
  if (change?.kind === 'neighbour') {
    return [0n, ONES].map((value) => {
      machine.restore(afterStore(bench, change, value));
      return read(bench, reading);
    }) as [string, string];
  }
  machine.restore(bench.ready);
  const before = read(bench, reading);
  machine.restore(bench.ready);
  change?.apply(machine);
  return [before, read(bench, reading)];
}

/** Every resource of the list, read by the first guest of the scenario with the second beside it. */
export function visibility(mode: Mode, scenario: Scenario, images: ImageSet, declared: Resources): VisibilityRow[] {
  const { plan, bench } = boot(mode, scenario, images);
  return resourcesOf(plan, READER, NEIGHBOUR).map((resource) => {
    const [before, after] = answers(bench, resource);
    const cells: Readonly<Record<string, unknown>> = declared[resource.entry] ?? {};
    const cell = cells[mode.name] as { readonly access: string } | undefined;
    return {
      mode: mode.name,
      from: scenario.guests[READER]?.name ?? '',
      group: resource.group,
      resource: resource.name,
      entry: resource.entry,
      answer: before === 'refused' ? ('refused' as const) : ('value' as const),
      perturbed: resource.change?.what ?? '',
      seen: before !== after,
      declared: cell !== undefined && REAL.has(cell.access),
    };
  });
}
