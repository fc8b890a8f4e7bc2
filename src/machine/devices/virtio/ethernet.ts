// virtio network device (VIRTIO 1.2, 5.1) at a port of the switch: one pair of queues, no offloads.

import type { Chain } from './chain.ts';
import { broken, done, type RequestService, type Served, type VirtioModel, WAITING } from './model.ts';
import { FRAME_BYTES_MAX, FRAME_BYTES_MIN, type Network, type Send } from './network.ts';

const FEATURE = { MAC: 1 << 5, STATUS: 1 << 16 } as const;
const LINK_UP = 1;
const RECEIVE = 0;

/** Before each frame: flags, kind of segmentation, ..., and the number of buffers, which is 1 on receiving (5.1.6.4). */
const HEADER_BYTES = 12;
const HEADER = { FLAGS: 0, SEGMENTATION: 1, BUFFERS: 10 } as const;
const NEEDS_CHECKSUM = 1;

/** Frames that wait for receive buffers; one more is lost. */
const BACKLOG_FRAMES = 64;
/** 2 microseconds. */
const LATENCY_CYCLES = 2_000;

export interface EthernetState {
  /** Frames that wait for receive buffers, the oldest first. */
  backlog: Uint8Array[];
  /** Frames lost for want of a buffer, or of one large enough. */
  lost: number;
}

export interface EthernetOptions {
  readonly network: Network;
  readonly port: string;
  readonly mac: Uint8Array;
}

export class Ethernet implements VirtioModel {
  readonly deviceId = 1;
  readonly features = FEATURE.MAC | FEATURE.STATUS;
  readonly queues = 2;
  readonly config = new Uint8Array(8);
  readonly latencyCycles = LATENCY_CYCLES;
  readonly #send: Send;
  #request: RequestService = () => {};
  #backlog: Uint8Array[] = [];
  #lost = 0;

  constructor(options: EthernetOptions) {
    this.config.set(options.mac);
    this.config[6] = LINK_UP;
    this.#send = options.network.attach(options.port, options.mac, (frame) => this.#arrive(frame));
  }

  connect(request: RequestService): void {
    this.#request = request;
  }

  #arrive(frame: Uint8Array): void {
    if (this.#backlog.length === BACKLOG_FRAMES) {
      this.#lost++;
      return;
    }
    this.#backlog.push(frame);
    this.#request(RECEIVE);
  }

  serve(queue: number, chain: Chain): Served {
    return queue === RECEIVE ? this.#receive(chain) : this.#transmit(chain);
  }

  /** A frame larger than its buffer is lost: receive buffers cannot be merged. */
  #receive(chain: Chain): Served {
    if (chain.writableBytes === 0) return broken('a receive buffer without room');
    for (let frame = this.#backlog.shift(); frame !== undefined; frame = this.#backlog.shift()) {
      if (HEADER_BYTES + frame.length <= chain.writableBytes) {
        const packet = new Uint8Array(HEADER_BYTES + frame.length);
        packet[HEADER.BUFFERS] = 1;
        packet.set(frame, HEADER_BYTES);
        chain.write(0, packet);
        return done(packet.length);
      }
      this.#lost++;
    }
    return WAITING;
  }

  /** Only lengths and offloads are the device's business; what is in the frame is its receivers'. */
  #transmit(chain: Chain): Served {
    const length = chain.readableBytes - HEADER_BYTES;
    if (length < FRAME_BYTES_MIN || length > FRAME_BYTES_MAX) return broken(`a packet of ${chain.readableBytes} bytes`);
    const header = chain.read(0, HEADER_BYTES);
    const isPlain = ((header[HEADER.FLAGS] ?? 0) & NEEDS_CHECKSUM) === 0 && header[HEADER.SEGMENTATION] === 0;
    if (!isPlain) return broken('a frame that asks for an offload nobody offered');
    this.#send(chain.read(HEADER_BYTES, length));
    return done(0);
  }

  reset(): void {
    this.#backlog = [];
  }

  /** Frames are shared with states: nobody changes them. */
  save(): EthernetState {
    return { backlog: [...this.#backlog], lost: this.#lost };
  }

  restore(state: EthernetState): void {
    this.#backlog = [...state.backlog];
    this.#lost = state.lost;
  }
}
