// Everything of a machine that is not one guest's own: pages of RAM by owner, and registers of devices.

import { board, diskSlot, iommu, sourceOwner } from '../machine/index.ts';
import type { BootPlan } from '../scenario/boot.ts';
import { without } from './fault-space.ts';
import type { Range } from './rig.ts';

/** A run of foreign pages; resources are those of scenarios/resources.yaml. */
export interface PageRange {
  readonly resource: 'foreign-ram' | 'layer-ram' | 'firmware-ram';
  readonly base: number;
  readonly size: number;
}

export interface Register {
  readonly resource: string;
  readonly address: number;
  readonly width: 1 | 4 | 8;
  /** What a store writes: enough to change the word. */
  readonly value: bigint;
}

/** What the board has in every scenario, and the disks and the IOMMU of this one. */
type Kind = (typeof board)[number]['kind'] | 'disk' | 'iommu';

interface Row {
  readonly kind: Kind;
  readonly index: number;
  readonly base: number;
  readonly owner: (typeof board)[number]['owner'];
}

export const PAGE = 4096;
const ONES = 0xffff_ffff_ffff_ffffn;

function resourceOf(owner: BootPlan['ownership'][number]['owner']): PageRange['resource'] | undefined {
  switch (owner) {
    case 'free':
      return undefined;
    case 'layer':
      return 'layer-ram';
    case 'firmware':
      return 'firmware-ram';
    default:
      return 'foreign-ram';
  }
}

/** Pages with another owner; free pages belong to nobody, so nobody is reached there. Where slots are shifted these are the
 * places where the others lie, for a layer that forgets to translate, and those where the guest would look for them. */
export function foreignPages(plan: BootPlan, guest: number): PageRange[] {
  const shifted = plan.guests.filter(({ memory, physicalBase }) => memory.base !== physicalBase);
  const named = shifted.map(({ memory, index }) => ({ ...memory, owner: index }));
  const own = plan.guests.filter(({ index }) => index === guest).map(({ memory }) => memory);
  const taken: Range[] = [...own];
  return [...plan.ownership, ...named].flatMap(({ base, size, owner }) => {
    const resource = owner === guest ? undefined : resourceOf(owner);
    if (resource === undefined) return [];
    const parts = taken.reduce<Range[]>(
      (rest, part) => rest.flatMap((piece) => without(piece, part)),
      [{ base, size }],
    );
    taken.push({ base, size });
    return parts.map((part) => ({ resource, ...part }));
  });
}

type Place = readonly [offset: number, width: 1 | 4 | 8];

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

const SOURCES = 63;
/** Registers of virtio over MMIO (VIRTIO 1.2, 4.2.2), and the first words of the configuration of a disk. */
const DISK_PLACES: readonly Place[] = [
  ...range(0x00, 0x14, 4),
  ...[0x20, 0x24, 0x30, 0x34, 0x38, 0x44, 0x50, 0x60, 0x64, 0x70],
  ...[0x80, 0x84, 0x90, 0x94, 0xa0, 0xa4, 0xfc],
  ...range(0x100, 0x114, 4),
].map((offset): Place => [offset, 4]);
const THRESHOLDS = 0x20_0000;
const CONTEXT = 0x1000;
/** Of hart 0; its S context's threshold and claim are the own ones of a guest that runs there. */
const PLIC_PLACES: readonly Place[] = [
  ...range(4, 4 * SOURCES, 4).map((offset): Place => [offset, 4]),
  ...[0x1000, 0x1004, 0x2000, 0x2004, 0x2080, 0x2084, THRESHOLDS, THRESHOLDS + 4].map((offset): Place => [offset, 4]),
];

