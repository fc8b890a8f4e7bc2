// Boots guests of a test, assembled or built, in any mode, through the same plan that the shipped scenario takes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine, MachineOptions, Monitor, Stop } from '../../src/machine/index.ts';
import { board, createMachine, RAM_BASE } from '../../src/machine/index.ts';
import { assembleProgram } from '../../src/machine/isa/assemble.ts';
import type { BootPlan } from '../../src/scenario/boot.ts';
import { bootScenario, planBoots } from '../../src/scenario/boot.ts';
import type { ImageSet, LoadedImage } from '../../src/scenario/image-set.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { parseBudget, parseWindow } from '../../src/scenario/quantities.ts';
import type { Service } from '../../src/scenario/services.ts';
import type {
  Cpus,
  Guest,
  ResetPolicy,
  RestartPolicy,
  Scenario,
  Scheduling,
  Timing,
} from '../../src/scenario/scenario.ts';
import { readBuiltImage } from '../built-images.ts';

export const MODES = ['native', 'colocated', 'partitioned', 'open', 'virtualized'] as const;
/** Those in which several guests share the hart. */
export const SHARED_MODES = ['colocated', 'partitioned', 'open', 'virtualized'] as const;
/** Those in which no guest reaches memory that is not its own. */
export const ISOLATING_MODES = ['partitioned', 'virtualized'] as const;
export type ModeName = (typeof MODES)[number];

const LAYER_SIZE = 0x40_0000;
export const SLOT_SIZE = 0x20_0000;
/** Of a slot, for what a program keeps: see `DATA` below. */
export const DATA_OFFSET = 0x10_0000;

/** A guest written in assembly; `guestSymbols` are defined in it. */
export interface AssembledGuest {
  readonly source: string;
  readonly priority?: number;
  /** As in a scenario: "2ms/10ms". */
  readonly budget?: string;
  /** As there: "2ms+3ms/10ms". */
  readonly window?: string;
  /** In ticks of 100 ns. */
  readonly watchdog?: number;
}

export interface BootOptions {
  readonly timing?: Timing;
  readonly scheduling?: Scheduling;
  readonly reset?: ResetPolicy;
  readonly restart?: RestartPolicy;
  readonly restarts?: number;
  readonly iommu?: true;
  readonly services?: readonly Service[];
  readonly cpus?: Cpus;
  /** How several harts take turns. */
  readonly schedule?: NonNullable<MachineOptions['schedule']>;
  /** Which guest `native` boots. */
  readonly alone?: number;
}

export interface Booted {
  readonly mode: ModeName;
  readonly machine: Machine;
  readonly plan: BootPlan;
  /** Monitor of a guest, by its number. */
  monitor(guest: number): Monitor;
  /** What a guest found out, word by word. */
  reports(guest: number): bigint[];
  /** A 64-bit variable of the nanokernel or the hypervisor; 0 in `native`, which has neither. */
  layerVariable(name: string): number;
}

export const slotOf = (index: number): number => RAM_BASE + LAYER_SIZE + SLOT_SIZE * index;

/** The last guest's slot ends where RAM ends. */
export const ramEnd = (guests: number): number => slotOf(guests);

const deviceOf = (kind: string, index: number) => board.find((row) => row.kind === kind && row.index === index);

/** The PLIC source of a guest's device. */
export const plicSource = (kind: 'uart' | 'dma', guest: number): number => deviceOf(kind, guest)?.irq ?? 0;

/** What assembled guests know of their place: addresses of their slot and devices. */
function guestSymbols(index: number, hart: number): string {
  const symbols = {
    GUEST: index,
    SLOT: slotOf(index),
    DATA: slotOf(index) + DATA_OFFSET,
    UART: deviceOf('uart', index)?.base,
    UART_IRQ: plicSource('uart', index),
    MONITOR: deviceOf('monitor', index)?.base,
    DMA: deviceOf('dma', index)?.base,
    DMA_IRQ: plicSource('dma', index),
    PLIC: deviceOf('plic', 0)?.base,
    PLIC_S_ENABLE: 0x2080 + 0x100 * hart,
    PLIC_S_CLAIM: 0x201004 + 0x2000 * hart,
    MONITOR_HEARTBEAT: 0x10,
    MONITOR_OUTPUT: 0x18,
    MONITOR_PHASE: 0x20,
    MONITOR_END: 0x60,
    MONITOR_REPORT: 0x68,
    MONITOR_ARG: 0x80,
  };
  return Object.entries(symbols)
    .map(([name, value]) => `.equ ${name}, ${value}`)
    .join('\n');
}

/** Reports a register; t6 is lost. */
export const report = (register: string): string => `li t6, MONITOR + MONITOR_REPORT\n sd ${register}, 0(t6)\n`;

/** Says that the guest has done its work, and idles for ever. */
export const END = `
  li t6, MONITOR + MONITOR_END
  sd t6, 0(t6)
  csrw sie, zero
99: wfi
  j 99b
`;

