// The board: what lies where, who owns it, which interrupt it raises. The bus, the C header `platform.h` and the device
// trees are made from the one table below.
//
//   0x0010_0000  finisher       sifive_test: pass, fail, reset of the whole machine
//   0x0200_0000  CLINT          msip, mtimecmp, mtime
//   0x0c00_0000  PLIC           63 sources; contexts: hart 0 M, hart 0 S, hart 1 M, ...
//   0x1000_0000  UART of guest 0                                         source 10
//   0x1001_0000  UARTs of guests 1..3, a page apart                      sources 11..13
//   0x1001_3000  UART of the layer, polled
//   0x1002_0000  monitor pages of guests 0..3, a page apart
//   0x1003_0000  doorbell       a store of n raises source n             sources 9, 24..27, 29..31
//   0x1004_0000  DMA channels of guests 0..3, a page apart               sources 16..19
//   0x1005_0000  nothing: where layers have virtual devices (virtual-devices.ts), and from 0x1100_0000 on as large as a PLIC
//   0x8000_0000  RAM, as large as the scenario says
//
// Addresses up to the UART are those of QEMU's `virt`; the others are outside its map. Whatever is not named here is
// absent: an access fault. What `virt` has besides, its RTC, virtio slots and IOMMU, is apart, for machines that ask for it.

import { CLINT } from './devices/clint.ts';
import { OWNER_LAYER } from './devices/device.ts';
import { DMA, DMA_CONTROL, DMA_LENGTH_MAX, DMA_STATUS } from './devices/dma.ts';
import { DOORBELL } from './devices/doorbell.ts';
import { FINISHER } from './devices/finisher.ts';
import { IOMMU } from './devices/iommu/registers.ts';
import { MONITOR, MONITOR_MAGIC } from './devices/monitor.ts';
import { PLIC } from './devices/plic.ts';
import { VIRTUAL_BASE, VIRTUAL_PLIC_BASE, virtualDefines } from './virtual-devices.ts';

/** Guests a board has devices for. */
export const GUEST_LIMIT = 4;
/** Harts that the machine can have. */
export const HART_LIMIT = 4;
export const RAM_BASE = 0x8000_0000;
/** Cycles per second, and per tick of mtime. */
export const CYCLES_PER_SECOND = 1_000_000_000;
export const CYCLES_PER_TICK = 100;
export const TIMEBASE_HZ = CYCLES_PER_SECOND / CYCLES_PER_TICK;
/** The clock a 16550 divides for its baud rate: a number for drivers, without effect here. */
export const UART_CLOCK_HZ = 3_686_400;
/** PLIC sources 1..63; source 0 means none. */
export const PLIC_SOURCES = 63;
/** A guest's source for messages from others, which layers ring. */
export const serviceSource = (guest: number): number => 24 + guest;
/** And one for all virtual devices which layers have for it. The first guest's lies below its UART's: Linux's driver stores
 * to every source up to the last that it is told of, and so to no more than without them. */
export const virtualSource = (guest: number): number => (guest === 0 ? 9 : serviceSource(GUEST_LIMIT + guest));
/** A source that never rises, for a virtual device whose driver wants one for itself; below as for the other. */
export const silentSource = (guest: number): number => (guest === 0 ? strangerRow('virtio', VIRTIO_SLOTS - 1).irq : 28);
const guests = Array.from({ length: GUEST_LIMIT }, (_, guest) => guest);
/** Sources that only the doorbell drives. */
export const doorbellSources: readonly number[] = guests.flatMap((guest) => [
  serviceSource(guest),
  virtualSource(guest),
]);

export type DeviceKind = 'finisher' | 'clint' | 'plic' | 'uart' | 'layer-uart' | 'monitor' | 'doorbell' | 'dma';

/** Whose a device is: the layer's, the guest's of the row's index, or each register has its own owner (the device
 * answers `owners()`). */
export type OwnerRule = 'layer' | 'guest' | 'register';

export interface BoardRow {
  readonly kind: DeviceKind;
  /** Which of its kind; the guest's number where the rule is `guest`. */
  readonly index: number;
  readonly base: number;
  /** Bytes decoded. Every device has its 4 KiB page for itself, so that a page table can give it away alone. */
  readonly size: number;
  /** PLIC source, or 0. */
  readonly irq: number;
  readonly owner: OwnerRule;
}

