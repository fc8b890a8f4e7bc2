// The shared disk: what is read and written where, what fails and how, who gets how much of a pool, what a request takes.
import { describe, expect, it } from 'vitest';
import { virtualSource } from '../../src/machine/board.ts';
import { BLOCK_REQUEST, BLOCK_STATUS } from '../../src/machine/devices/virtio/block.ts';
import { VIRTIO } from '../../src/machine/devices/virtio/registers.ts';
import { GUEST_LIMIT } from '../../src/machine/index.ts';
import type { SharedDisk } from '../../src/scenario/services.ts';
import { diskOf } from '../guests/disk-of.ts';
import type { Booted, BootOptions, ModeName } from '../onboard/boot-guests.ts';
import { bootAssembled, runToEnd, runUntil, SHARED_MODES } from '../onboard/boot-guests.ts';
import { DISK_QUEUE, pattern, type Request, Requests, SECTOR } from './block-driver.ts';
import type { Step } from './driver.ts';
import { acknowledge, DriverMemory, load, notify, scripted, setUp } from './driver.ts';

const MS = 1_000_000;
const SECTORS = 64;
const { OK, ERROR, UNSUPPORTED } = BLOCK_STATUS;

interface Driver {
  readonly memory: DriverMemory;
  readonly requests: Requests;
}

function boot(mode: ModeName, disk: Partial<SharedDisk> = {}, options: BootOptions = {}): Booted {
  const whole: SharedDisk = { size: SECTORS * SECTOR, pool: undefined, quota: undefined, ...disk };
  return bootAssembled(
    mode,
    [0, 1].map((guest) => ({ source: scripted(virtualSource(guest)) })),
    { services: [{ kind: 'disk', of: [0, 1], disk: whole }], ...options },
  );
}

function drive(booted: Booted, guest: number, requests: readonly Request[], more: readonly Step[] = []): Driver {
  const memory = new DriverMemory(booted, guest);
  const offered = new Requests(memory, requests);
  memory.script([...setUp('disk', guest, DISK_QUEUE), notify('disk', 0), ['used', 0, offered.count], ...more]);
  return { memory, requests: offered };
}

/** Runs requests of both guests to their end. */
function run(booted: Booted, first: readonly Request[], second: readonly Request[] = []): readonly [Driver, Driver] {
  const drivers = [drive(booted, 0, first), drive(booted, 1, second)] as const;
  runToEnd(booted, 50 * MS);
  expect(booted.machine.ledger.entries).toEqual([]);
  expect(booted.machine.layerConsole.text()).toBe('');
  return drivers;
}

const write = (sector: number, key: number, length = SECTOR): Request => ({ sector, data: pattern(key, length) });
const read = (sector: number, length = SECTOR): Request => ({ sector, length });

/** The layer's disk as it is now. */
function layerDisk(booted: Booted): Uint8Array {
  const slot = booted.plan.machine.virtio?.find((candidate) => candidate.slot === GUEST_LIMIT);
  if (slot?.kind !== 'block') throw new RangeError('the layer has no disk');
  return diskOf(booted.machine, GUEST_LIMIT, slot.image);
}

