// A 16550A UART with the registers as QEMU's model has them and a line of infinite speed: a byte stored to THR has been
// sent at once, so THR is always empty, and the four character times of the receiver's timeout are none.

import { ByteQueue } from './byte-queue.ts';
import type { Device, InterruptLine } from './device.ts';
import { REFUSED } from './device.ts';

const REGISTER_NAMES = ['RBR/THR/DLL', 'IER/DLM', 'IIR/FCR', 'LCR', 'MCR', 'LSR', 'MSR', 'SCR'];
const DATA = 0;
const IER = 1;
const IIR_FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;

const IER_RECEIVED = 0x01;
const IER_THR_EMPTY = 0x02;
const IER_LINE_STATUS = 0x04;
const IER_MASK = 0x0f;

const IIR_NONE = 0x01;
const IIR_THR_EMPTY = 0x02;
const IIR_RECEIVED = 0x04;
const IIR_LINE_STATUS = 0x06;
const IIR_TIMEOUT = 0x0c;
const IIR_FIFO_ENABLED = 0xc0;

const FCR_ENABLE = 0x01;
const FCR_RESET_RECEIVER = 0x02;
const FCR_RESET_SENDER = 0x04;
/** Enable, DMA mode and trigger level stick; the resets do not. */
const FCR_STICKY = 0xc9;
/** Bytes in the FIFO that raise "received", by FCR's bits 7:6. */
const TRIGGER_LEVELS = [1, 4, 8, 14];

const LCR_DIVISOR_ACCESS = 0x80;
const MCR_LOOPBACK = 0x10;
const MCR_OUT2 = 0x08;
const MCR_MASK = 0x1f;
const LSR_DATA_READY = 0x01;
const LSR_OVERRUN = 0x02;
const LSR_SENDER_EMPTY = 0x60;
/** DCD, DSR and CTS: somebody is always connected, and these lines never change. */
const MSR_CONNECTED = 0xb0;

const FIFO_BYTES = 16;
/** Input from the host that waits for room in the FIFO. */
const HOST_QUEUE_BYTES = 4096;

export interface Ns16550aState {
  ier: number;
  fcr: number;
  lcr: number;
  mcr: number;
  scr: number;
  divisor: number;
  overrun: boolean;
  /** The THR-empty interrupt waits: cleared by reading it from IIR, set anew by each byte sent. */
  thrEmptyPending: boolean;
  received: Uint8Array;
  waiting: Uint8Array;
}

export interface Ns16550aOptions {
  readonly name: string;
  /** Takes each byte sent. */
  readonly onByte: (byte: number) => void;
  /** Absent for a UART that is only polled. */
  readonly line?: InterruptLine;
}

export class Ns16550a implements Device {
  readonly name: string;
  readonly size = 0x100;
  readonly #onByte: (byte: number) => void;
  readonly #line: InterruptLine | undefined;
  #ier = 0;
  #fcr = 0;
  #lcr = 0;
  #mcr = MCR_OUT2;
  #scr = 0;
  #divisor = 12;
  #overrun = false;
  #thrEmptyPending = false;
  readonly #received = new ByteQueue(FIFO_BYTES);
  readonly #waiting = new ByteQueue(HOST_QUEUE_BYTES);

  constructor(options: Ns16550aOptions) {
    this.name = options.name;
    this.#onByte = options.onByte;
    this.#line = options.line;
  }

  /** Bytes typed by the host; returns how many the bounded queue took. */
  input(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && this.#waiting.push(bytes[taken] ?? 0)) taken++;
    this.#receiveWaiting();
    return taken;
  }

  /** Any width reads the one register at the offset, as in QEMU. Beyond the eight registers there is nothing. */
  read(offset: number, _width: 1 | 2 | 4, _world: number): number {
    switch (offset) {
      case DATA:
        return this.#divisorAccess ? this.#divisor & 0xff : this.#readData();
      case IER:
        return this.#divisorAccess ? this.#divisor >>> 8 : this.#ier;
      case IIR_FCR:
        return this.#readInterrupt();
      case LCR:
        return this.#lcr;
      case MCR:
        return this.#mcr;
      case LSR:
        return this.#readLineStatus();
      case MSR:
        return this.#modemStatus();
      case SCR:
        return this.#scr;
      default:
        return REFUSED;
    }
  }