export const board: readonly BoardRow[] = [
  { kind: 'finisher', index: 0, base: 0x0010_0000, size: 0x1000, irq: 0, owner: 'layer' },
  { kind: 'clint', index: 0, base: 0x0200_0000, size: 0x1_0000, irq: 0, owner: 'layer' },
  { kind: 'plic', index: 0, base: 0x0c00_0000, size: 0x60_0000, irq: 0, owner: 'register' },
  { kind: 'uart', index: 0, base: 0x1000_0000, size: 0x100, irq: 10, owner: 'guest' },
  { kind: 'uart', index: 1, base: 0x1001_0000, size: 0x100, irq: 11, owner: 'guest' },
  { kind: 'uart', index: 2, base: 0x1001_1000, size: 0x100, irq: 12, owner: 'guest' },
  { kind: 'uart', index: 3, base: 0x1001_2000, size: 0x100, irq: 13, owner: 'guest' },
  { kind: 'layer-uart', index: 0, base: 0x1001_3000, size: 0x100, irq: 0, owner: 'layer' },
  { kind: 'monitor', index: 0, base: 0x1002_0000, size: 0x1000, irq: 0, owner: 'guest' },
  { kind: 'monitor', index: 1, base: 0x1002_1000, size: 0x1000, irq: 0, owner: 'guest' },
  { kind: 'monitor', index: 2, base: 0x1002_2000, size: 0x1000, irq: 0, owner: 'guest' },
  { kind: 'monitor', index: 3, base: 0x1002_3000, size: 0x1000, irq: 0, owner: 'guest' },
  { kind: 'doorbell', index: 0, base: 0x1003_0000, size: 0x1000, irq: 0, owner: 'layer' },
  { kind: 'dma', index: 0, base: 0x1004_0000, size: 0x1000, irq: 16, owner: 'guest' },
  { kind: 'dma', index: 1, base: 0x1004_1000, size: 0x1000, irq: 17, owner: 'guest' },
  { kind: 'dma', index: 2, base: 0x1004_2000, size: 0x1000, irq: 18, owner: 'guest' },
  { kind: 'dma', index: 3, base: 0x1004_3000, size: 0x1000, irq: 19, owner: 'guest' },
];

export interface StrangerRow extends DeviceRow {
  readonly kind: 'rtc' | 'virtio';
  /** Number of the virtio slot. */
  readonly index: number;
}

export const VIRTIO_SLOTS = 8;

/** Devices for strangers' kernels and disks of own guests, where MachineOptions asks for them. Apart from the board, because
 * without them these addresses belong to nobody. `virt`'s RTC has source 11, which is a UART's here. */
export const strangerBoard: readonly StrangerRow[] = [
  { kind: 'rtc', index: 0, base: 0x0010_1000, size: 0x1000, irq: 14 },
  ...Array.from(
    { length: VIRTIO_SLOTS },
    (_, index): StrangerRow => ({
      kind: 'virtio',
      index,
      base: 0x1000_1000 + 0x1000 * index,
      size: 0x1000,
      irq: 1 + index,
    }),
  ),
];

/** Between DMA channels and virtio slots on one side and RAM on the other, where MachineOptions asks for it. */
export const iommu: DeviceRow = { base: 0x0301_0000, size: 0x1000, irq: 36 };
/** By which numbers it knows the devices behind it. */
export const dmaDeviceId = (channel: number): number => channel;
export const virtioDeviceId = (slot: number): number => GUEST_LIMIT + slot;

/** The row of a device; asking for one the board has not is a mistake of the caller. */
export function boardRow(kind: DeviceKind, index = 0): BoardRow {
  const row = board.find((candidate) => candidate.kind === kind && candidate.index === index);
  if (row === undefined) throw new RangeError(`the board has no ${kind} ${index}`);
  return row;
}

export const finisher = (): BoardRow => boardRow('finisher');
export const clint = (): BoardRow => boardRow('clint');
export const plic = (): BoardRow => boardRow('plic');
export const uart = (guest: number): BoardRow => boardRow('uart', guest);
export const layerUart = (): BoardRow => boardRow('layer-uart');
export const monitor = (guest: number): BoardRow => boardRow('monitor', guest);
export const doorbell = (): BoardRow => boardRow('doorbell');
export const dma = (guest: number): BoardRow => boardRow('dma', guest);