describe.each(SHARED_MODES)('a share of the layer’s disk, when %s,', (mode) => {
  it('holds what its guest writes, and nothing of the other', () => {
    const booted = boot(mode);
    const [one, other] = run(
      booted,
      [write(3, 1), write(63, 2), read(3), read(63), read(0)],
      [write(3, 3), read(3), read(63)],
    );
    expect(one.requests.statuses()).toEqual([OK, OK, OK, OK, OK]);
    expect([2, 3].map((index) => one.requests.data(index))).toEqual([pattern(1), pattern(2)]);
    expect(other.requests.data(1)).toEqual(pattern(3));
    const part = SECTORS * SECTOR;
    const bytes = layerDisk(booted);
    expect(bytes.slice(3 * SECTOR, 4 * SECTOR)).toEqual(pattern(1));
    expect(bytes.slice(part + 3 * SECTOR, part + 4 * SECTOR)).toEqual(pattern(3));
    expect(one.requests.data(4)).toEqual(bytes.slice(0, SECTOR));
    expect(other.requests.data(2)).toEqual(bytes.slice(part + 63 * SECTOR));
    // Head by head, with the bytes that were written into the guest's memory.
    const written = [1, 1, SECTOR + 1, SECTOR + 1, SECTOR + 1];
    expect(one.memory.used(0)).toEqual(one.requests.heads.map((head, n) => ({ head, written: written[n] })));
  });

  it('moves long requests, however they are cut', () => {
    const length = 20 * SECTOR;
    const cuts = [1, 1000, 4096, length - 5097];
    const [{ requests }] = run(boot(mode), [
      { ...write(7, 5, length), cuts },
      { ...read(7, length), cuts: [...cuts].reverse() },
      read(8, 2 * SECTOR),
      { sector: 9, length: 0, cuts: [] },
    ]);
    expect(requests.statuses()).toEqual([OK, OK, OK, OK]);
    expect(requests.data(1)).toEqual(pattern(5, length));
    expect(requests.data(2)).toEqual(pattern(5, length).slice(SECTOR, 3 * SECTOR));
  });

  it('refuses what does not lie on it, request by request, and goes on', () => {
    const booted = boot(mode);
    const before = layerDisk(booted);
    const [{ requests, memory }] = run(booted, [
      read(SECTORS),
      write(SECTORS, 1),
      read(SECTORS - 1, 2 * SECTOR),
      { sector: 2n ** 64n - 1n },
      { sector: 2n ** 63n, data: pattern(2) },
      read(1, 100),
      write(1, 1, 700),
      { type: BLOCK_REQUEST.FLUSH, sector: 0 },
      { type: BLOCK_REQUEST.IDENTIFY, sector: 0, length: 20 },
      { type: 0xffff_ffff, sector: 0 },
      read(SECTORS - 1),
    ]);
    expect(requests.statuses()).toEqual([...Array<number>(7).fill(ERROR), ...Array<number>(3).fill(UNSUPPORTED), OK]);
    expect(memory.used(0)).toHaveLength(11);
    expect(layerDisk(booted)).toEqual(before);
  });

  it('takes turns: a short request waits for one piece of a long one', () => {
    const booted = boot(mode);
    drive(booted, 0, [read(0, SECTORS * SECTOR)]);
    drive(booted, 1, [read(0)]);
    runUntil(booted, 'served', () => booted.monitor(1).ended, 50 * MS);
    expect(booted.monitor(0).ended).toBe(false);
    runToEnd(booted, 50 * MS);
  });

  it('forgets what moves for a driver that resets it, and serves it anew', () => {
    const booted = boot(mode);
    const memory = new DriverMemory(booted, 0);
    const list = [write(5, 1, 8 * SECTOR), read(5, 8 * SECTOR)];
    const [, anew] = [0, 4].map((room) => new Requests(memory, list, room));
    memory.script([
      ...setUp('disk', 0, DISK_QUEUE),
      notify('disk', 0),
      ...setUp('disk', 0, { 0: { size: 64, room: 4 } }),
      notify('disk', 0),
      ['used', 4, list.length],
    ]);
    drive(booted, 1, [write(5, 2), read(5)]);
    runToEnd(booted, 50 * MS);
    expect(memory.used(0)).toEqual([]);
    expect(anew?.statuses()).toEqual([OK, OK]);
    expect(anew?.data(1)).toEqual(pattern(1, 8 * SECTOR));
  });

  it('tells its size, and why it interrupts', () => {
    const booted = boot(mode);
    drive(booted, 0, [read(0)], [...acknowledge('disk'), load('disk', VIRTIO.CONFIG), ['claim']]);
    drive(booted, 1, []);
    runToEnd(booted, 50 * MS);
    expect(booted.reports(0)).toEqual([BigInt(virtualSource(0)), 1n, BigInt(SECTORS), 0n]);
  });
});

describe.each(SHARED_MODES)('a pool, when %s,', (mode) => {
  const pool = 8 * SECTOR;

  it('takes what is written first, and leaves what was there to be read', () => {
    const booted = boot(mode, { pool });
    const before = layerDisk(booted);
    const [one, other] = run(booted, [write(5, 1), write(6, 2), write(5, 3), read(5, 2 * SECTOR)], [read(5)]);
    expect(one.requests.statuses()).toEqual([OK, OK, OK, OK]);
    expect(one.requests.data(3)).toEqual(Uint8Array.from([...pattern(3), ...pattern(2)]));
    const parts = 2 * SECTORS * SECTOR;
    expect(other.requests.data(0)).toEqual(before.slice(parts / 2 + 5 * SECTOR, parts / 2 + 6 * SECTOR));
    expect(layerDisk(booted).slice(0, parts)).toEqual(before.slice(0, parts));
  });

  it('without a quota is gone when one guest has taken it; what it has stays writable', () => {
    const booted = boot(mode, { pool });
    const greedy = Array.from({ length: 10 }, (_, n) => write(n, n));
    const memory = [0, 1].map((guest) => new DriverMemory(booted, guest));
    drive(booted, 0, [...greedy, write(0, 20), read(0)]);
    runUntil(booted, 'taken', () => booted.monitor(0).ended, 50 * MS);
    const late = drive(booted, 1, [write(0, 1), read(0)]);
    runToEnd(booted, 50 * MS);
    expect(memory[0]?.used(0)).toHaveLength(12);
    expect(late.requests.statuses()).toEqual([ERROR, OK]);
  });

  it('with a quota has room for everyone, whatever one of them does', () => {
    const booted = boot(mode, { pool, quota: pool / 2 });
    const { requests } = drive(
      booted,
      0,
      Array.from({ length: 10 }, (_, n) => write(n, n)),
    );
    runUntil(booted, 'taken', () => booted.monitor(0).ended, 50 * MS);
    const late = drive(booted, 1, [write(0, 1), write(9, 2, 3 * SECTOR), write(20, 3), read(0), read(10)]);
    runToEnd(booted, 50 * MS);
    expect(requests.statuses()).toEqual([...Array<number>(4).fill(OK), ...Array<number>(6).fill(ERROR)]);
    expect(late.requests.statuses()).toEqual([OK, OK, ERROR, OK, OK]);
    expect(late.requests.data(3)).toEqual(pattern(1));
    expect(late.requests.data(4)).toEqual(pattern(2, 3 * SECTOR).slice(SECTOR, 2 * SECTOR));
  });
});
