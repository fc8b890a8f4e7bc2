import { describe, expect, it } from 'vitest';
import type { HartTimer } from './clint.ts';
import { CLINT, Clint } from './clint.ts';
import { REFUSED } from './device.ts';

class Timer implements HartTimer {
  software = [false, false];
  low = [0, 0];
  high = [0, 0];
  time: [number, number] = [0x9000_0000, 1];
  setSoftware(hart: number, high: boolean): void {
    this.software[hart] = high;
  }
  compareLow(hart: number): number {
    return this.low[hart] ?? 0;
  }
  compareHigh(hart: number): number {
    return this.high[hart] ?? 0;
  }
  setCompare(hart: number, low: number, high: number): void {
    this.low[hart] = low;
    this.high[hart] = high;
  }
  timeLow(): number {
    return this.time[0] | 0; // a signed half, as an i32 comes out of Wasm
  }
  timeHigh(): number {
    return this.time[1];
  }
  setTime(low: number, high: number): void {
    this.time = [low, high];
  }
}

describe('the CLINT', () => {
  it('has one bit of msip per hart', () => {
    const timer = new Timer();
    const clint = new Clint(2, timer);
    clint.write(CLINT.MSIP + 4, 4, 0xffff_ffff, 0);
    expect(timer.software).toEqual([false, true]);
    expect(clint.read(CLINT.MSIP + 4, 4, 0)).toBe(1);
    clint.write(CLINT.MSIP + 4, 4, 0xffff_fffe, 0);
    expect(timer.software).toEqual([false, false]);
  });

  it('gives access to the halves of mtimecmp and mtime', () => {
    const timer = new Timer();
    const clint = new Clint(2, timer);
    clint.write(CLINT.MTIMECMP + 8, 4, 0xffff_ffff, 0);
    clint.write(CLINT.MTIMECMP + 12, 4, 5, 0);
    expect([timer.low, timer.high]).toEqual([
      [0, 0xffff_ffff],
      [0, 5],
    ]);
    expect(clint.read(CLINT.MTIMECMP + 8, 4, 0)).toBe(0xffff_ffff);
    expect(clint.read(CLINT.MTIMECMP + 12, 4, 0)).toBe(5);
    expect([clint.read(CLINT.MTIME, 4, 0), clint.read(CLINT.MTIME + 4, 4, 0)]).toEqual([0x9000_0000, 1]);
    clint.write(CLINT.MTIME, 4, 7, 0);
    clint.write(CLINT.MTIME + 4, 4, 8, 0);
    expect(timer.time).toEqual([7, 8]);
  });

  it('reads zero where there is no hart, and refuses accesses below 32 bits', () => {
    const clint = new Clint(1, new Timer());
    for (const offset of [CLINT.MSIP + 4, 0x3ffc, CLINT.MTIMECMP + 8, 0xbff4, 0xc000, 0xfffc]) {
      expect(clint.write(offset, 4, 0xffff_ffff, 0)).toBe(true);
      expect(clint.read(offset, 4, 0)).toBe(0);
      expect(clint.registerName(offset)).toBe('unimplemented');
    }
    expect(clint.read(CLINT.MTIME, 1, 0)).toBe(REFUSED);
    expect(clint.write(CLINT.MSIP, 2, 1, 0)).toBe(false);
    expect([0, CLINT.MTIMECMP, CLINT.MTIME].map((offset) => clint.registerName(offset))).toEqual([
      'msip0',
      'mtimecmp0',
      'mtime',
    ]);
  });

  it('saves msip', () => {
    const clint = new Clint(2, new Timer());
    clint.write(4, 4, 1, 0);
    expect(clint.save()).toEqual({ software: [0, 1] });
    const other = new Clint(2, new Timer());
    other.restore(clint.save());
    expect(other.read(4, 4, 0)).toBe(1);
  });
});
