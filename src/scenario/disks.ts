// Disks of guests: each its own on the board, or all on one of the layer's.
import { layerDiskSlot } from '../machine/board.ts';
import { LAYER } from '../machine/devices/device.ts';
import type { MachineOptions, VirtioSlot } from '../machine/index.ts';
import { isDiskSize, makeFileSystem } from './file-system.ts';
import { formatSize } from './quantities.ts';
import type { Guest } from './scenario.ts';
import type { Service, SharedDisk } from './services.ts';

function sharedDiskOf(services: readonly Service[], guest: number): SharedDisk | undefined {
  return services.find(({ of, disk }) => disk && of.includes(guest))?.disk;
}

/** Where no layer has a disk for it, a guest has one like it of its own. */
export function withOwnDisk(guest: Guest, services: readonly Service[]): Guest {
  return { ...guest, disk: guest.disk ?? sharedDiskOf(services, guest.index)?.size };
}

/** Freshly formatted; one that is too large for a file system of ours is empty. */
function diskImage(name: string, size: number): Uint8Array {
  const greeting = new TextEncoder().encode(`${name}: a disk of ${formatSize(size)}\n`);
  return isDiskSize(size) ? makeFileSystem(size, { greeting }) : new Uint8Array(size);
}

/** The layer's own: the parts of the guests in their order, and the pool behind them. */
function layerDisk({ of, disk }: Service, guests: readonly Guest[]): VirtioSlot[] {
  if (disk === undefined) return [];
  const { size, pool = 0 } = disk;
  const image = new Uint8Array(of.length * size + pool);
  const sharing = guests.filter(({ index }) => of.includes(index));
  sharing.forEach(({ name }, part) => {
    image.set(diskImage(name, size), part * size);
  });
  return [{ slot: layerDiskSlot().index, owner: LAYER, kind: 'block', image }];
}

/** The virtio slots of the guests that are there, and of the layer; a machine without disks has no slots. */
export function disksOf(guests: readonly Guest[], services: readonly Service[]): Pick<MachineOptions, 'virtio'> {
  const own = guests.flatMap(({ index, name, disk }): VirtioSlot[] =>
    disk === undefined ? [] : [{ slot: index, owner: index, kind: 'block', image: diskImage(name, disk) }],
  );
  const virtio = [...own, ...services.flatMap((service) => layerDisk(service, guests))];
  return virtio.length > 0 ? { virtio } : {};
}
