// What is in each virtio slot, composed from a scenario's words.

import type { Scheduler } from '../../clock.ts';
import { type Device, type InterruptLine, OWNER_RUNNING } from '../device.ts';
import { Block } from './block.ts';
import { EmptySlot } from './empty-slot.ts';
import { Entropy } from './entropy.ts';
import { Ethernet } from './ethernet.ts';
import { VirtioMmio } from './mmio.ts';
import type { VirtioModel } from './model.ts';
import { Network, parseMac } from './network.ts';
import { answer, PEER } from './peer.ts';
import type { RamPort } from '../ram-port.ts';
import { Terminal } from './terminal.ts';

export type VirtioDevice =
  /** A disk with these contents at reset; they are never written to. */
  | { readonly kind: 'block'; readonly image: Uint8Array; readonly readOnly?: boolean }
  /** At a port of the one network, where a scripted peer answers too; ports have different names. */
  | { readonly kind: 'net'; readonly port: string; readonly mac: string }
  | { readonly kind: 'console' }
  | { readonly kind: 'entropy'; readonly seed: number };

/** A slot that is not empty. */
export type VirtioSlot = VirtioDevice & {
  readonly slot: number;
  /** Whose the device is, and on whose behalf it reads and writes RAM: a guest's index, or LAYER. */
  readonly owner: number;
};

export interface VirtioOptions {
  readonly slots: readonly VirtioSlot[];
  /** Slots of the board. */
  readonly count: number;
  readonly clock: Scheduler;
  /** RAM as the device in that slot reaches it. */
  readonly port: (slot: number, owner: number) => RamPort;
  readonly line: (slot: number) => InterruptLine;
  /** Takes each byte that a console sends. */
  readonly onByte: (slot: number, byte: number) => void;
}

export interface VirtioSlots {
  /** One per slot of the board. */
  readonly devices: readonly { readonly device: Device; readonly owner: number }[];
  /** Consoles by their slot. */
  readonly terminals: ReadonlyMap<number, Terminal>;
  readonly network: Network;
}

/** Throws RangeError for slots that cannot be, in words for whoever wrote them. */
export function createVirtioSlots(options: VirtioOptions): VirtioSlots {
  const { slots, count, clock, port } = options;
  const chosen = new Map<number, VirtioSlot>();
  for (const slot of slots) {
    if (!Number.isInteger(slot.slot) || slot.slot < 0 || slot.slot >= count) {
      throw new RangeError(`there is no virtio slot ${slot.slot}: use 0 to ${count - 1}`);
    }
    if (chosen.has(slot.slot)) throw new RangeError(`two devices in virtio slot ${slot.slot}`);
    chosen.set(slot.slot, slot);
  }
  const network = networkWithPeer(clock);
  const terminals = new Map<number, Terminal>();

  const model = (slot: VirtioSlot): VirtioModel => {
    switch (slot.kind) {
      case 'block': {
        const { image, readOnly = false } = slot;
        return new Block({ image, readOnly, identity: `taco-disk-${slot.slot}` });
      }
      case 'net':
        return new Ethernet({ network, port: slot.port, mac: parseMac(slot.mac) });
      case 'console': {
        const terminal = new Terminal((byte) => options.onByte(slot.slot, byte));
        terminals.set(slot.slot, terminal);
        return terminal;
      }
      case 'entropy':
        return new Entropy(slot.seed);
    }
  };
  const devices = Array.from({ length: count }, (_, index) => {
    const name = `virtio${index}`;
    const slot = chosen.get(index);
    // Nobody is touched by an access to an empty slot: it has no state.
    if (slot === undefined) return { device: new EmptySlot(name), owner: OWNER_RUNNING };
    const { owner: world } = slot;
    return {
      device: new VirtioMmio({
        name,
        model: model(slot),
        port: port(index, world),
        world,
        clock,
        line: options.line(index),
      }),
      owner: world,
    };
  });
  return { devices, terminals, network };
}

function networkWithPeer(clock: Scheduler): Network {
  const network = new Network(clock);
  const send = network.attach('peer', PEER.mac, (frame) => {
    const reply = answer(frame, PEER);
    if (reply !== undefined) send(reply);
  });
  return network;
}
