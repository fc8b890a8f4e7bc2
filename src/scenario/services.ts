// Services that layers have for guests: what of them is in a device tree, in a configuration block, on the machine.
import { constants } from '../../images/index.ts';
import { layerDiskSlot } from '../machine/board.ts';
import { RTC_EPOCH } from '../machine/devices/goldfish-rtc.ts';
import { VIRTUAL_KINDS, type VirtualKind } from '../machine/virtual-devices.ts';
import type { NameConfigValues, ServiceConfigValues } from './config-block.ts';
import type { SourceDocument } from './document.ts';
import { formatSize, parseSize } from './quantities.ts';
import type { ScenarioDocument } from './schema.ts';

/** One virtual device for some guests, by their numbers. */
export interface Service {
  readonly kind: VirtualKind;
  readonly of: readonly number[];
  /** Of a disk. */
  readonly disk?: SharedDisk;
}

/** Bytes, whole sectors. */
export interface SharedDisk {
  /** Of the disk of each guest. */
  readonly size: number;
  /** What all guests together can write to; undefined: each to all of its disk. */
  readonly pool: number | undefined;
  /** Of the pool, for one guest. */
  readonly quota: number | undefined;
}

const SECTOR = 512;
const DISK_MAX = 2 ** 26;
const POOLED_MAX = constants.DISK_POOLED_SECTORS * SECTOR;

/** Kinds of virtual devices that a guest has, in order of address. */
export function virtualKinds(services: readonly Service[], guest: number): VirtualKind[] {
  return VIRTUAL_KINDS.filter((kind) =>
    services.some((service) => service.kind === kind && service.of.includes(guest)),
  );
}

export function serviceConfig({ kind, of, disk }: Service): ServiceConfigValues {
  return {
    kind: VIRTUAL_KINDS.indexOf(kind),
    guests: of.reduce((bits, guest) => bits | (1 << guest), 0),
    ...(disk && {
      slot: layerDiskSlot().index,
      sectors: disk.size / SECTOR,
      pool: (disk.pool ?? 0) / SECTOR,
      quota: (disk.quota ?? disk.pool ?? 0) / SECTOR,
    }),
    ...(kind === 'rtc' && { epoch: RTC_EPOCH }),
  };
}

/** The characters of a name as the block has them. */
export function nameConfig(name: string): NameConfigValues {
  const bytes = new Uint8Array(constants.NAME_BYTES);
  new TextEncoder().encodeInto(name, bytes);
  const view = new DataView(bytes.buffer);
  return { text: [view.getBigUint64(0, true), view.getBigUint64(8, true)] };
}

type ServiceDocument = ScenarioDocument['services'][number];

function readDisk(source: SourceDocument, index: number, service: ServiceDocument): SharedDisk | undefined {
  if (service.kind !== 'disk') return undefined;
  const read = (field: 'size' | 'pool' | 'quota', least: number, most: number): number | undefined => {
    const text = service[field];
    if (text === undefined) return undefined;
    const bytes = parseSize(text) ?? 0;
    if (bytes < least || bytes > most || bytes % SECTOR !== 0) {
      const remedy = `use a multiple of ${SECTOR} from ${formatSize(least)} to ${formatSize(most)}`;
      source.fail(['services', index, field], `${formatSize(bytes)} does not do`, remedy);
    }
    return bytes;
  };
  const size = read('size', SECTOR, service.pool === undefined ? DISK_MAX : POOLED_MAX) ?? 0;
  const pool = read('pool', SECTOR, service.of.length * size);
  const quota = read('quota', SECTOR, pool ?? 0);
  return { size, pool, quota };
}

/** Checks what the schema cannot see. */
export function readServices(source: SourceDocument, { services, guests }: ScenarioDocument): Service[] {
  const names = Object.keys(guests);
  return services.map((service, index): Service => {
    const { kind, of } = service;
    if (services.slice(0, index).some((other) => other.kind === kind)) {
      source.fail(['services', index], `is a second ${kind}`, `name all its guests in one ${kind}`);
    }
    if (kind === 'serial' && of.length !== 2) {
      source.fail(
        ['services', index, 'of'],
        `names ${of.length} guests`,
        'a serial line has two ends: name two guests',
      );
    }
    const numbers = of.map((name, place) => {
      const number = names.indexOf(name);
      const path = ['services', index, 'of', place];
      if (number < 0) source.fail(path, 'is no guest', `choose from ${names.join(', ')}`);
      if (kind === 'disk' && guests[name]?.disk !== undefined) {
        source.fail(path, `${name} has a disk of its own`, `take away guests.${name}.disk, or ${name} from this list`);
      }
      return number;
    });
    const disk = readDisk(source, index, service);
    return { kind, of: numbers, ...(disk && { disk }) };
  });
}
