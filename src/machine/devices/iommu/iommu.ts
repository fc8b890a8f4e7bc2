// A RISC-V IOMMU (specification 1.0) between the devices that read and write RAM by themselves and the RAM: registers,
// command queue, fault queue. After reset it is bare: whoever does not know of it sees no difference.

import type { ClockTarget, Scheduler } from '../../clock.ts';
import type { Device, InterruptLine } from '../device.ts';
import { LAYER, REFUSED } from '../device.ts';
import type { RamPort } from '../ram-port.ts';
import { COMMAND_DOUBLEWORDS, type Command, decodeCommand } from './command.ts';
import { type Directory, deviceIdLimit, directoryLevels } from './device-context.ts';
import { type Fault, faultRecord, isSilenced, RECORD_DOUBLEWORDS, type Transaction } from './fault.ts';
import { bits, pageAddress, readDoublewords, writeDoublewords } from './memory.ts';
import { Queue, type QueueState } from './queue.ts';
import {
  CAPABILITIES_HIGH,
  CAPABILITIES_LOW,
  COMMAND_CSR,
  DDTP_MODE,
  FAULT_CSR,
  FCTL_WIRE,
  INTERRUPT,
  IOMMU,
  iommuRegisterName,
  QUEUE_CSR,
} from './registers.ts';
import { type Outcome, Translator, type TranslatorState } from './translator.ts';

const DOUBLEWORD_BYTES = 8;
/** One command, from the moment its predecessor is done. */
const COMMAND_CYCLES = 50;
const MODE_FIELD = 0xf;
const PPN_LOW = 0xffff_fc00;
const PPN_HIGH = 0x003f_ffff;
const COMMAND_ERRORS = QUEUE_CSR.MEMORY_FAULT | COMMAND_CSR.ILLEGAL;
const FAULT_ERRORS = QUEUE_CSR.MEMORY_FAULT | FAULT_CSR.OVERFLOW;

export interface IommuState {
  directory: Uint32Array;
  commands: QueueState;
  faults: QueueState;
  pending: number;
  /** A command is on its way. */
  busy: boolean;
  caches: TranslatorState;
}

export interface IommuOptions {
  readonly ram: RamPort;
  readonly clock: Scheduler;
  readonly line: InterruptLine;
}

export class Iommu implements Device, ClockTarget {
  readonly name = 'iommu';
  readonly size = 0x1000;
  readonly #ram: RamPort;
  readonly #clock: Scheduler;
  readonly #line: InterruptLine;
  readonly #translator: Translator;
  /** ddtp. */
  readonly #directory = Uint32Array.of(DDTP_MODE.BARE, 0);
  readonly #commands = new Queue(COMMAND_DOUBLEWORDS * DOUBLEWORD_BYTES, COMMAND_ERRORS | COMMAND_CSR.FENCE_INTERRUPT);
  readonly #faults = new Queue(RECORD_DOUBLEWORDS * DOUBLEWORD_BYTES, FAULT_ERRORS);
  #pending = 0;
  #busy = false;

  constructor(options: IommuOptions) {
    this.#ram = options.ram;
    this.#clock = options.clock;
    this.#line = options.line;
    this.#translator = new Translator(options.ram);
    this.#clock.register(this);
  }

  /** One access of a device; a fault is reported. */
  translate(transaction: Transaction): Outcome {
    const outcome = this.#translator.translate(this.#root(), transaction);
    const { result, silent } = outcome;
    if (result.kind === 'fault' && !isSilenced(result.cause, silent)) this.#report(result, transaction);
    return outcome;
  }

