// From a boot plan to a rig: the machine at its reset vector, and the addresses that experiments need by name.

import { layouts } from '../../images/index.ts';
import { board, diskSlot, type Party, RAM_BASE } from '../machine/index.ts';
import { backtrace } from '../scenario/backtrace.ts';
import { type BootPlan, type PlannedGuest, planBoots } from '../scenario/boot.ts';
import type { ImageSet, LoadedImage } from '../scenario/image-set.ts';
import type { Mode } from '../scenario/mode.ts';
import { namedOf, physicalOf } from '../scenario/placement.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Aim } from './classes/fault-class.ts';
import { findPlace } from './places.ts';
import { PROCESS_POLL } from './processes.ts';
import { assembleProbe } from './probe-program.ts';
import type { Range, Rig, RigGuest, RigMachine } from './rig.ts';
import { SABOTEUR_POLL } from './saboteur.ts';
import { spaceOf } from './space.ts';
import type { ProbeRig } from './sweep.ts';
import { foreignPages, foreignRegisters } from './targets.ts';
import { warmMachine } from './warm-up.ts';

/** Cycles that a fault-free run may take: two seconds of the machine. */
const PATIENCE = 2_000_000_000;
/** The trap handler of the layer that runs the guests, by image. */
const TRAP_HANDLERS: Readonly<Record<string, string>> = { nanokernel: 'trap_entry', hypervisor: 'guest_exit' };
const CANARY_BYTES = 64;
const MTIMECMP_OFFSET = 0x4000;
const MTIME_OFFSET = 0xbff8;
/** Enable bits of context 0, the M-mode of hart 0. */
const PLIC_ENABLE_OFFSET = 0x2000;
const FINISHER_PASS = 0x5555;

/** First row of that kind; every board has one. */
function rowOf(kind: (typeof board)[number]['kind'], index = 0): (typeof board)[number] {
  const row = board.find((candidate) => candidate.kind === kind && candidate.index === index);
  if (row === undefined) throw new RangeError(`the board has no ${kind} ${index}`);
  return row;
}

/** What directed acts may aim at besides guests and layer. */
export const boardAddresses: Aim['board'] = {
  finisher: rowOf('finisher').base,
  finisherPass: FINISHER_PASS,
  mtimecmp: rowOf('clint').base + MTIMECMP_OFFSET,
  mtime: rowOf('clint').base + MTIME_OFFSET,
  doorbell: rowOf('doorbell').base,
  plicMachineEnable: rowOf('plic').base + PLIC_ENABLE_OFFSET,
  dma: (guest) => rowOf('dma', guest).base,
  plicPriority: (source) => rowOf('plic').base + 4 * source,
};

function sectionOf(guest: PlannedGuest, name: string): Range {
  const section = guest.loadedImage.elf.sections.find((candidate) => candidate.name === name);
  return { base: guest.physicalBase + (section?.address ?? 0), size: section?.size ?? 0 };
}

/** Text and rodata lie from the start of the image on; the canary is data that nobody writes. */
function constantsOf(guest: PlannedGuest): Range[] {
  const { symbols, memory, physicalBase } = guest;
  const shift = physicalBase - memory.base;
  const ranges = symbols.has('__rodata_end')
    ? [{ base: physicalBase, size: symbols.address('__rodata_end') - memory.base }]
    : [];
  return symbols.has('canary') ? [...ranges, { base: symbols.address('canary') + shift, size: CANARY_BYTES }] : ranges;
}

function canaryOf(guest: PlannedGuest, machine: RigMachine): bigint[] {
  if (!guest.symbols.has('canary')) return [];
  const bytes = machine.read(physicalOf([guest], guest.symbols.address('canary')), CANARY_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: CANARY_BYTES / 8 }, (_, index) => view.getBigUint64(8 * index, true));
}

function symbolOf(guest: PlannedGuest, name: string): number {
  const address = findPlace(guest, name);
  if (address === undefined) throw new RangeError(`${guest.name} has no symbol ${name}`);
  return address;
}

/** Where layers keep this guest's image to restart it from: the one that begins with the same bytes. */
function copiesOf({ loads }: BootPlan, { loadedImage }: PlannedGuest): number[] {
  const code = loadedImage.elf.segments[0]?.bytes ?? new Uint8Array();
  const holds = (bytes: Uint8Array) => bytes.length >= code.length && code.every((byte, at) => bytes[at] === byte);
  return loads.filter(({ name, bytes }) => name === 'pristine' && holds(bytes)).map(({ base }) => base);
}

