// virtio over MMIO, version 2 (VIRTIO 1.2, 4.2), over a model of one device. Notified queues are served by clock events:
// the first chain a fixed time after the notification, the next when the bytes of those before it have passed. A broken
// queue puts this device into the state DEVICE_NEEDS_RESET and does nothing else.

import type { ClockTarget, Scheduler } from '../../clock.ts';
import type { Device, InterruptLine } from '../device.ts';
import type { VirtioModel } from './model.ts';
import { QUEUE_SIZE_MAX, type QueueState, Virtqueue } from './queue.ts';
import type { RamPort } from '../ram-port.ts';
import {
  INTERRUPT,
  STATUS,
  VIRTIO,
  VIRTIO_MAGIC,
  VIRTIO_VENDOR,
  VIRTIO_VERSION,
  virtioRegisterName,
} from './registers.ts';

/** Features of the ring and the transport: indirect descriptors (bit 28), VIRTIO_F_VERSION_1 (bit 32). */
const FEATURE_INDIRECT = 1 << 28;
const FEATURE_VERSION_1_HIGH = 1;

const BYTES_PER_CYCLE = 8;
/** A length of a shared memory region that says there is none. */
const ABSENT = 0xffff_ffff;

export interface VirtioState {
  status: number;
  deviceFeaturesSelect: number;
  driverFeaturesSelect: number;
  /** Low and high half. */
  driverFeatures: Uint32Array;
  queueSelect: number;
  interruptStatus: number;
  /** Queues to be served, one bit each. */
  notified: number;
  /** An event of this device is on its way. */
  scheduled: boolean;
  /** Why it needs a reset, or null. */
  fault: string | null;
  queues: QueueState[];
  model: unknown;
}

export interface VirtioMmioOptions {
  readonly name: string;
  readonly model: VirtioModel;
  readonly port: RamPort;
  /** On whose behalf it reads and writes RAM. */
  readonly world: number;
  readonly clock: Scheduler;
  readonly line: InterruptLine;
}

export class VirtioMmio implements Device, ClockTarget {
  readonly name: string;
  readonly size = 0x1000;
  readonly #model: VirtioModel;
  readonly #port: RamPort;
  readonly #clock: Scheduler;
  readonly #line: InterruptLine;
  readonly #queues: readonly Virtqueue[];
  #status = 0;
  #deviceFeaturesSelect = 0;
  #driverFeaturesSelect = 0;
  readonly #driverFeatures = new Uint32Array(2);
  #queueSelect = 0;
  #interruptStatus = 0;
  #notified = 0;
  #scheduled = false;
  #fault: string | null = null;

  constructor(options: VirtioMmioOptions) {
    const { model, port, world } = options;
    this.name = options.name;
    this.#model = model;
    this.#port = port;
    this.#clock = options.clock;
    this.#line = options.line;
    this.#queues = Array.from({ length: model.queues }, () => new Virtqueue(port, world));
    this.#clock.register(this);
    model.connect((queue) => this.#notify(queue));
  }

  /** Why the device needs a reset. */
  get fault(): string | undefined {
    return this.#fault ?? undefined;
  }

  /** As in QEMU, other widths than 32 bits, write-only registers and gaps read zero. */
  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    if (offset >= VIRTIO.CONFIG) return this.#readConfig(offset - VIRTIO.CONFIG, width);
    if (width !== 4) return 0;
    const queue = this.#queues[this.#queueSelect];
    switch (offset) {
      case VIRTIO.MAGIC:
        return VIRTIO_MAGIC;
      case VIRTIO.VERSION:
        return VIRTIO_VERSION;
      case VIRTIO.DEVICE_ID:
        return this.#model.deviceId;
      case VIRTIO.VENDOR_ID:
        return VIRTIO_VENDOR;
      case VIRTIO.DEVICE_FEATURES:
        return this.#offered(this.#deviceFeaturesSelect);
      case VIRTIO.QUEUE_SIZE_MAX:
        return queue === undefined ? 0 : QUEUE_SIZE_MAX;
      case VIRTIO.QUEUE_READY:
        return queue?.ready === true ? 1 : 0;
      case VIRTIO.INTERRUPT_STATUS:
        return this.#interruptStatus;
      case VIRTIO.STATUS:
        return this.#status;
      case VIRTIO.SHARED_LENGTH_LOW:
      case VIRTIO.SHARED_LENGTH_HIGH:
      case VIRTIO.SHARED_BASE_LOW:
      case VIRTIO.SHARED_BASE_HIGH:
        return ABSENT;
      default:
        return 0;
    }
  }

