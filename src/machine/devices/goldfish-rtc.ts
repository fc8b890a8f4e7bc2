// The real-time clock of QEMU's `virt` (Goldfish): nanoseconds since 1970 in virtual time, that is from an epoch which is
// the same in every run. One cycle is one nanosecond.

import type { ClockTarget, Scheduler } from '../clock.ts';
import type { Device, InterruptLine } from './device.ts';
import { OWNER_LAYER, OWNER_RUNNING, REFUSED } from './device.ts';

/** Registers of 32 bits. Reading TIME_LOW latches what TIME_HIGH then reads; storing ALARM_LOW arms the alarm. */
export const RTC = {
  TIME_LOW: 0x00,
  TIME_HIGH: 0x04,
  ALARM_LOW: 0x08,
  ALARM_HIGH: 0x0c,
  INTERRUPT_ENABLE: 0x10,
  CLEAR_ALARM: 0x14,
  ALARM_STATUS: 0x18,
  CLEAR_INTERRUPT: 0x1c,
} as const;

/** 2026-01-01T00:00:00Z, in seconds. */
export const RTC_EPOCH = 1_767_225_600;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/** An alarm further ahead than this, seven weeks, never comes: no run is so long. */
const ALARM_CYCLES_MAX = 2n ** 52n;
const LOW_MASK = 0xffff_ffffn;

const REGISTER_NAMES = new Map<number, string>(Object.entries(RTC).map(([name, offset]) => [offset, name]));

export interface GoldfishRtcState {
  /** Nanoseconds since 1970 at cycle 0, modulo 2^64. */
  start: bigint;
  latchedHigh: number;
  alarm: bigint;
  isArmed: boolean;
  interruptEnable: boolean;
  interruptPending: boolean;
}

export interface GoldfishRtcOptions {
  readonly clock: Scheduler;
  readonly line: InterruptLine;
  /** Seconds since 1970 at cycle 0. */
  readonly epoch: number;
}

export class GoldfishRtc implements Device, ClockTarget {
  readonly name = 'rtc';
  readonly size = 0x1000;
  readonly #clock: Scheduler;
  readonly #line: InterruptLine;
  #start: bigint;
  #latchedHigh = 0;
  #alarm = 0n;
  #isArmed = false;
  #interruptEnable = false;
  #interruptPending = false;

  constructor(options: GoldfishRtcOptions) {
    this.#clock = options.clock;
    this.#line = options.line;
    this.#start = BigInt(options.epoch) * NANOSECONDS_PER_SECOND;
    this.#clock.register(this);
  }

  get #now(): bigint {
    return BigInt.asUintN(64, this.#start + BigInt(this.#clock.now));
  }

  /** As in QEMU: other widths are refused, registers that are write-only or absent read zero. */
  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    if (width !== 4) return REFUSED;
    switch (offset) {
      case RTC.TIME_LOW:
        this.#latchedHigh = Number(this.#now >> 32n);
        return Number(this.#now & LOW_MASK);
      case RTC.TIME_HIGH:
        return this.#latchedHigh;
      case RTC.ALARM_LOW:
        return Number(this.#alarm & LOW_MASK);
      case RTC.ALARM_HIGH:
        return Number(this.#alarm >> 32n);
      case RTC.INTERRUPT_ENABLE:
        return this.#interruptEnable ? 1 : 0;
      case RTC.ALARM_STATUS:
        return this.#isArmed ? 1 : 0;
      default:
        return 0;
    }
  }

  write(offset: number, width: 1 | 2 | 4, value: number, _world: number): boolean {
    if (width !== 4) return false;
    switch (offset) {
      case RTC.TIME_LOW:
        this.#setTime(withLow(this.#now, value));
        break;
      case RTC.TIME_HIGH:
        this.#setTime(withHigh(this.#now, value));
        break;
      case RTC.ALARM_LOW:
        this.#alarm = withLow(this.#alarm, value);
        this.#arm();
        break;
      case RTC.ALARM_HIGH:
        this.#alarm = withHigh(this.#alarm, value);
        break;
      case RTC.INTERRUPT_ENABLE:
        this.#interruptEnable = (value & 1) !== 0;
        break;
      case RTC.CLEAR_ALARM:
        this.#disarm();
        break;
      case RTC.CLEAR_INTERRUPT:
        this.#interruptPending = false;
        break;
    }
    this.#updateLine();
    return true;
  }

  #setTime(now: bigint): void {
    this.#start = BigInt.asUintN(64, now - BigInt(this.#clock.now));
  }

  #disarm(): void {
    this.#isArmed = false;
    this.#clock.cancel(this);
  }

  /** An alarm in the past rings at once. */
  #arm(): void {
    this.#disarm();
    const ahead = this.#alarm - this.#now;
    if (ahead <= 0n) {
      this.#interruptPending = true;
      return;
    }
    this.#isArmed = true;
    if (ahead <= ALARM_CYCLES_MAX) this.#clock.schedule(Number(ahead), this, 0);
  }

  fire(_tag: number): void {
    this.#isArmed = false;
    this.#interruptPending = true;
    this.#updateLine();
  }

  #updateLine(): void {
    this.#line.set(this.#interruptEnable && this.#interruptPending);
  }

  /** Whoever looks at the clock touches nobody. */
  owners(_offset: number, _width: 1 | 2 | 4, _value: number, write: boolean): number[] {
    return [write ? OWNER_LAYER : OWNER_RUNNING];
  }

  registerName(offset: number): string {
    return REGISTER_NAMES.get(offset) ?? 'unimplemented';
  }

  save(): GoldfishRtcState {
    return {
      start: this.#start,
      latchedHigh: this.#latchedHigh,
      alarm: this.#alarm,
      isArmed: this.#isArmed,
      interruptEnable: this.#interruptEnable,
      interruptPending: this.#interruptPending,
    };
  }

  /** The clock restores the alarm's event, the PLIC the line's level. */
  restore(state: GoldfishRtcState): void {
    this.#start = state.start;
    this.#latchedHigh = state.latchedHigh;
    this.#alarm = state.alarm;
    this.#isArmed = state.isArmed;
    this.#interruptEnable = state.interruptEnable;
    this.#interruptPending = state.interruptPending;
  }
}

function withLow(value: bigint, low: number): bigint {
  return (value & ~LOW_MASK) | BigInt(low);
}

function withHigh(value: bigint, high: number): bigint {
  return (value & LOW_MASK) | (BigInt(high) << 32n);
}