const PLACES: Readonly<Record<Kind, readonly Place[]>> = {
  finisher: [[0, 4]],
  clint: [
    [0x0, 4],
    [0x4000, 8],
    [0xbff8, 8],
  ],
  plic: PLIC_PLACES,
  uart: range(0, 7, 1).map((offset): Place => [offset, 1]),
  'layer-uart': range(0, 7, 1).map((offset): Place => [offset, 1]),
  monitor: [...range(0, 0x70, 8), ...range(0x80, 0xb8, 8)].map((offset): Place => [offset, 8]),
  doorbell: [
    [0, 4],
    [4, 4],
  ],
  dma: [
    [0x00, 8],
    [0x08, 8],
    [0x10, 8],
    [0x18, 4],
    [0x1c, 4],
  ],
  disk: DISK_PLACES,
  // Capabilities, features, directory; both queues.
  iommu: [
    ...[0x00, 0x10, 0x18, 0x28].map((offset): Place => [offset, 8]),
    ...[0x08, 0x20, 0x24, 0x30, 0x34, 0x48, 0x4c, 0x54].map((offset): Place => [offset, 4]),
  ],
};

const RESOURCES: Readonly<Record<Kind, string>> = {
  finisher: 'finisher',
  clint: 'clint',
  plic: 'plic',
  uart: 'foreign-uart',
  'layer-uart': 'foreign-uart',
  monitor: 'foreign-monitor',
  doorbell: 'doorbell',
  dma: 'foreign-dma',
  disk: 'foreign-disk',
  iommu: 'iommu',
};

/** Words that make a device act; all ones would be none of them. */
const VALUES: Partial<Readonly<Record<Kind, bigint>>> = { finisher: 0x5555n, doorbell: 24n };

function disksOf({ guests }: BootPlan): Row[] {
  return guests
    .filter(({ disk }) => disk !== undefined)
    .map(({ index }) => ({ kind: 'disk', index, base: diskSlot(index).base, owner: 'guest' }));
}

function iommusOf({ machine }: BootPlan): Row[] {
  return machine.iommu ? [{ kind: 'iommu', index: 0, base: iommu.base, owner: 'layer' }] : [];
}

/** Threshold and claim of guests on harts of their own: the S context of hart n is number 2n + 1. */
function contextsOf({ guests }: BootPlan, guest: number): Place[] {
  const own = guests.find(({ index }) => index === guest)?.hart;
  const others = new Set(guests.map(({ hart }) => hart).filter((hart) => hart !== own));
  return [...others].flatMap((hart) =>
    [0, 4].map((offset): Place => [THRESHOLDS + (2 * hart + 1) * CONTEXT + offset, 4]),
  );
}

/** Who has that PLIC source: of the virtio slots, the guest whose disk is there. */
function ownerOfSource({ guests }: BootPlan, source: number): number {
  const disk = guests.find((guest) => guest.disk !== undefined && diskSlot(guest.index).irq === source);
  return disk?.index ?? sourceOwner(source);
}

/** Is that register another's, and not of a device whose guest is not there? */
function concerns(plan: BootPlan, row: Row, offset: number, guest: number): boolean {
  const isPresent = (index: number): boolean => plan.guests.some((other) => other.index === index);
  if (row.kind === 'plic' && offset < 0x1000) {
    const owner = ownerOfSource(plan, offset / 4);
    return owner < 0 || (owner !== guest && isPresent(owner));
  }
  return row.owner !== 'guest' || (row.index !== guest && isPresent(row.index));
}

export function foreignRegisters(plan: BootPlan, guest: number): Register[] {
  const rows: readonly Row[] = [...board, ...disksOf(plan), ...iommusOf(plan)];
  return rows.flatMap((row) =>
    [...PLACES[row.kind], ...(row.kind === 'plic' ? contextsOf(plan, guest) : [])]
      .filter(([offset]) => concerns(plan, row, offset, guest))
      .map(([offset, width]) => ({
        resource: RESOURCES[row.kind],
        address: row.base + offset,
        width,
        value: VALUES[row.kind] ?? ONES,
      })),
  );
}