  write(offset: number, width: 1 | 2 | 4, value: number, _world: number): boolean {
    if (width !== 4) return true;
    const queue = this.#queues[this.#queueSelect];
    switch (offset) {
      case VIRTIO.DEVICE_FEATURES_SELECT:
        this.#deviceFeaturesSelect = value;
        break;
      case VIRTIO.DRIVER_FEATURES:
        // Settled with FEATURES_OK (3.1.1, step 5).
        if ((this.#status & STATUS.FEATURES_OK) === 0) this.#driverFeatures[this.#driverFeaturesSelect] = value;
        break;
      case VIRTIO.DRIVER_FEATURES_SELECT:
        this.#driverFeaturesSelect = value;
        break;
      case VIRTIO.QUEUE_SELECT:
        this.#queueSelect = value;
        break;
      case VIRTIO.QUEUE_SIZE:
        queue?.setSize(value);
        break;
      case VIRTIO.QUEUE_READY:
        if (queue !== undefined) this.#setReady(queue, value);
        break;
      case VIRTIO.QUEUE_NOTIFY:
        if (value < this.#queues.length) this.#notify(value);
        break;
      case VIRTIO.INTERRUPT_ACK:
        this.#interruptStatus &= ~value;
        this.#updateLine();
        break;
      case VIRTIO.STATUS:
        this.#writeStatus(value & 0xff);
        break;
      default:
        // Low and high halves of three addresses, 16 bytes apart.
        if (offset >= VIRTIO.QUEUE_DESCRIPTORS_LOW && offset <= VIRTIO.QUEUE_USED_HIGH && (offset & 8) === 0) {
          queue?.setArea((offset - VIRTIO.QUEUE_DESCRIPTORS_LOW) >>> 4, (offset & 4) === 0 ? 0 : 1, value);
        }
    }
    return true;
  }

  /** Bytes beyond the configuration space read as ones, as in QEMU. */
  #readConfig(offset: number, width: 1 | 2 | 4): number {
    const { config } = this.#model;
    let value = 0;
    for (let byte = width - 1; byte >= 0; byte--) value = value * 256 + (config[offset + byte] ?? 0xff);
    return value;
  }

  #offered(half: number): number {
    if (half === 0) return (this.#model.features | FEATURE_INDIRECT) >>> 0;
    return half === 1 ? FEATURE_VERSION_1_HIGH : 0;
  }

  /** FEATURES_OK stays only with a subset of what is offered, VERSION_1 among it (6.1); DRIVER_OK only with it. */
  #writeStatus(status: number): void {
    if (status === 0) return this.#reset();
    const [low = 0, high = 0] = this.#driverFeatures;
    const isAccepted = (low & ~this.#offered(0)) === 0 && high === FEATURE_VERSION_1_HIGH;
    const isSettled = (status & STATUS.FEATURES_OK) !== 0 && isAccepted;
    const refused = isSettled ? 0 : STATUS.FEATURES_OK | STATUS.DRIVER_OK;
    this.#status = (status & ~refused & ~STATUS.NEEDS_RESET) | (this.#status & STATUS.NEEDS_RESET);
    this.#schedule(this.#model.latencyCycles);
  }

  #reset(): void {
    for (const queue of this.#queues) queue.reset();
    this.#status = 0;
    this.#deviceFeaturesSelect = 0;
    this.#driverFeaturesSelect = 0;
    this.#driverFeatures.fill(0);
    this.#queueSelect = 0;
    this.#interruptStatus = 0;
    this.#notified = 0;
    this.#scheduled = false;
    this.#fault = null;
    this.#clock.cancel(this);
    this.#model.reset();
    this.#updateLine();
  }

  #setReady(queue: Virtqueue, value: number): void {
    if ((value & 1) === 0) return queue.disable();
    const fault = queue.enable();
    // The device does nothing yet that they could delay.
    this.#port.takeCycles();
    if (fault !== undefined) this.#fail(fault);
  }

  get #isRunning(): boolean {
    return (this.#status & STATUS.DRIVER_OK) !== 0 && (this.#status & STATUS.NEEDS_RESET) === 0;
  }

  /** A notification before DRIVER_OK waits for it: nothing may be consumed before (3.1.2). */
  #notify(queue: number): void {
    this.#notified |= 1 << queue;
    this.#schedule(this.#model.latencyCycles);
  }

