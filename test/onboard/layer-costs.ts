// What the layers themselves take for the things they do, in instructions and cycles: counted by the machine's accounts,
// which know the party of every instruction, while a guest does one thing many times.
import type { Accounting } from '../../src/machine/index.ts';
import type { Booted, ModeName } from './boot-guests.ts';
import { bootAssembled, END, runUntil } from './boot-guests.ts';
import { transferOf } from './snippets.ts';

export interface LayerCost {
  readonly what: string;
  /** All code more privileged than the guests, on average for one. */
  readonly instructions: number;
  readonly cycles: number;
  /** Traps that left a guest. */
  readonly entries: number;
}

interface Act {
  readonly what: string;
  /** Done `TURNS` times. */
  readonly once: string;
  readonly before?: string;
}

const TURNS = 100;
/** Turns done in advance, so that no TLB is cold. */
const WARM_UP = 10;

const HANDLER = `
  la t0, handler
  csrw stvec, t0
  j over
  .align 2
handler:
  addi s6, s6, 1
  csrr t0, scause
  bltz t0, 1f
  csrr t0, sepc
  addi t0, t0, 4
  csrw sepc, t0
  sret
1:
  andi t0, t0, 15
  li t1, 5
  bne t0, t1, 2f
  li t1, -1
  csrw stimecmp, t1
  sret
2:
  lwu t1, 4(s3)
  li t2, 6
  sw t2, 28(s4)
  sw t1, 4(s3)
  sret
over:
  li s2, PLIC + 0x2080
  li s3, PLIC + 0x201000
  li s4, DMA
`;

const ACTS: readonly Act[] = [
  { what: 'SBI call', once: 'li a7, 0x10\n li a6, 0\n ecall' },
  { what: 'SBI set_timer', once: 'li a7, 0x54494d45\n li a6, 0\n li a0, -1\n ecall' },
  { what: 'WFI, an interrupt pending', before: 'csrwi sip, 2\n csrwi sie, 2', once: 'wfi' },
  { what: 'fault of the guest, for itself', before: HANDLER, once: 'ld t0, 0(zero)' },
  { what: 'PLIC register read', before: HANDLER, once: 'lwu t0, 0(s3)' },
  {
    what: 'timer interrupt of the guest',
    before: `${HANDLER} li t0, 0x20\n csrw sie, t0\n csrsi sstatus, 2`,
    once: 'csrwi stimecmp, 0\n nop',
  },
  {
    what: 'device interrupt of the guest',
    before: `${HANDLER}
  ${transferOf(8)}
  li t0, 1 << DMA_IRQ
  sw t0, 0(s2)
  li t0, 0x200
  csrw sie, t0
  csrsi sstatus, 2`,
    once: `li t0, 3
  mv s7, s6
  sw t0, 24(s4)
98:
  beq s6, s7, 98b`,
  },
];

/** Waits for the host's word twice: to warm up, and to do what is measured. */
const measured = ({ once, before = '' }: Act): string => `
  ${before}
  li s11, MONITOR
  li s9, 0
again:
  sd zero, MONITOR_HEARTBEAT(s11)
1:
  ld s10, MONITOR_ARG(s11)
  beq s10, s9, 1b
  mv s9, s10
2:
  ${once}
  addi s10, s10, -1
  bnez s10, 2b
  j again
`;

interface Total {
  readonly instructions: number;
  readonly cycles: number;
  readonly entries: number;
}

function layerTotal({ firmware, layer, guests }: Accounting): Total {
  const sum = (of: (guest: Accounting['guests'][number]) => number): number =>
    guests.reduce((total, guest) => total + of(guest), 0);
  return {
    instructions: firmware.instret + layer.instret + sum((guest) => guest.layerInstret),
    cycles: firmware.cycles + layer.cycles + sum((guest) => guest.layerCycles),
    entries: sum((guest) => guest.entries),
  };
}

function perOne(what: string, before: Total, after: Total, count: number): LayerCost {
  return {
    what,
    instructions: (after.instructions - before.instructions) / count,
    cycles: (after.cycles - before.cycles) / count,
    entries: (after.entries - before.entries) / count,
  };
}

