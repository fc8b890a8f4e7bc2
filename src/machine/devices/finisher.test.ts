import { expect, it } from 'vitest';
import { REFUSED } from './device.ts';
import type { Finish } from './finisher.ts';
import { Finisher } from './finisher.ts';

function newFinisher(): { finisher: Finisher; log: [Finish, number][] } {
  const log: [Finish, number][] = [];
  return { finisher: new Finisher((finish, world) => log.push([finish, world])), log };
}

it('the finisher understands pass, fail with a code, and reset', () => {
  const { finisher, log } = newFinisher();
  for (const word of [0x5555, 0x0007_3333, 0x7777]) finisher.write(0, 4, word, 1);
  expect(log).toEqual([
    [{ kind: 'pass', code: 0 }, 1],
    [{ kind: 'fail', code: 7 }, 1],
    [{ kind: 'reset', code: 0 }, 1],
  ]);
  expect(finisher.save()).toEqual({ finish: { kind: 'reset', code: 0 } });
  const other = newFinisher().finisher;
  other.restore(finisher.save());
  expect(other.save()).toEqual(finisher.save());
});

it('the finisher ignores other words and offsets, and refuses bytes as QEMU does', () => {
  const { finisher, log } = newFinisher();
  for (const word of [0, 0x1234, 0x5556]) expect(finisher.write(0, 4, word, 0)).toBe(true);
  expect(finisher.write(4, 4, 0x5555, 0)).toBe(true);
  expect(finisher.write(0, 1, 0x55, 0)).toBe(false);
  expect(log).toEqual([]);
  expect([finisher.read(0, 4, 0), finisher.read(8, 2, 0), finisher.read(0, 1, 0)]).toEqual([0, 0, REFUSED]);
  finisher.write(0, 2, 0x5555, 0);
  expect(log).toHaveLength(1);
});