  #schedule(delayCycles: number): void {
    if (this.#scheduled || this.#notified === 0 || !this.#isRunning) return;
    this.#scheduled = true;
    this.#clock.schedule(delayCycles, this, 0);
  }

  /** Serves one chain of each notified queue, and comes back while there may be more. */
  fire(_tag: number): void {
    this.#scheduled = false;
    let bytes = 0;
    this.#queues.forEach((queue, index) => {
      if (!this.#isRunning || (this.#notified & (1 << index)) === 0) return;
      const moved = this.#serve(queue, index);
      if (moved === undefined) this.#notified &= ~(1 << index);
      else bytes += moved;
    });
    this.#updateLine();
    this.#schedule(this.#model.latencyCycles + Math.ceil(bytes / BYTES_PER_CYCLE) + this.#port.takeCycles());
  }

  /** The bytes of the chain served; undefined when there is nothing to be done in this queue until it is notified. */
  #serve(queue: Virtqueue, index: number): number | undefined {
    const next = queue.next();
    if (next.kind === 'empty') return undefined;
    if (next.kind === 'fault') return this.#fail(next.reason);
    const served = this.#model.serve(index, next.chain);
    if (served.kind === 'waiting') return undefined;
    if (served.kind === 'fault') return this.#fail(served.reason);
    queue.giveBack(next.chain, served.written);
    if (next.wantsInterrupt) this.#interruptStatus |= INTERRUPT.USED;
    return next.chain.readableBytes + served.written;
  }

  /** 2.1.2: a device in error says so in its status, and by a configuration change once the driver is there. */
  #fail(reason: string): undefined {
    this.#fault = reason;
    this.#status |= STATUS.NEEDS_RESET;
    if ((this.#status & STATUS.DRIVER_OK) !== 0) this.#interruptStatus |= INTERRUPT.CONFIG;
    this.#updateLine();
  }

  #updateLine(): void {
    this.#line.set(this.#interruptStatus !== 0);
  }

  registerName(offset: number): string {
    return virtioRegisterName(offset);
  }

  save(): VirtioState {
    return {
      status: this.#status,
      deviceFeaturesSelect: this.#deviceFeaturesSelect,
      driverFeaturesSelect: this.#driverFeaturesSelect,
      driverFeatures: this.#driverFeatures.slice(),
      queueSelect: this.#queueSelect,
      interruptStatus: this.#interruptStatus,
      notified: this.#notified,
      scheduled: this.#scheduled,
      fault: this.#fault,
      queues: this.#queues.map((queue) => queue.save()),
      model: this.#model.save(),
    };
  }

  /** The PLIC restores the line's level, the clock the event. */
  restore(state: VirtioState): void {
    this.#status = state.status;
    this.#deviceFeaturesSelect = state.deviceFeaturesSelect;
    this.#driverFeaturesSelect = state.driverFeaturesSelect;
    this.#driverFeatures.set(state.driverFeatures);
    this.#queueSelect = state.queueSelect;
    this.#interruptStatus = state.interruptStatus;
    this.#notified = state.notified;
    this.#scheduled = state.scheduled;
    this.#fault = state.fault;
    state.queues.forEach((queue, index) => {
      this.#queues[index]?.restore(queue);
    });
    this.#model.restore(state.model);
  }
}
