// virtio console device (VIRTIO 1.2, 5.3) with one port: a terminal that takes any speed.

import { ByteQueue } from '../byte-queue.ts';
import { Console, type ConsoleState } from '../console.ts';
import type { Chain } from './chain.ts';
import { broken, done, type RequestService, type Served, type VirtioModel, WAITING } from './model.ts';

const RECEIVE = 0;
/** Input from the host that waits for buffers. */
const HOST_QUEUE_BYTES = 4096;
/** What passes through the host at once, however much is sent. */
const PIECE_BYTES = 0x1_0000;
/** One microsecond. */
const LATENCY_CYCLES = 1_000;

export interface TerminalState {
  waiting: Uint8Array;
  output: ConsoleState;
}

export class Terminal implements VirtioModel {
  readonly deviceId = 3;
  readonly features = 0;
  readonly queues = 2;
  readonly config = new Uint8Array(12);
  readonly latencyCycles = LATENCY_CYCLES;
  /** What was sent. */
  readonly output = new Console();
  readonly #onByte: (byte: number) => void;
  readonly #waiting = new ByteQueue(HOST_QUEUE_BYTES);
  #request: RequestService = () => {};

  constructor(onByte: (byte: number) => void) {
    this.#onByte = onByte;
  }

  connect(request: RequestService): void {
    this.#request = request;
  }

  /** Bytes typed by the host; returns how many the bounded queue took. */
  input(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && this.#waiting.push(bytes[taken] ?? 0)) taken++;
    if (taken > 0) this.#request(RECEIVE);
    return taken;
  }

  serve(queue: number, chain: Chain): Served {
    return queue === RECEIVE ? this.#receive(chain) : this.#send(chain);
  }

  #receive(chain: Chain): Served {
    if (chain.writableBytes === 0) return broken('a receive buffer without room');
    if (this.#waiting.size === 0) return WAITING;
    const length = Math.min(chain.writableBytes, this.#waiting.size);
    chain.write(
      0,
      Uint8Array.from({ length }, () => this.#waiting.shift()),
    );
    return done(length);
  }

  #send(chain: Chain): Served {
    for (let at = 0; at < chain.readableBytes; at += PIECE_BYTES) {
      for (const byte of chain.read(at, PIECE_BYTES)) {
        this.output.put(byte);
        this.#onByte(byte);
      }
    }
    return done(0);
  }

  /** What the host has typed is not the driver's to lose. */
  reset(): void {}

  save(): TerminalState {
    return { waiting: this.#waiting.save(), output: this.output.save() };
  }

  restore(state: TerminalState): void {
    this.#waiting.restore(state.waiting);
    this.output.restore(state.output);
  }
}
