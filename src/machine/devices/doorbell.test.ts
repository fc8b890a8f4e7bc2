import { expect, it } from 'vitest';
import { REFUSED } from './device.ts';
import { DOORBELL, Doorbell } from './doorbell.ts';

function newDoorbell(): { doorbell: Doorbell; log: string[] } {
  const log: string[] = [];
  const line = (source: number) => ({ set: (high: boolean) => log.push(`${source}${high ? '+' : '-'}`) });
  const lines = new Map([9, 24, 25, 31].map((source) => [source, line(source)]));
  return { doorbell: new Doorbell(lines), log };
}

it('the doorbell raises a source until it is lowered', () => {
  const { doorbell, log } = newDoorbell();
  doorbell.write(DOORBELL.RAISE, 4, 24, -1);
  doorbell.write(DOORBELL.RAISE, 4, 31, -1);
  doorbell.write(DOORBELL.RAISE, 4, 9, -1);
  doorbell.write(DOORBELL.LOWER, 4, 24, -1);
  doorbell.write(DOORBELL.LOWER, 4, 9, -1);
  expect(log).toEqual(['24+', '31+', '9+', '24-', '9-']);
  expect(doorbell.read(DOORBELL.RAISE, 4, -1)).toBe(0x8000_0000);
  const other = newDoorbell().doorbell;
  other.restore(doorbell.save());
  expect(other.read(DOORBELL.LOWER, 4, -1)).toBe(0x8000_0000);
});

it('the doorbell has no other lines and no other registers', () => {
  const { doorbell, log } = newDoorbell();
  for (const source of [0, 8, 10, 23, 26, 32, 56, 0xffff_ffff]) expect(doorbell.write(0, 4, source, -1)).toBe(true);
  expect(log).toEqual([]);
  expect(doorbell.read(8, 4, -1)).toBe(REFUSED);
  expect(doorbell.write(8, 4, 24, -1)).toBe(false);
  expect(doorbell.write(0, 1, 24, -1)).toBe(false);
  expect(() => new Doorbell(new Map([[32, { set: () => {} }]]))).toThrow(RangeError);
});
