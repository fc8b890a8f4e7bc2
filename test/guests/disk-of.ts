// What is on a disk after a run.
import type { DiskState } from '../../src/machine/devices/virtio/disk.ts';
import type { Machine } from '../../src/machine/index.ts';

const CLUSTER = 4096;

/** The image of the disk in that slot with what was written to it. */
export function diskOf(machine: Machine, slot: number, image: Uint8Array): Uint8Array {
  const device = machine.snapshot().devices[`virtio${slot}`] as { readonly model: { readonly disk: DiskState } };
  const bytes = image.slice();
  for (const { index, bytes: cluster } of device.model.disk.clusters) {
    bytes.set(cluster.subarray(0, Math.max(0, bytes.length - index * CLUSTER)), index * CLUSTER);
  }
  return bytes;
}
