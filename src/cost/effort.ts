// What a layer does for one event, and why it was entered: a run that is watched trap by trap and switch by switch.

import { CSR_NAMES, type Machine } from '../machine/index.ts';
import { type CostBench, runWorkload, startWorkload } from './measure.ts';
import type { LayerEffortRow } from './records.ts';
import type { Workload } from './workloads.ts';

/** Causes of the privileged manual, as far as a layer meets them. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'instruction access fault',
  2: 'illegal instruction',
  5: 'load access fault',
  7: 'store access fault',
  9: 'call from S-mode',
  10: 'call from VS-mode',
  20: 'guest instruction page fault',
  21: 'guest load page fault',
  22: 'virtual instruction',
  23: 'guest store page fault',
};
const INTERRUPTS: Readonly<Record<number, string>> = {
  3: 'machine software interrupt',
  5: 'supervisor timer interrupt',
  6: 'VS timer interrupt',
  7: 'machine timer interrupt',
  9: 'supervisor external interrupt',
  11: 'machine external interrupt',
  12: 'supervisor guest external interrupt',
};

export function causeName(interrupt: boolean, cause: number): string {
  const names = interrupt ? INTERRUPTS : EXCEPTIONS;
  return names[cause] ?? `${interrupt ? 'interrupt' : 'exception'} ${cause}`;
}

/** Stays of a hart in the layer: from where a guest is left to where one goes on. */
interface Stays {
  count: number;
  cycles: number;
  instructions: number;
  readonly causes: Map<string, number>;
}

const noStays = (): Stays => ({ count: 0, cycles: 0, instructions: 0, causes: new Map() });

export interface Effort {
  /** All stays in the layer, and those of them that end in another guest than they began with. */
  readonly all: Stays;
  readonly switches: Stays;
}

function addStay(stays: Stays, cycles: number, instructions: number, cause: string): void {
  stays.count++;
  stays.cycles += cycles;
  stays.instructions += instructions;
  stays.causes.set(cause, (stays.causes.get(cause) ?? 0) + 1);
}

interface Departure {
  readonly world: number | undefined;
  readonly cycle: number;
  readonly instret: number;
  readonly idle: number;
  readonly cause: string;
}

/** What is known of one hart while it is followed. */
interface Followed {
  cause: string;
  running: number | undefined;
  left: Departure | undefined;
  waited: number;
  waiting: number | undefined;
}

const MINSTRET = CSR_NAMES.find(({ name }) => name === 'minstret');

/** Of that hart alone. */
function instretOf({ ports }: Machine, hart: number): number {
  const port = ports[hart];
  if (port === undefined || MINSTRET === undefined) throw new RangeError(`no instructions are counted on hart ${hart}`);
  return Number(port.csr(MINSTRET));
}

/** Follows each hart from guest to guest; waiting for an interrupt is no work of the layer. */
function follow(machine: Machine): { readonly effort: Effort; stop(): void } {
  const effort: Effort = { all: noStays(), switches: noStays() };
  const harts = machine.ports.map(
    (): Followed => ({ cause: 'none', running: undefined, left: undefined, waited: 0, waiting: undefined }),
  );
  const of = (hart: number): Followed => {
    const known = harts[hart];
    if (known === undefined) throw new RangeError(`the machine has no hart ${hart}`);
    return known;
  };
  const stops = [
    machine.probe.on('trap', ({ hart, to, interrupt, cause }) => {
      if (to !== 'VS') of(hart).cause = causeName(interrupt, cause);
    }),
    machine.probe.on('wait', ({ hart, begins, cycle }) => {
      const own = of(hart);
      if (begins) own.waiting = cycle;
      else if (own.waiting !== undefined) {
        own.waited += cycle - own.waiting;
        own.waiting = undefined;
      }
    }),
    machine.probe.on('party', ({ hart, party, world, cycle }) => {
      const own = of(hart);
      const { running, left, waited: idle, cause } = own;
      const instret = instretOf(machine, hart);
      if (party !== 'guest') {
        if (running !== undefined) own.left = { world: running, cycle, instret, idle, cause };
        own.running = undefined;
        return;
      }
      if (left !== undefined) {
        const cycles = cycle - left.cycle - (idle - left.idle);
        const instructions = instret - left.instret;
        addStay(effort.all, cycles, instructions, left.cause);
        if (world !== left.world) addStay(effort.switches, cycles, instructions, left.cause);
      }
      own.running = world;
      own.left = undefined;
    }),
  ];
  return {
    effort,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** What the layer did between the marks of the workload. */
export function observeEffort(bench: CostBench, workload: Workload): Effort {
  const { machine } = bench;
  const { begin, end } = runWorkload(bench, workload);
  startWorkload(bench, workload);
  machine.run(begin);
  const { effort, stop } = follow(machine);
  machine.run(end);
  stop();
  return effort;
}

/** `stays` spread over so many events. */
export function effortRow(mode: string, event: string, stays: Stays, events: number): LayerEffortRow {
  const each = (total: number): number => (events === 0 ? 0 : total / events);
  return {
    mode,
    event,
    instructions: each(stays.instructions),
    cycles: each(stays.cycles),
    entries: each(stays.count),
    causes: [...stays.causes]
      .map(([cause, count]) => ({ cause, count: each(count) }))
      .sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1)),
  };
}