/** Where a kernel runs what lies at that address of its slot: own ones at their physical addresses, paging or not. */
function pcOf({ loadedImage, memory }: PlannedGuest, address: number): bigint {
  return (loadedImage.linux?.base ?? BigInt(memory.base)) + BigInt(address - memory.base);
}

function rigGuestOf(plan: BootPlan, guest: PlannedGuest, machine: RigMachine): RigGuest {
  const poll = [SABOTEUR_POLL, PROCESS_POLL].find((name) => guest.symbols.has(name));
  return {
    name: guest.name,
    index: guest.index,
    hart: guest.hart,
    memory: guest.memory,
    physicalBase: guest.physicalBase,
    work: guest.work,
    boundTicks: guest.boundTicks,
    canary: canaryOf(guest, machine),
    dmaSource: rowOf('dma', guest.index).irq,
    symbol: (name) => symbolOf(guest, name),
    constants: constantsOf(guest),
    workData: sectionOf(guest, '.work'),
    pcOf: (address) => pcOf(guest, address),
    pollPc: poll === undefined ? 0n : pcOf(guest, guest.symbols.address(poll)),
    space: spaceOf(guest.loadedImage, guest.symbols, guest.memory.base),
    booted: machine.accounting().guests[guest.index]?.instret ?? 0,
    imageBases: [guest.physicalBase, ...copiesOf(plan, guest)],
    backtrace: () => backtrace(guest, (address, length) => machine.read(physicalOf([guest], address), length)),
  };
}

function diskName({ guests }: BootPlan, address: number): string {
  const guest = guests.find(({ index, disk }) => {
    const { base, size } = diskSlot(index);
    return disk !== undefined && address >= base && address < base + size;
  });
  return guest === undefined ? '' : `${guest.name}:disk+0x${(address - diskSlot(guest.index).base).toString(16)}`;
}

/** Names of device registers as a reader would say them. */
function deviceName(plan: BootPlan, address: number): string {
  const row = board.find(({ base, size }) => address >= base && address < base + size);
  if (row === undefined) return diskName(plan, address);
  const owner = row.owner === 'guest' ? plan.guests.find(({ index }) => index === row.index)?.name : undefined;
  const offset = address - row.base;
  const name = row.kind === 'plic' && offset < 0x1000 ? `plic:priority[${offset / 4}]` : row.kind;
  if (row.kind === 'clint' && offset === MTIMECMP_OFFSET) return 'clint:mtimecmp';
  const suffix = offset === 0 || name !== row.kind ? '' : `+0x${offset.toString(16)}`;
  return `${owner === undefined ? '' : `${owner}:`}${name}${suffix}`;
}

function symbolAt(plan: BootPlan, address: number): string {
  if (address < RAM_BASE) return deviceName(plan, address);
  const guest = plan.guests.find(({ memory }) => address >= memory.base && address < memory.base + memory.size);
  if (guest !== undefined)
    return guest.symbols.describe(address) ?? `${guest.name}+0x${(address - guest.memory.base).toString(16)}`;
  for (const table of plan.layers.values()) {
    const name = table.describe(address);
    if (name !== undefined) return name;
  }
  return '';
}

function symbolAtPc(plan: BootPlan, party: number | 'layer', pc: bigint): string {
  if (pc < BigInt(Number.MAX_SAFE_INTEGER)) return symbolAt(plan, Number(pc));
  const guest = plan.guests.find(({ index }) => index === party);
  const base = guest?.loadedImage.linux?.base;
  if (guest === undefined || base === undefined || pc < base) return '';
  return symbolAt(plan, guest.memory.base + Number(pc - base));
}

/** The PLIC is everybody's: each context and source has an owner of its own, and layers emulate it. */
function ownerOf(plan: BootPlan, address: number): Party {
  const lies = ({ base, size }: Range): boolean => address >= base && address < base + size;
  if (address >= RAM_BASE) {
    const guest = plan.guests.find(({ memory }) => lies(memory));
    return (
      guest?.index ?? plan.ownership.find((range) => lies(range) && typeof range.owner !== 'number')?.owner ?? 'free'
    );
  }
  const disk = plan.guests.find((guest) => guest.disk !== undefined && lies(diskSlot(guest.index)));
  if (disk !== undefined) return disk.index;
  const row = board.find(lies);
  if (row === undefined || row.kind === 'plic') return 'free';
  if (row.owner !== 'guest') return 'layer';
  return plan.guests.some(({ index }) => index === row.index) ? row.index : 'free';
}

