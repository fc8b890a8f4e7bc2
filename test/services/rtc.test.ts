// The virtual clock: the time of the machine for everyone, which nobody sets.
import { describe, expect, it } from 'vitest';
import { RTC, RTC_EPOCH } from '../../src/machine/devices/goldfish-rtc.ts';
import { bootAssembled, END, report, runToEnd, SHARED_MODES } from '../onboard/boot-guests.ts';
import { pageOf } from './driver.ts';

const READ = `
  csrr s1, time
  lwu s2, ${RTC.TIME_LOW}(s0)
  csrr s3, time
  lwu s4, ${RTC.TIME_HIGH}(s0)
  slli s4, s4, 32
  or s2, s2, s4
  ${['s1', 's2', 's3'].map(report).join('')}
`;
const STORES = [RTC.TIME_HIGH, RTC.TIME_LOW, RTC.ALARM_HIGH, RTC.ALARM_LOW, RTC.INTERRUPT_ENABLE];
const SET = STORES.map((offset) => `li t0, 1\n sw t0, ${offset}(s0)\n`).join('');
const START = BigInt(RTC_EPOCH) * 1_000_000_000n;
const TICK = 100n;

describe.each(SHARED_MODES)('the virtual clock, when %s,', (mode) => {
  it('tells the time of the machine since the epoch, whatever is stored to it', () => {
    const source = `li s0, ${pageOf('rtc')}\n ${READ} ${SET} ${READ} lwu t1, ${RTC.ALARM_STATUS}(s0)\n ${report('t1')} ${END}`;
    const booted = bootAssembled(mode, [{ source }, { source }], { services: [{ kind: 'rtc', of: [0, 1] }] });
    runToEnd(booted, 20_000_000);
    for (const guest of [0, 1]) {
      const [before = 0n, time = 0n, after = 0n, , later = 0n, last = 0n, alarm] = booted.reports(guest);
      expect(time).toBeGreaterThanOrEqual(START + before * TICK);
      expect(time).toBeLessThanOrEqual(START + after * TICK);
      expect(later).toBeGreaterThan(time);
      expect(later).toBeLessThanOrEqual(START + last * TICK);
      expect(alarm).toBe(0n);
    }
    expect(booted.machine.ledger.entries).toEqual([]);
  });
});
