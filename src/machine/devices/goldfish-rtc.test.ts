import { describe, expect, it } from 'vitest';
import { Clock } from '../clock.ts';
import { OWNER_LAYER, OWNER_RUNNING, REFUSED } from './device.ts';
import { GoldfishRtc, RTC, RTC_EPOCH } from './goldfish-rtc.ts';

class Harness {
  readonly clock = new Clock();
  pin = false;
  readonly rtc = new GoldfishRtc({
    clock: this.clock,
    epoch: RTC_EPOCH,
    line: {
      set: (high) => {
        this.pin = high;
      },
    },
  });

  get(offset: number): number {
    return this.rtc.read(offset, 4, 0);
  }

  put(offset: number, value: number): void {
    this.rtc.write(offset, 4, value, 0);
  }

  now(): bigint {
    const low = BigInt(this.get(RTC.TIME_LOW));
    return (BigInt(this.get(RTC.TIME_HIGH)) << 32n) | low;
  }

  setAlarm(at: bigint): void {
    this.put(RTC.ALARM_HIGH, Number(at >> 32n));
    this.put(RTC.ALARM_LOW, Number(at & 0xffff_ffffn));
  }

  advance(cycles: number): void {
    this.clock.now += cycles;
    this.clock.runDue();
  }
}

const START = BigInt(RTC_EPOCH) * 1_000_000_000n;

describe('the real-time clock', () => {
  it('counts nanoseconds of virtual time from its epoch', () => {
    const h = new Harness();
    // 1970 to 2025, fourteen leap years among them.
    expect(RTC_EPOCH).toBe((56 * 365 + 14) * 86_400);
    expect(h.now()).toBe(START);
    h.advance(1_234_567_890_123);
    expect(h.now()).toBe(START + 1_234_567_890_123n);
  });

  it('latches the high half with the low one', () => {
    const h = new Harness();
    const high = h.get(RTC.TIME_HIGH);
    expect(high, 'nothing latched yet').toBe(0);
    const low = h.get(RTC.TIME_LOW);
    h.advance(2 ** 33);
    expect((BigInt(h.get(RTC.TIME_HIGH)) << 32n) | BigInt(low)).toBe(START);
  });

  it('can be set', () => {
    const h = new Harness();
    h.advance(5000);
    h.put(RTC.TIME_HIGH, 0x1234);
    h.put(RTC.TIME_LOW, 0xffff_fff0);
    h.advance(0x20);
    expect(h.now()).toBe(0x1235_0000_0010n);
  });

  it('rings at the alarm, once, and until it is acknowledged', () => {
    const h = new Harness();
    h.put(RTC.INTERRUPT_ENABLE, 1);
    h.setAlarm(START + 1000n);
    expect([h.get(RTC.ALARM_STATUS), h.get(RTC.INTERRUPT_ENABLE), h.pin]).toEqual([1, 1, false]);
    expect((BigInt(h.get(RTC.ALARM_HIGH)) << 32n) | BigInt(h.get(RTC.ALARM_LOW))).toBe(START + 1000n);
    h.advance(999);
    expect(h.pin).toBe(false);
    h.advance(1);
    expect([h.pin, h.get(RTC.ALARM_STATUS)]).toEqual([true, 0]);
    h.put(RTC.CLEAR_INTERRUPT, 1);
    h.advance(10_000);
    expect(h.pin).toBe(false);
  });

  it('rings at once for an alarm in the past, never for a cleared one, nor for the end of time', () => {
    const h = new Harness();
    h.setAlarm(START);
    expect([h.pin, h.get(RTC.ALARM_STATUS)]).toEqual([false, 0]);
    h.put(RTC.INTERRUPT_ENABLE, 1);
    expect(h.pin, 'it waited to be enabled').toBe(true);
    h.put(RTC.CLEAR_INTERRUPT, 0);
    h.setAlarm(START + 500n);
    h.put(RTC.CLEAR_ALARM, 0);
    h.setAlarm(2n ** 64n - 1n);
    expect([h.get(RTC.ALARM_STATUS), h.clock.nextCycle()]).toEqual([1, Number.POSITIVE_INFINITY]);
    h.advance(1000);
    expect(h.pin).toBe(false);
  });

  it('goes on after a restore', () => {
    const h = new Harness();
    h.put(RTC.INTERRUPT_ENABLE, 1);
    h.put(RTC.TIME_HIGH, 5);
    h.get(RTC.TIME_LOW);
    h.setAlarm(h.now() + 100n);
    const state = structuredClone({ rtc: h.rtc.save(), clock: h.clock.save() });
    const other = new Harness();
    other.rtc.restore(state.rtc);
    other.clock.restore(state.clock);
    expect([other.get(RTC.TIME_HIGH), other.now()]).toEqual([5, h.now()]);
    other.advance(100);
    expect(other.pin).toBe(true);
  });

  it('is read by anybody and set by the layer', () => {
    const { rtc } = new Harness();
    expect([rtc.owners(0, 4, 0, false), rtc.owners(0, 4, 0, true)]).toEqual([[OWNER_RUNNING], [OWNER_LAYER]]);
    expect([rtc.read(0, 1, 0), rtc.write(0, 2, 0, 0), rtc.read(0x20, 4, 0)]).toEqual([REFUSED, false, 0]);
    expect([rtc.registerName(4), rtc.registerName(0x20)]).toEqual(['TIME_HIGH', 'unimplemented']);
  });
});
