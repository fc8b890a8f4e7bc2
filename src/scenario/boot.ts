// From a scenario and a mode to a machine that is ready to run: what lies where, who owns it, where the hart starts.
import { constants } from '../../images/index.ts';
import { CYCLES_PER_TICK, guestDevices, RAM_BASE, serviceSource, uart, virtualSource } from '../machine/board.ts';
import { guestDeviceTree } from '../machine/device-tree.ts';
import type { VirtualKind } from '../machine/virtual-devices.ts';
import type { MachineOptions, Party, WorldsRule } from '../machine/index.ts';
import type { ConfigValues, GuestConfigValues, RegionConfigValues } from './config-block.ts';
import { encodeConfig } from './config-block.ts';
import { disksOf, withOwnDisk } from './disks.ts';
import type { ImageSet, LoadedImage } from './image-set.ts';
import { copiesPlace, DEVICE_TREE_ROOM, fileSystemOf, initrdOffset } from './image-set.ts';
import { SEED } from './linux-image.ts';
import type { Arrangement, Mode, Region } from './mode.ts';
import type { Guest, Scenario } from './scenario.ts';
import { unshifted } from './placement.ts';
import type { Pristine } from './pristine.ts';
import { flatImage, placeCopies } from './pristine.ts';
import type { Range } from './quantities.ts';
import { nameConfig, type Service, serviceConfig, virtualKinds } from './services.ts';
import { SymbolTable } from './symbol-table.ts';

export interface OwnedRange {
  readonly base: number;
  readonly size: number;
  readonly owner: Party;
}

export interface Load {
  readonly name: string;
  readonly base: number;
  readonly bytes: Uint8Array;
}

export interface PlannedGuest extends Guest {
  /** What the layer has for it. */
  readonly virtual: readonly VirtualKind[];
  readonly loadedImage: LoadedImage;
  readonly entry: number;
  /** Where it lies in RAM. */
  readonly deviceTree: { readonly base: number; readonly bytes: Uint8Array };
  readonly symbols: SymbolTable;
}

export interface BootPlan {
  readonly mode: string;
  readonly machine: MachineOptions;
  readonly guests: readonly PlannedGuest[];
  readonly loads: readonly Load[];
  readonly entry: number;
  readonly configAddress: number;
  readonly ownership: readonly OwnedRange[];
  readonly worlds: WorldsRule;
  /** Cycles from the reset to where experiments begin. */
  readonly warmup: number;
  /** By name of the layer's image. */
  readonly layers: ReadonlyMap<string, SymbolTable>;
}

/** Sv39x4: a root table is four pages. */
const GSTAGE_ROOT_SIZE = 0x4000;
const PERMISSIONS = {
  rw: constants.REGION_R | constants.REGION_W,
  rwx: constants.REGION_R | constants.REGION_W | constants.REGION_X,
} as const;
const SCHEDULING = { priority: constants.SCHEDULE_PRIORITY, budget: constants.SCHEDULE_BUDGET } as const;
const RESET = { guest: constants.RESET_GUEST, machine: constants.RESET_MACHINE } as const;
const RESTART = {
  never: constants.RESTART_NEVER,
  'on-reset': constants.RESTART_ON_RESET,
  'on-reset-or-crash': constants.RESTART_ON_CRASH,
} as const;

/** PLIC sources of a guest's own devices and of its services, one bit each. */
function ownSources(guest: Guest, virtual: readonly VirtualKind[]): bigint {
  const layers = [serviceSource(guest.index), ...(virtual.length > 0 ? [virtualSource(guest.index)] : [])];
  return [...guestDevices(guest.index, guest).map(({ irq }) => irq), ...layers]
    .filter((irq) => irq > 0)
    .reduce((bits, irq) => bits | (1n << BigInt(irq)), 0n);
}

/** As the guest sees it. */
function deviceTreeBase(guest: Guest): number {
  return guest.memory.base + guest.memory.size - DEVICE_TREE_ROOM;
}

