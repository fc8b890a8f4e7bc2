// A switch of Ethernet frames between named ports. Which address is behind which port is known beforehand, so that no
// sender can claim another's: there is no table to fill or to poison. A frame takes the same time whatever its way.

import type { ClockTarget, Scheduler } from '../../clock.ts';

/** Header without, and frame with a VLAN tag; both without the checksum. */
export const FRAME_BYTES_MIN = 14;
export const FRAME_BYTES_MAX = 1518;

/** 12 microseconds: a full frame at 1 Gbit/s. */
const TRANSIT_CYCLES = 12_000;
/** Frames on their way at once; one more is lost. */
const TRANSIT_FRAMES_MAX = 256;

/** Frames are never changed once they were sent: several ports may hold the same one. */
export type Receive = (frame: Uint8Array) => void;
export type Send = (frame: Uint8Array) => void;

export interface NetworkState {
  /** Frames on their way, the next to arrive first. */
  transit: { from: string; frame: Uint8Array }[];
  /** Frames lost because too many were on their way. */
  lost: number;
}

interface Port {
  readonly name: string;
  readonly mac: number;
  readonly receive: Receive;
}

export class Network implements ClockTarget {
  readonly name = 'network';
  readonly #clock: Scheduler;
  readonly #ports: Port[] = [];
  #transit: { from: string; frame: Uint8Array }[] = [];
  #lost = 0;

  constructor(clock: Scheduler) {
    this.#clock = clock;
    clock.register(this);
  }

  /** Connects a port; returns how it sends. */
  attach(name: string, mac: Uint8Array, receive: Receive): Send {
    const port = { name, mac: macNumber(mac, 0), receive };
    for (const other of this.#ports) {
      if (other.name === name) throw new RangeError(`two devices at the port ${name} of the network`);
      if (other.mac === port.mac) throw new RangeError(`the ports ${other.name} and ${name} have the same MAC address`);
    }
    this.#ports.push(port);
    return (frame) => this.#send(name, frame);
  }

  #send(from: string, frame: Uint8Array): void {
    if (frame.length < FRAME_BYTES_MIN || this.#transit.length === TRANSIT_FRAMES_MAX) {
      this.#lost++;
      return;
    }
    this.#transit.push({ from, frame });
    this.#clock.schedule(TRANSIT_CYCLES, this, 0);
  }

  /** The oldest frame arrives: at its one port, or at all others when it is for many or for nobody known. */
  fire(_tag: number): void {
    const arrival = this.#transit.shift();
    if (arrival === undefined) return;
    const destination = macNumber(arrival.frame, 0);
    const known = this.#ports.find(({ mac }) => mac === destination);
    for (const port of known === undefined ? this.#ports : [known]) {
      if (port.name !== arrival.from) port.receive(arrival.frame);
    }
  }

  /** Frames are shared with states: nobody changes them. */
  save(): NetworkState {
    return { transit: [...this.#transit], lost: this.#lost };
  }

  restore(state: NetworkState): void {
    this.#transit = [...state.transit];
    this.#lost = state.lost;
  }
}

/** The 48 bits of an address as a number. */
function macNumber(bytes: Uint8Array, offset: number): number {
  return bytes.subarray(offset, offset + 6).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The six bytes of `52:54:00:12:34:56`. */
export function parseMac(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    throw new RangeError(`"${text}" is no MAC address: write six pairs of hexadecimal digits, as in 52:54:00:12:34:56`);
  }
  const mac = Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16));
  if (((mac[0] ?? 0) & 1) !== 0) throw new RangeError(`${text} is a group's MAC address, not a device's`);
  return mac;
}