function doTurns(booted: Booted, turns: number): void {
  const monitor = booted.monitor(0);
  const beats = monitor.heartbeats;
  monitor.setMailbox({ bug: 0n, target: 0n, value: 0n, work: 0n, args: [BigInt(turns)] });
  runUntil(booted, `done ${turns} times`, () => monitor.heartbeats > beats, 10_000_000);
}

function measureAct(mode: ModeName, act: Act): LayerCost {
  const booted = bootAssembled(mode, [{ source: measured(act) }, { source: END }]);
  runUntil(booted, 'ready', () => booted.monitor(0).heartbeats > 0, 10_000_000);
  runUntil(booted, 'alone', () => mode === 'native' || booted.monitor(1).ended, 50_000_000);
  doTurns(booted, WARM_UP);
  const before = layerTotal(booted.machine.accounting());
  doTurns(booted, TURNS);
  return perOne(act.what, before, layerTotal(booted.machine.accounting()), TURNS);
}

/** Sleeps; its timer takes the hart from the other, and its WFI gives it back. */
const SLEEPER = `
  li s0, MONITOR + MONITOR_HEARTBEAT
  li t0, 0x20
  csrw sie, t0
  csrr s1, time
1:
  addi s1, s1, 300
  csrw stimecmp, s1
2:
  wfi
  csrr t0, sip
  andi t0, t0, 0x20
  beqz t0, 2b
  sd zero, 0(s0)
  j 1b
`;
const SPIN = '1: j 1b';

function measureSwitches(mode: ModeName): LayerCost {
  const booted = bootAssembled(mode, [{ source: SPIN }, { source: SLEEPER, priority: 2 }]);
  const sleeper = booted.monitor(1);
  runUntil(booted, 'warm', () => sleeper.heartbeats > WARM_UP, 100_000_000);
  const before = layerTotal(booted.machine.accounting());
  const switches = booted.layerVariable('world_switches');
  runUntil(booted, 'done', () => sleeper.heartbeats > WARM_UP + TURNS, 100_000_000);
  const count = booted.layerVariable('world_switches') - switches;
  return perOne('world switch', before, layerTotal(booted.machine.accounting()), count);
}

/** One guest spends its budget, nobody else wants the hart: a tick of the layer's own timer, and the wait behind it. */
function measureTicks(mode: ModeName): LayerCost {
  const booted = bootAssembled(mode, [{ source: SPIN, budget: '90us/100us' }, { source: END }]);
  booted.machine.run(2_000_000);
  const before = layerTotal(booted.machine.accounting());
  const ticks = booted.layerVariable('timer_ticks');
  booted.machine.run(7_000_000);
  const count = booted.layerVariable('timer_ticks') - ticks;
  return perOne('timer tick of the layer', before, layerTotal(booted.machine.accounting()), count);
}

/** By what is done; a world switch and a tick of the layer exist only where a layer has several guests. */
export function measureLayerCosts(mode: ModeName): LayerCost[] {
  const acts = ACTS.map((act) => measureAct(mode, act));
  return mode === 'native' ? acts : [...acts, measureTicks(mode), measureSwitches(mode)];
}

/** Instructions of each mode side by side. */
export function costTable(costs: ReadonlyMap<string, readonly LayerCost[]>): string {
  const modes = [...costs.keys()];
  const rows = [...new Set([...costs.values()].flatMap((list) => list.map(({ what }) => what)))];
  const cell = (mode: string, what: string): string => {
    const cost = costs.get(mode)?.find((candidate) => candidate.what === what);
    return cost === undefined ? '-' : `${cost.instructions.toFixed(0)} / ${cost.cycles.toFixed(0)}`;
  };
  const line = (first: string, others: readonly string[]): string =>
    [first.padEnd(32), ...others.map((text) => text.padStart(14))].join('');
  return [
    line('layer instructions / cycles', modes),
    ...rows.map((what) =>
      line(
        what,
        modes.map((mode) => cell(mode, what)),
      ),
    ),
  ].join('\n');
}