function guestConfig(guest: PlannedGuest, copy: Pristine | undefined): GuestConfigValues {
  return {
    ram_base: guest.memory.base,
    ram_size: guest.memory.size,
    entry: guest.memory.base,
    dtb: deviceTreeBase(guest),
    ...(copy && {
      image_copy: copy.image.base,
      image_size: copy.image.bytes.length,
      tail: tailBase(guest),
      tail_copy: copy.tail.base,
      tail_size: copy.tail.bytes.length,
    }),
    sources: ownSources(guest, guest.virtual),
    budget: guest.budget?.budgetTicks ?? 0,
    period: guest.budget?.periodTicks ?? 0,
    window_start: guest.window?.startTicks ?? 0,
    window_length: guest.window?.lengthTicks ?? 0,
    window_period: guest.window?.periodTicks ?? 0,
    watchdog: guest.watchdogTicks ?? 0,
    priority: guest.priority,
    uart: guest.index,
    monitor: guest.index,
    dma: guest.index,
  };
}

function regionConfig(region: Region): RegionConfigValues {
  return {
    guest: region.guest,
    perms: PERMISSIONS[region.permissions],
    gpa: region.base,
    spa: region.target ?? region.base,
    size: region.size,
    leaf: region.leaf,
  };
}

/** Of the machine, which is the same in every mode. */
const hartsOf = ({ guests }: Scenario): number => Math.max(...guests.map(({ hart }) => hart)) + 1;

function configValues(
  scenario: Scenario,
  guests: readonly PlannedGuest[],
  copies: readonly Pristine[],
  area: Range | undefined,
  arrangement: Arrangement,
): ConfigValues {
  const [first] = guests;
  const next = arrangement.nextStage;
  const services = servicesOf(scenario, arrangement);
  const alone = next === undefined && arrangement.worlds.machineMode === 'firmware';
  return {
    magic: constants.CONFIG_MAGIC,
    next_entry: next?.entry ?? first?.memory.base ?? 0,
    next_arg: next ? constants.CONFIG_BASE : first ? deviceTreeBase(first) : 0,
    keep_h: next ? 1 : 0,
    hart_count: alone ? 1 : hartsOf(scenario),
    first_hart: alone ? (first?.hart ?? 0) : 0,
    guest_count: guests.length,
    scheduling: SCHEDULING[scenario.factors.scheduling],
    reset_policy: RESET[scenario.factors.reset],
    restart_policy: RESTART[scenario.factors.restart],
    restart_limit: scenario.factors.restarts,
    pristine_base: area?.base ?? 0,
    pristine_size: area?.size ?? 0,
    vplic_sources: arrangement.openSources,
    region_count: arrangement.regions.length,
    pmp_module: arrangement.pmpModule ? 1 : 0,
    iommu: scenario.machine.iommu ? 1 : 0,
    guests: guests.map((guest, index) => guestConfig(guest, copies[index])),
    regions: arrangement.regions.map(regionConfig),
    ...(services.length > 0 && {
      service_count: services.length,
      services: services.map(serviceConfig),
      names: guests.map(({ name }) => nameConfig(name)),
    }),
  };
}

const servicesOf = (scenario: Scenario, arrangement: Arrangement): readonly Service[] =>
  (arrangement.services && scenario.services) ?? [];

/** Linux's driver of the PLIC stores to every source up to the last that it is told of: the value that it has, and what of
 * its devices has a driver is the console. Where one of these sources is a neighbour's, it is told of none, or, if it has
 * virtual devices, which cannot do without, of the PLIC that their layer has for it. */
function linuxInterrupts(
  guest: Guest,
  guests: readonly Guest[],
  services: readonly Service[],
): 'console' | 'virtual' | 'apart' | 'none' {
  const isVirtual = virtualKinds(services, guest.index).length > 0;
  const last = Math.max(uart(guest.index).irq, isVirtual ? virtualSource(guest.index) : 0);
  const upToLast = (2n << BigInt(last)) - 1n;
  const neighbours = guests.filter(({ index }) => index !== guest.index);
  const isAlone = neighbours.every(
    (neighbour) => (ownSources(neighbour, virtualKinds(services, neighbour.index)) & upToLast) === 0n,
  );
  if (isVirtual) return isAlone ? 'virtual' : 'apart';
  return isAlone ? 'console' : 'none';
}