/** Where MEM-15 strikes. */
function trapHandlerOf(plan: BootPlan): number {
  for (const [image, symbol] of Object.entries(TRAP_HANDLERS)) {
    const table = plan.layers.get(image);
    // A layer of the user's may call it otherwise.
    if (table !== undefined) return table.has(symbol) ? table.address(symbol) : plan.entry;
  }
  // In native the firmware is all there is.
  return plan.entry;
}

/** `schedulers` of the layers, one per hart, each the `scheduler` of scheduler.h. */
function stoppedFlags({ layers, guests }: BootPlan): ReadonlyMap<number, number> {
  const { scheduler, scheduled_guest: guest } = layouts;
  const name = 'schedulers';
  const table = [...layers.values()].find((own) => own.has(name) && own.size(name) % scheduler.size === 0);
  if (table === undefined) return new Map();
  const first = table.address(name) + scheduler.fields.guests.offset + guest.fields.stopped.offset;
  return new Map(
    guests.map(({ index, hart }, position) => [index, first + hart * scheduler.size + position * guest.size]),
  );
}

/** @param machine of that plan, for a verdict, where experiments begin */
export function bootRig(plan: BootPlan, machine: RigMachine = warmMachine(plan)): Rig {
  const reset = machine.snapshot();
  const stopped = stoppedFlags(plan);
  return {
    mode: plan.mode,
    machine,
    guests: plan.guests.map((guest) => rigGuestOf(plan, guest, machine)),
    board: boardAddresses,
    layerTrapHandler: trapHandlerOf(plan),
    firmware: plan.entry,
    reset,
    start: plan.warmup,
    snapshotRoom: machine.snapshotRoom.left,
    ram: plan.ownership.filter(({ owner }) => owner !== 'free'),
    loads: plan.loads,
    isParked: (index) => {
      const flag = stopped.get(index);
      return flag !== undefined && machine.read(flag, 1)[0] === 1;
    },
    patience: PATIENCE,
    ownerOf: (address) => ownerOf(plan, address),
    physical: (address) => physicalOf(plan.guests, address),
    named: (address) => namedOf(plan.guests, address),
    symbolAt: (address) => symbolAt(plan, address),
    symbolAtPc: (party, pc) => symbolAtPc(plan, party, pc),
  };
}

/** The probe as an image: assembled for its slot, so the bias of loading is taken off again. */
function probeImage(slotBase: number, more: string): LoadedImage {
  const { bytes } = assembleProbe(slotBase, more);
  const segment = {
    virtualAddress: 0,
    physicalAddress: 0,
    bytes,
    memorySize: bytes.length,
    readable: true,
    writable: true,
    executable: true,
  };
  return { name: 'probe', sha256: '', elf: { entry: 0, segments: [segment], symbols: [], sections: [] } };
}

/** The scenario in that mode, with the probe in place of those guests' images and with their device trees. */
export function planProbes(
  mode: Mode,
  scenario: Scenario,
  images: ImageSet,
  probes: readonly number[],
  more = '',
): BootPlan {
  const guests = images.guests.map((image, index) => {
    const slotBase = scenario.guests[index]?.memory.base;
    return slotBase !== undefined && probes.includes(index) ? probeImage(slotBase, more) : image;
  });
  const plan = planBoots(mode, scenario, { ...images, guests }).find((boot) =>
    probes.every((probe) => boot.guests.some(({ index }) => index === probe)),
  );
  if (plan === undefined) throw new RangeError(`mode ${mode.name} does not boot guest ${probes.join(' and ')}`);
  return { ...plan, warmup: 0 };
}

export function bootProbe(mode: Mode, scenario: Scenario, images: ImageSet, guest: number): ProbeRig {
  const slotBase = scenario.guests[guest]?.memory.base;
  if (slotBase === undefined) throw new RangeError(`the scenario has no guest ${guest}`);
  const plan = planProbes(mode, scenario, images, [guest]);
  return {
    rig: bootRig(plan),
    guest,
    guestName: scenario.guests[guest]?.name ?? '',
    slotBase,
    pages: foreignPages(plan, guest),
    registers: foreignRegisters(plan, guest),
  };
}