/** What a guest has besides the devices that each guest has. */
export interface OptionalDevices {
  readonly dma: boolean;
  /** Bytes of its disk; undefined: it has none. */
  readonly disk?: number | undefined;
}

export type DeviceRow = Pick<BoardRow, 'base' | 'size' | 'irq'>;

/** The devices that are a guest's own, whichever mode it runs in: what its device tree names beside the PLIC. */
export function guestDevices(guest: number, { dma: hasDma, disk }: OptionalDevices): DeviceRow[] {
  const rows = board.filter((row) => row.owner === 'guest' && row.index === guest && (row.kind !== 'dma' || hasDma));
  return disk === undefined ? rows : [...rows, diskSlot(guest)];
}

/** The virtio slot of a guest's disk, and that of a layer's. */
export const diskSlot = (guest: number): StrangerRow => strangerRow('virtio', guest);
export const layerDiskSlot = (): StrangerRow => diskSlot(GUEST_LIMIT);

export function strangerRow(kind: StrangerRow['kind'], index = 0): StrangerRow {
  const row = strangerBoard.find((candidate) => candidate.kind === kind && candidate.index === index);
  if (row === undefined) throw new RangeError(`the board has no ${kind} ${index}`);
  return row;
}

/** Number of the PLIC context of a hart's M or S mode. */
export function plicContext(hart: number, mode: 'M' | 'S'): number {
  return 2 * hart + (mode === 'S' ? 1 : 0);
}

/** The guest that owns a PLIC source by the table, else the layer. */
export function sourceOwner(source: number): number {
  const rung = guests.find((guest) => source === serviceSource(guest) || source === virtualSource(guest));
  if (rung !== undefined) return rung;
  const row = board.find((candidate) => candidate.irq === source && source !== 0);
  return row?.owner === 'guest' ? row.index : OWNER_LAYER;
}

const hex = (value: number): string => `0x${value.toString(16)}`;
const address = (value: number): string => `PLATFORM_ADDRESS(${hex(value)})`;
const define = (name: string, value: string): string => `#define ${name} ${value}`;

/** Defines `${prefix}${register}` for each register offset of a device. */
function defineOffsets(prefix: string, offsets: Readonly<Record<string, number>>): string[] {
  return Object.entries(offsets).map(([name, offset]) => define(prefix + name, hex(offset)));
}

/** A C expression in `g` that picks the value of guest g; a number outside the board picks the last. */
function pickByGuest(values: readonly string[]): string {
  return `(${values.map((value, guest) => (guest < values.length - 1 ? `(g) == ${guest} ? ${value} : ` : value)).join('')})`;
}

function defineByGuest(name: string, kind: DeviceKind, field: 'base' | 'irq'): string {
  const rows = board.filter((row) => row.kind === kind);
  const values = rows.map((row) => (field === 'base' ? address(row.base) : String(row.irq)));
  return define(`${name}(g)`, pickByGuest(values));
}

