// Everything of a machine that is not one guest's own: pages of RAM by owner, and registers of devices.

import { board, sourceOwner } from '../machine/index.ts';
import type { BootPlan } from '../scenario/boot.ts';

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

/** Pages with another owner; free pages belong to nobody, so nobody is reached there. */
export function foreignPages(plan: BootPlan, guest: number): PageRange[] {
  return plan.ownership.flatMap(({ base, size, owner }) => {
    const resource = owner === guest ? undefined : resourceOf(owner);
    return resource === undefined ? [] : [{ resource, base, size }];
  });
}

type Row = (typeof board)[number];
type Place = readonly [offset: number, width: 1 | 4 | 8];

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

const SOURCES = 63;
/** S context of hart 0: threshold and claim there are the running guest's own. */
const PLIC_PLACES: readonly Place[] = [
  ...range(4, 4 * SOURCES, 4).map((offset): Place => [offset, 4]),
  ...[0x1000, 0x1004, 0x2000, 0x2004, 0x2080, 0x2084, 0x20_0000, 0x20_0004].map((offset): Place => [offset, 4]),
];

const PLACES: Readonly<Record<Row['kind'], readonly Place[]>> = {
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
};

const RESOURCES: Readonly<Record<Row['kind'], string>> = {
  finisher: 'finisher',
  clint: 'clint',
  plic: 'plic',
  uart: 'foreign-uart',
  'layer-uart': 'foreign-uart',
  monitor: 'foreign-monitor',
  doorbell: 'doorbell',
  dma: 'foreign-dma',
};

/** Words that make a device act; all ones would be none of them. */
const VALUES: Partial<Readonly<Record<Row['kind'], bigint>>> = { finisher: 0x5555n, doorbell: 24n };

/** Is that register the guest's own, or of a device whose guest is not there? */
function concerns(row: Row, offset: number, guest: number, present: readonly number[]): boolean {
  if (row.kind === 'plic' && offset < 0x1000) {
    const owner = sourceOwner(offset / 4);
    return owner < 0 || (owner !== guest && present.includes(owner));
  }
  return row.owner !== 'guest' || (row.index !== guest && present.includes(row.index));
}

export function foreignRegisters(plan: BootPlan, guest: number): Register[] {
  const present = plan.guests.map(({ index }) => index);
  return board.flatMap((row) =>
    PLACES[row.kind]
      .filter(([offset]) => concerns(row, offset, guest, present))
      .map(([offset, width]) => ({
        resource: RESOURCES[row.kind],
        address: row.base + offset,
        width,
        value: VALUES[row.kind] ?? ONES,
      })),
  );
}
