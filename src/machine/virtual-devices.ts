// What layers have for their guests at addresses where the board has nothing: the machine itself knows none of it. A guest
// finds its own device of a kind at the same address as every other guest.
import type { DeviceRow } from './board.ts';
import { VIRTIO } from './devices/virtio/registers.ts';

/** In order of address; a kind's number is its page in the window. Own guests take the last virtio node for their disk. */
export const VIRTUAL_KINDS = ['console', 'serial', 'ethernet', 'rtc', 'disk'] as const;
export type VirtualKind = (typeof VIRTUAL_KINDS)[number];

export const VIRTUAL_BASE = 0x1005_0000;
const VIRTUAL_SIZE = 0x1000;
/** The PLIC once more: its registers as they are, of the sources the guest's own alone. */
export const VIRTUAL_PLIC_BASE = 0x1100_0000;

/** `irq` is the one source that all virtual devices of the guest share. */
export function virtualDevice(kind: VirtualKind, irq: number): DeviceRow {
  return { base: VIRTUAL_BASE + VIRTUAL_SIZE * VIRTUAL_KINDS.indexOf(kind), size: VIRTUAL_SIZE, irq };
}

/** Names and values for `platform.h`. */
export function virtualDefines(): readonly (readonly [string, number])[] {
  return [
    ['VIRTUAL_SIZE', VIRTUAL_SIZE],
    ['VIRTUAL_KINDS', VIRTUAL_KINDS.length],
    ...VIRTUAL_KINDS.map((kind, page): [string, number] => [`VIRTUAL_${kind.toUpperCase()}`, page]),
    ...Object.entries(VIRTIO).map(([name, offset]): [string, number] => [`VIRTIO_${name}`, offset]),
  ];
}