export function assembledImage(source: string, index: number, hart = 0): LoadedImage {
  const { bytes, symbols } = assembleProgram(
    `${guestSymbols(index, hart)}
${source}`,
    slotOf(index),
  );
  const segment = { virtualAddress: 0, physicalAddress: 0, readable: true, writable: true, executable: true };
  return {
    name: `assembled${index}`,
    sha256: '',
    elf: {
      entry: 0,
      segments: [{ ...segment, bytes, memorySize: bytes.length }],
      symbols: [...symbols].flatMap(([name, value]) => {
        const address = Number(value) - slotOf(index);
        const inside = address >= 0 && address < bytes.length;
        return inside ? [{ name, address, size: 0, type: 'none' as const, section: undefined }] : [];
      }),
      sections: [],
    },
  };
}

function scenarioOf(guests: readonly AssembledGuest[], options: BootOptions): Scenario {
  return {
    name: 'assembled',
    machine: {
      ramSize: ramEnd(guests.length) - RAM_BASE,
      timing: options.timing ?? 'inorder',
      ...(options.iommu && { iommu: true }),
    },
    factors: {
      scheduling: options.scheduling ?? 'budget',
      reset: options.reset ?? 'guest',
      restart: options.restart ?? 'on-reset',
      restarts: options.restarts ?? 3,
      cpus: options.cpus ?? 'shared',
      placement: 'identity',
    },
    guests: guests.map(
      ({ priority, budget, window, watchdog }, index): Guest => ({
        index,
        name: `guest${index}`,
        image: { kind: 'built', name: 'assembled' },
        memory: { base: slotOf(index), size: SLOT_SIZE },
        physicalBase: slotOf(index),
        hart: options.cpus === 'dedicated' ? index : 0,
        priority: priority ?? 1,
        budget: budget === undefined ? undefined : parseBudget(budget),
        window: window === undefined ? undefined : parseWindow(window),
        watchdogTicks: watchdog,
        work: 1,
        boundTicks: 1000,
        bootargs: '',
        dma: true,
      }),
    ),
    modes: [...MODES],
    ...(options.services && { services: options.services }),
  };
}

const SHIPPED = 'scenarios/taco.yaml';

/** The shipped scenario with its images, its text perhaps edited. */
export function openShipped(edit: (text: string) => string = (text) => text): { scenario: Scenario; images: ImageSet } {
  const text = readFileSync(join(import.meta.dirname, '..', '..', SHIPPED), 'utf8');
  const loaded = loadScenario(SHIPPED, edit(text));
  return { scenario: loaded.scenario, images: openImages(loaded, readBuiltImage) };
}

const DEDICATED = (text: string): string => text.replace('factors: {', 'factors: { cpus: dedicated,');
const layersOf = { shared: openShipped().images.layers, dedicated: openShipped(DEDICATED).images.layers };

export function bootPlan(mode: ModeName, plan: BootPlan): Booted {
  const machine = bootScenario(createMachine, plan);
  const monitor = (guest: number): Monitor => {
    const found = machine.monitors[guest];
    if (found === undefined) throw new RangeError(`there is no guest ${guest}`);
    return found;
  };
  return {
    mode,
    machine,
    plan,
    monitor,
    reports: (guest) => monitor(guest).reports.words(),
    layerVariable: (name) => {
      const table = plan.layers.get('nanokernel') ?? plan.layers.get('hypervisor');
      if (table === undefined) return 0;
      const bytes = machine.read(table.address(name), 8);
      return Number(new DataView(bytes.buffer).getBigUint64(0, true));
    },
  };
}

/** Guests written for a test, each in its slot, at the reset vector. */
export function bootAssembled(mode: ModeName, guests: readonly AssembledGuest[], options: BootOptions = {}): Booted {
  const layers = layersOf[options.cpus ?? 'shared'];
  const scenario = scenarioOf(guests, options);
  const own = guests.map(({ source }, index) => assembledImage(source, index, scenario.guests[index]?.hart ?? 0));
  const images: ImageSet = { layers, guests: own };
  const plans = planBoots(findMode(mode), scenario, images);
  const plan = plans[plans.length > 1 ? (options.alone ?? 0) : 0];
  if (plan === undefined) throw new RangeError(`${mode} boots nothing`);
  const { schedule } = options;
  return bootPlan(mode, schedule === undefined ? plan : { ...plan, machine: { ...plan.machine, schedule } });
}

const STEP_CYCLES = 100_000;

/** Runs in short steps until that is so; an error that says where things stand if it never is. */
export function runUntil(booted: Booted, what: string, done: () => boolean, cycles: number): Stop | undefined {
  const { machine } = booted;
  const end = machine.cycles + cycles;
  let stop: Stop | undefined;
  while (!done()) {
    if (machine.cycles >= end || stop?.kind === 'idle' || stop?.kind === 'finished') {
      const where = `${machine.privilege} pc 0x${machine.pc.toString(16)}, guest ${machine.world}, ${stop?.kind}`;
      const said = machine.layerConsole.text();
      throw new Error(`${booted.mode}: not ${what} within ${cycles} cycles: ${where} ${said}`);
    }
    stop = machine.run(machine.cycles + STEP_CYCLES);
  }
  return stop;
}

/** Runs until each guest that is there has done its work. */
export function runToEnd(booted: Booted, cycles: number): void {
  const guests = booted.plan.guests.map(({ index }) => index);
  runUntil(booted, 'ended', () => guests.every((guest) => booted.monitor(guest).ended), cycles);
}