  #root(): Directory {
    const [low = 0, high = 0] = this.#directory;
    return { mode: low & MODE_FIELD, root: pageAddress(bits((BigInt(high) << 32n) | BigInt(low), 53, 10)) };
  }

  /** Registers are accessed by 4 or 8 bytes; the bus makes two of the latter, low half first. */
  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    if (width !== 4) return REFUSED;
    switch (offset) {
      case IOMMU.CAPABILITIES:
        return CAPABILITIES_LOW;
      case IOMMU.CAPABILITIES + 4:
        return CAPABILITIES_HIGH;
      case IOMMU.FCTL:
        return FCTL_WIRE;
      case IOMMU.DDTP:
      case IOMMU.DDTP + 4:
        return this.#directory[offset === IOMMU.DDTP ? 0 : 1] ?? 0;
      case IOMMU.CQB:
      case IOMMU.CQB + 4:
        return this.#commands.base(offset === IOMMU.CQB ? 0 : 1);
      case IOMMU.CQH:
        return this.#commands.head;
      case IOMMU.CQT:
        return this.#commands.tail;
      case IOMMU.FQB:
      case IOMMU.FQB + 4:
        return this.#faults.base(offset === IOMMU.FQB ? 0 : 1);
      case IOMMU.FQH:
        return this.#faults.head;
      case IOMMU.FQT:
        return this.#faults.tail;
      case IOMMU.CQCSR:
        return this.#commands.csr;
      case IOMMU.FQCSR:
        return this.#faults.csr;
      case IOMMU.IPSR:
        return this.#pending;
      default:
        return 0;
    }
  }

  /** Stores to what is read-only or absent have no effect. */
  write(offset: number, width: 1 | 2 | 4, value: number, _world: number): boolean {
    if (width !== 4) return false;
    switch (offset) {
      case IOMMU.DDTP:
        this.#setMode(value);
        break;
      case IOMMU.DDTP + 4:
        this.#directory[1] = value & PPN_HIGH;
        break;
      case IOMMU.CQB:
      case IOMMU.CQB + 4:
        this.#commands.setBase(offset === IOMMU.CQB ? 0 : 1, value);
        break;
      case IOMMU.CQT:
        this.#commands.tail = this.#commands.index(value);
        break;
      case IOMMU.FQB:
      case IOMMU.FQB + 4:
        this.#faults.setBase(offset === IOMMU.FQB ? 0 : 1, value);
        break;
      case IOMMU.FQH:
        this.#faults.head = this.#faults.index(value);
        break;
      case IOMMU.CQCSR:
        if (this.#commands.writeCsr(value)) this.#commands.head = 0;
        break;
      case IOMMU.FQCSR:
        if (this.#faults.writeCsr(value)) this.#faults.tail = 0;
        break;
      case IOMMU.IPSR:
        this.#pending &= ~value;
        break;
    }
    this.#proceed();
    this.#signal();
    return true;
  }

  /** ddtp.iommu_mode is WARL: a reserved mode leaves the old one. What is cached may stay. */
  #setMode(value: number): void {
    const [low = 0] = this.#directory;
    const wanted = value & MODE_FIELD;
    this.#directory[0] = (value & PPN_LOW) | (wanted <= DDTP_MODE.LEVELS_3 ? wanted : low & MODE_FIELD);
  }

  /** Starts with the next command, if there is one and nothing forbids it. */
  #proceed(): void {
    const { on, isEmpty, csr } = this.#commands;
    const mayGo = on && !isEmpty && (csr & COMMAND_ERRORS) === 0;
    if (mayGo === this.#busy) return;
    this.#busy = mayGo;
    if (mayGo) this.#clock.schedule(COMMAND_CYCLES, this, 0);
    else this.#clock.cancel(this);
  }

  /** Carries out the command at the head; one that fails stays there. */
  fire(_tag: number): void {
    this.#busy = false;
    const [first, second] =
      readDoublewords(this.#ram, this.#commands.entryAddress(this.#commands.head), COMMAND_DOUBLEWORDS) ?? [];
    const error =
      first === undefined || second === undefined
        ? QUEUE_CSR.MEMORY_FAULT
        : this.#perform(decodeCommand(first, second));
    if (error === 0) this.#commands.head = this.#commands.after(this.#commands.head);
    this.#commands.csr |= error;
    this.#proceed();
    this.#signal();
  }

  /** The bit of cqcsr that says what went wrong, or 0. */
  #perform(command: Command): number {
    switch (command.kind) {
      case 'invalidate-first-stage':
        return 0;
      case 'invalidate-second-stage':
        this.#translator.dropLeaves(command.gscid, command.address);
        return 0;
      case 'invalidate-directory': {
        const { mode } = this.#root();
        const isTooWide = directoryLevels(mode) > 0 && (command.device ?? 0) >= deviceIdLimit(mode);
        if (isTooWide) return COMMAND_CSR.ILLEGAL;
        this.#translator.dropContexts(command.device);
        return 0;
      }
      case 'fence': {
        const { store, interrupt } = command;
        if (store !== undefined) {
          const word = new Uint8Array(4);
          new DataView(word.buffer).setUint32(0, store.data, true);
          if (!this.#ram.write(store.paddr, word, LAYER)) return QUEUE_CSR.MEMORY_FAULT;
        }
        if (interrupt) this.#commands.csr |= COMMAND_CSR.FENCE_INTERRUPT;
        return 0;
      }
      case 'illegal':
        return COMMAND_CSR.ILLEGAL;
    }
  }

  /** While the queue is off or in error, records are lost. */
  #report(found: Fault, transaction: Transaction): void {
    const queue = this.#faults;
    if (!queue.on || queue.failed) return;
    if (queue.isFull) {
      queue.csr |= FAULT_CSR.OVERFLOW;
    } else if (!writeDoublewords(this.#ram, queue.entryAddress(queue.tail), faultRecord(found, transaction))) {
      queue.csr |= QUEUE_CSR.MEMORY_FAULT;
    } else {
      queue.tail = queue.after(queue.tail);
      if (queue.interrupts) this.#pending |= INTERRUPT.FAULT;
    }
    this.#signal();
  }

  /** A pending bit stays until software clears it, and comes back while its condition lasts. */
  #signal(): void {
    if (this.#commands.interrupts && this.#commands.failed) this.#pending |= INTERRUPT.COMMAND;
    if (this.#faults.interrupts && this.#faults.failed) this.#pending |= INTERRUPT.FAULT;
    this.#line.set(this.#pending !== 0);
  }

  registerName(offset: number): string {
    return iommuRegisterName(offset);
  }

  save(): IommuState {
    return {
      directory: this.#directory.slice(),
      commands: this.#commands.save(),
      faults: this.#faults.save(),
      pending: this.#pending,
      busy: this.#busy,
      caches: this.#translator.save(),
    };
  }

  /** The PLIC restores the line's level, the clock the event. */
  restore(state: IommuState): void {
    this.#directory.set(state.directory);
    this.#commands.restore(state.commands);
    this.#faults.restore(state.faults);
    this.#pending = state.pending;
    this.#busy = state.busy;
    this.#translator.restore(state.caches);
  }
}