function planGuest(
  guest: Guest,
  guests: readonly Guest[],
  images: ImageSet,
  services: readonly Service[],
): PlannedGuest {
  const image = images.guests[guest.index];
  if (image === undefined) throw new RangeError(`guest ${guest.name} has no image`);
  const start = guest.memory.base + initrdOffset(guest, image);
  const { length } = fileSystemOf(image);
  const virtual = virtualKinds(services, guest.index);
  const bytes = guestDeviceTree({
    guest: guest.index,
    ram: guest.memory,
    bootargs: guest.bootargs,
    hart: guest.hart,
    dma: guest.dma,
    disk: guest.disk !== undefined,
    virtual,
    ...(length > 0 && { initrd: { start, end: start + length } }),
    ...(image.linux && { rngSeed: SEED, interrupts: linuxInterrupts(guest, guests, services) }),
  });
  return {
    ...guest,
    virtual,
    loadedImage: image,
    entry: guest.memory.base,
    deviceTree: { base: deviceTreeBase(guest) - guest.memory.base + guest.physicalBase, bytes },
    symbols: new SymbolTable(guest.name, image.elf, guest.memory.base),
  };
}

function loadsOf(name: string, image: LoadedImage, bias: number): Load[] {
  return image.elf.segments
    .filter((segment) => segment.bytes.length > 0)
    .map((segment) => ({ name, base: segment.virtualAddress + bias, bytes: segment.bytes }));
}

function initrdOf(guest: PlannedGuest): Load[] {
  const { name, physicalBase, loadedImage } = guest;
  const bytes = fileSystemOf(loadedImage);
  const base = physicalBase + initrdOffset(guest, loadedImage);
  return bytes.length > 0 ? [{ name: `${name}.initrd`, base, bytes }] : [];
}

/** As the guest sees it: where its initial file system begins, else its device tree. */
const tailBase = (guest: PlannedGuest): number => guest.memory.base + initrdOffset(guest, guest.loadedImage);

function pristineOf(guest: PlannedGuest): { image: Uint8Array; tail: Uint8Array } {
  const { loadedImage, deviceTree } = guest;
  const pieces = loadedImage.elf.segments.map(({ virtualAddress, bytes }) => ({ at: virtualAddress, bytes }));
  const tail = [
    { at: 0, bytes: fileSystemOf(loadedImage) },
    { at: deviceTreeBase(guest) - tailBase(guest), bytes: deviceTree.bytes },
  ];
  return { image: flatImage(pieces), tail: flatImage(tail) };
}

/** The same ownership without overlaps, in order of address: where ranges overlap, the later one counts. */
function flatten(ranges: readonly OwnedRange[]): OwnedRange[] {
  const edges = [...new Set(ranges.flatMap(({ base, size }) => [base, base + size]))].sort((a, b) => a - b);
  const flat: OwnedRange[] = [];
  edges.slice(0, -1).forEach((base, index) => {
    const end = edges[index + 1] ?? base;
    const owner = ranges.findLast((range) => range.base <= base && base < range.base + range.size)?.owner;
    const before = flat.at(-1);
    if (owner === undefined) return;
    if (before?.owner === owner && before.base + before.size === base) {
      flat[flat.length - 1] = { ...before, size: before.size + (end - base) };
    } else {
      flat.push({ base, size: end - base, owner });
    }
  });
  return flat;
}

/** Every byte of RAM has an owner; slots of guests that are not there are free. */
function ownedRanges(
  scenario: Scenario,
  guests: readonly Guest[],
  area: Range | undefined,
  { layers }: Arrangement,
): OwnedRange[] {
  // What no image claims of layer RAM, the configuration block for one, belongs to the least privileged of them.
  const rest = layers.at(-1)?.party ?? 'layer';
  return flatten([
    { base: RAM_BASE, size: scenario.machine.ramSize, owner: 'free' },
    { base: RAM_BASE, size: constants.LAYER_MEMORY_SIZE, owner: rest },
    ...(area === undefined ? [] : [{ ...area, owner: rest }]),
    ...layers.map(({ base, size, party }): OwnedRange => ({ base, size, owner: party })),
    ...guests.map(
      (guest): OwnedRange => ({
        base: guest.physicalBase,
        size: guest.memory.size,
        owner: guest.index,
      }),
    ),
  ]);
}