/** The C header `platform.h`: the table above and the devices' registers for software on the board. */
export function platformHeader(): string {
  return [
    '/* Generated from src/machine/board.ts by `npm run images`; do not edit. Plain constants also serve assembly. */',
    '#pragma once',
    '',
    '#ifdef __ASSEMBLER__',
    '#define PLATFORM_ADDRESS(value) value',
    '#else',
    '#define PLATFORM_ADDRESS(value) value##ul',
    '#endif',
    '',
    define('RAM_BASE', address(RAM_BASE)),
    define('MAX_HARTS', String(HART_LIMIT)),
    define('TIMEBASE_HZ', String(TIMEBASE_HZ)),
    define('CYCLES_PER_TICK', String(CYCLES_PER_TICK)),
    '',
    define('FINISHER_BASE', address(finisher().base)),
    ...defineOffsets('FINISHER_', FINISHER),
    '',
    define('CLINT_BASE', address(clint().base)),
    define('CLINT_MSIP(hart)', `(CLINT_BASE + ${hex(CLINT.MSIP)} + 4 * (hart))`),
    define('CLINT_MTIMECMP(hart)', `(CLINT_BASE + ${hex(CLINT.MTIMECMP)} + 8 * (hart))`),
    define('CLINT_MTIME', `(CLINT_BASE + ${hex(CLINT.MTIME)})`),
    '',
    define('PLIC_BASE', address(plic().base)),
    define('PLIC_SIZE', hex(plic().size)),
    define('PLIC_SOURCES', String(PLIC_SOURCES)),
    define('PLIC_CONTEXT_M(hart)', '(2 * (hart))'),
    define('PLIC_CONTEXT_S(hart)', '(2 * (hart) + 1)'),
    '/* Addresses of the registers, all of 32 bits; `word` is source / 32. */',
    define('PLIC_PRIORITY(source)', `(PLIC_BASE + ${hex(PLIC.PRIORITY)} + 4 * (source))`),
    define('PLIC_PENDING(word)', `(PLIC_BASE + ${hex(PLIC.PENDING)} + 4 * (word))`),
    define(
      'PLIC_ENABLE(context, word)',
      `(PLIC_BASE + ${hex(PLIC.ENABLE)} + ${hex(PLIC.ENABLE_STRIDE)} * (context) + 4 * (word))`,
    ),
    define('PLIC_THRESHOLD(context)', `(PLIC_BASE + ${hex(PLIC.THRESHOLD)} + ${hex(PLIC.CONTEXT_STRIDE)} * (context))`),
    define('PLIC_CLAIM(context)', `(PLIC_BASE + ${hex(PLIC.CLAIM)} + ${hex(PLIC.CONTEXT_STRIDE)} * (context))`),
    '',
    define('UART_CLOCK_HZ', String(UART_CLOCK_HZ)),
    defineByGuest('UART_BASE', 'uart', 'base'),
    defineByGuest('UART_IRQ', 'uart', 'irq'),
    define('LAYER_UART_BASE', address(layerUart().base)),
    '',
    '/* Offsets of 64-bit registers; MONITOR_ARG is the first of eight. */',
    defineByGuest('MONITOR_BASE', 'monitor', 'base'),
    define('MONITOR_MAGIC_VALUE', hex(MONITOR_MAGIC)),
    ...defineOffsets('MONITOR_', MONITOR),
    '',
    define('DOORBELL_BASE', address(doorbell().base)),
    ...defineOffsets('DOORBELL_', DOORBELL),
    define('SERVICE_IRQ(g)', `(${serviceSource(0)} + (g))`),
    define('VIRTUAL_IRQ(g)', pickByGuest(guests.map((guest) => String(virtualSource(guest))))),
    '',
    '/* Offsets; SRC, DST and LENGTH have 64 bits, CONTROL and STATUS 32. */',
    defineByGuest('DMA_BASE', 'dma', 'base'),
    defineByGuest('DMA_IRQ', 'dma', 'irq'),
    ...defineOffsets('DMA_', DMA),
    define('DMA_LENGTH_MAX', hex(DMA_LENGTH_MAX)),
    ...defineOffsets('DMA_CONTROL_', DMA_CONTROL),
    ...defineOffsets('DMA_STATUS_', DMA_STATUS),
    '',
    define('VIRTIO_SLOTS', String(VIRTIO_SLOTS)),
    define(
      'VIRTIO_SLOT_BASE(slot)',
      `(${address(strangerRow('virtio').base)} + ${hex(strangerRow('virtio').size)} * (slot))`,
    ),
    define('VIRTIO_IRQ(slot)', `(${strangerRow('virtio').irq} + (slot))`),
    '',
    '/* Only where the configuration block says so. Offsets; CAPABILITIES, DDTP, CQB and FQB have 64 bits, the others 32. */',
    define('IOMMU_BASE', address(iommu.base)),
    define('IOMMU_IRQ', String(iommu.irq)),
    ...defineOffsets('IOMMU_', IOMMU),
    define('IOMMU_DEVICE_DMA(g)', '(g)'),
    define('IOMMU_DEVICE_VIRTIO(slot)', `(${virtioDeviceId(0)} + (slot))`),
    '',
    '/* Devices of layers: a page for each kind, numbered from VIRTUAL_BASE on. Registers of virtio over MMIO. */',
    define('VIRTUAL_BASE', address(VIRTUAL_BASE)),
    define('VIRTUAL_PLIC_BASE', address(VIRTUAL_PLIC_BASE)),
    ...virtualDefines().map(([name, value]) => define(name, hex(value))),
    '',
  ].join('\n');
}