  write(offset: number, _width: 1 | 2 | 4, value: number, _world: number): boolean {
    const byte = value & 0xff;
    switch (offset) {
      case DATA:
        if (this.#divisorAccess) this.#divisor = (this.#divisor & 0xff00) | byte;
        else this.#send(byte);
        return true;
      case IER:
        if (this.#divisorAccess) this.#divisor = (this.#divisor & 0xff) | (byte << 8);
        else this.#writeInterruptEnable(byte & IER_MASK);
        return true;
      case IIR_FCR:
        this.#writeFifoControl(byte);
        return true;
      case LCR:
        this.#lcr = byte;
        return true;
      case MCR:
        this.#mcr = byte & MCR_MASK;
        return true;
      case LSR:
      case MSR:
        return true; // read-only
      case SCR:
        this.#scr = byte;
        return true;
      default:
        return false;
    }
  }

  get #divisorAccess(): boolean {
    return (this.#lcr & LCR_DIVISOR_ACCESS) !== 0;
  }

  get #fifoEnabled(): boolean {
    return (this.#fcr & FCR_ENABLE) !== 0;
  }

  #send(byte: number): void {
    if ((this.#mcr & MCR_LOOPBACK) === 0) this.#onByte(byte);
    else this.#receive(byte);
    this.#thrEmptyPending = true;
    this.#updateLine();
  }

  /** Without FIFOs there is room for one byte; a byte too many is lost and noted. */
  #receive(byte: number): void {
    const hasRoom = this.#fifoEnabled || this.#received.size === 0;
    if (!hasRoom || !this.#received.push(byte)) this.#overrun = true;
  }

  /** The host's input waits for room, and while the receiver is looped back. */
  #receiveWaiting(): void {
    if ((this.#mcr & MCR_LOOPBACK) === 0) {
      const room = this.#fifoEnabled ? FIFO_BYTES : 1;
      while (this.#received.size < room && this.#waiting.size > 0) this.#received.push(this.#waiting.shift());
    }
    this.#updateLine();
  }

  #readData(): number {
    const byte = this.#received.shift();
    this.#receiveWaiting();
    return byte;
  }

  /** Enabling "THR empty" while it is empty raises it anew; disabling forgets it. */
  #writeInterruptEnable(ier: number): void {
    if (((ier ^ this.#ier) & IER_THR_EMPTY) !== 0) this.#thrEmptyPending = (ier & IER_THR_EMPTY) !== 0;
    this.#ier = ier;
    this.#updateLine();
  }

  #writeFifoControl(byte: number): void {
    const isSwitched = ((byte ^ this.#fcr) & FCR_ENABLE) !== 0;
    if (isSwitched || (byte & FCR_RESET_RECEIVER) !== 0) this.#received.clear();
    if (isSwitched || (byte & FCR_RESET_SENDER) !== 0) this.#thrEmptyPending = true;
    this.#fcr = byte & FCR_STICKY;
    this.#receiveWaiting();
  }

  #readInterrupt(): number {
    const identity = this.#interrupt();
    if (identity === IIR_THR_EMPTY) {
      this.#thrEmptyPending = false;
      this.#updateLine();
    }
    return identity | (this.#fifoEnabled ? IIR_FIFO_ENABLED : 0);
  }

  #readLineStatus(): number {
    const ready = this.#received.size > 0 ? LSR_DATA_READY : 0;
    const status = LSR_SENDER_EMPTY | ready | (this.#overrun ? LSR_OVERRUN : 0);
    if (this.#overrun) {
      this.#overrun = false;
      this.#updateLine();
    }
    return status;
  }

  /** In loopback DTR, RTS, OUT1 and OUT2 come back as DSR, CTS, RI and DCD. */
  #modemStatus(): number {
    if ((this.#mcr & MCR_LOOPBACK) === 0) return MSR_CONNECTED;
    return ((this.#mcr & 0x0c) << 4) | ((this.#mcr & 0x02) << 3) | ((this.#mcr & 0x01) << 5);
  }

  /** IIR without the FIFO bits: the enabled interrupt of highest priority. */
  #interrupt(): number {
    const level = TRIGGER_LEVELS[this.#fcr >>> 6] ?? 1;
    if ((this.#ier & IER_LINE_STATUS) !== 0 && this.#overrun) return IIR_LINE_STATUS;
    if ((this.#ier & IER_RECEIVED) !== 0 && this.#received.size > 0) {
      return this.#fifoEnabled && this.#received.size < level ? IIR_TIMEOUT : IIR_RECEIVED;
    }
    return (this.#ier & IER_THR_EMPTY) !== 0 && this.#thrEmptyPending ? IIR_THR_EMPTY : IIR_NONE;
  }

  #updateLine(): void {
    this.#line?.set(this.#interrupt() !== IIR_NONE);
  }

  registerName(offset: number): string {
    return REGISTER_NAMES[offset] ?? 'unimplemented';
  }

  save(): Ns16550aState {
    return {
      ier: this.#ier,
      fcr: this.#fcr,
      lcr: this.#lcr,
      mcr: this.#mcr,
      scr: this.#scr,
      divisor: this.#divisor,
      overrun: this.#overrun,
      thrEmptyPending: this.#thrEmptyPending,
      received: this.#received.save(),
      waiting: this.#waiting.save(),
    };
  }

  /** The line's level is the PLIC's to restore. */
  restore(state: Ns16550aState): void {
    this.#ier = state.ier;
    this.#fcr = state.fcr;
    this.#lcr = state.lcr;
    this.#mcr = state.mcr;
    this.#scr = state.scr;
    this.#divisor = state.divisor;
    this.#overrun = state.overrun;
    this.#thrEmptyPending = state.thrEmptyPending;
    this.#received.restore(state.received);
    this.#waiting.restore(state.waiting);
  }
}