function worldsRule(guests: readonly Guest[], { worlds }: Arrangement, tables: BootPlan['layers']): WorldsRule {
  const { machineMode, supervisorMode, symbols } = worlds;
  const [first] = guests;
  if (symbols === undefined) return { machineMode, supervisorMode, ...(first && { only: first.index }) };
  const table = tables.get(symbols.image);
  if (table === undefined) throw new RangeError(`image ${symbols.image} is not part of its mode`);
  const rule = { machineMode, supervisorMode, currentGuest: table.address(symbols.currentGuest) };
  if (symbols.gstageRoots === undefined) return rule;
  const base = table.address(symbols.gstageRoots);
  return { ...rule, roots: guests.map(({ index }) => ({ paddr: base + index * GSTAGE_ROOT_SIZE, guest: index })) };
}

function planArrangement(mode: Mode, scenario: Scenario, images: ImageSet, arrangement: Arrangement): BootPlan {
  const services = servicesOf(scenario, arrangement);
  const guests = scenario.guests
    .filter(({ index }) => arrangement.guests.includes(index))
    .map((guest) => (arrangement.services ? guest : withOwnDisk(guest, scenario.services ?? [])))
    .map((guest) => planGuest(guest, scenario.guests, images, services));
  const layerLoads: Load[] = [];
  const layers = new Map<string, SymbolTable>();
  for (const { name } of arrangement.layers) {
    const image = images.layers.get(name);
    if (image === undefined) throw new RangeError(`image ${name} is not loaded`);
    layerLoads.push(...loadsOf(name, image, 0));
    layers.set(name, new SymbolTable(name, image.elf, 0));
  }
  const area = copiesPlace(scenario, images.guests);
  const copies = area === undefined ? [] : placeCopies(guests.map(pristineOf), area);
  const config = encodeConfig(configValues(scenario, guests, copies, area, arrangement));
  return {
    mode: mode.name,
    machine: {
      ram: scenario.machine.ramSize,
      timing: scenario.machine.timing,
      guests: scenario.guests.length,
      harts: hartsOf(scenario),
      ...(scenario.machine.iommu && { iommu: true }),
      ...disksOf(guests, services),
    },
    guests,
    loads: [
      ...layerLoads,
      { name: 'config', base: constants.CONFIG_BASE, bytes: config },
      ...copies.flatMap(({ image, tail }) => [image, tail].map((copy) => ({ name: 'pristine', ...copy }))),
      ...guests.flatMap((guest) => [
        ...loadsOf(guest.name, guest.loadedImage, guest.physicalBase),
        ...initrdOf(guest),
        { name: `${guest.name}.dtb`, ...guest.deviceTree },
      ]),
    ],
    entry: RAM_BASE,
    configAddress: constants.CONFIG_BASE,
    ownership: ownedRanges(scenario, guests, area, arrangement),
    worlds: worldsRule(guests, arrangement, layers),
    warmup: (scenario.warmupTicks ?? 0) * CYCLES_PER_TICK,
    layers,
  };
}

/** One plan for each boot that the mode needs. */
export function planBoots(mode: Mode, scenario: Scenario, images: ImageSet): BootPlan[] {
  const placed = mode.fixesPlacement === undefined ? scenario : { ...scenario, guests: unshifted(scenario.guests) };
  return mode.arrange(placed).map((arrangement) => planArrangement(mode, placed, images, arrangement));
}

/** What booting needs of a machine. */
export interface BootMachine {
  write(paddr: number, bytes: Uint8Array): void;
  ownership(ranges: readonly OwnedRange[]): void;
  worlds(rule: WorldsRule): void;
  start(entry: number, a0: number, a1: number, a2?: number): void;
}

export type MachineFactory<M extends BootMachine> = (options: MachineOptions) => M;

/** A machine at its reset vector: hart 0 in M-mode, the address of the configuration block in a1. */
export function bootScenario<M extends BootMachine>(createMachine: MachineFactory<M>, plan: BootPlan): M {
  const machine = createMachine(plan.machine);
  for (const { base, bytes } of plan.loads) machine.write(base, bytes);
  machine.ownership(plan.ownership);
  machine.worlds(plan.worlds);
  machine.start(plan.entry, 0, plan.configAddress);
  return machine;
}
