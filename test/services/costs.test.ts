// Instructions of the layers for what virtual devices do: printed, and held below bounds. Each is the difference between
// doing it once and many times in one life of a guest, divided by how many.
import { describe, expect, it } from 'vitest';
import { virtualSource } from '../../src/machine/board.ts';
import { VIRTIO } from '../../src/machine/devices/virtio/registers.ts';
import type { Service } from '../../src/scenario/services.ts';
import type { ModeName } from '../onboard/boot-guests.ts';
import { bootAssembled, runToEnd, SHARED_MODES } from '../onboard/boot-guests.ts';
import { DISK_QUEUE, Requests, SECTOR } from './block-driver.ts';
import type { Step } from './driver.ts';
import { BUFFERS, dataOf, DriverMemory, load, notify, scripted, setUp } from './driver.ts';

const MS = 1_000_000;
const MANY = 11;
const TRANSMIT = 1;
const SERVICES: readonly Service[] = [
  { kind: 'console', of: [0] },
  { kind: 'disk', of: [0], disk: { size: 64 * SECTOR, pool: undefined, quota: undefined } },
];

/** Lays out `count` acts, and what the driver does for them. */
type Acts = (memory: DriverMemory, count: number) => Step[];

const reads =
  (sectors: number): Acts =>
  (memory, count) => {
    const { count: offered } = new Requests(
      memory,
      Array.from({ length: count }, () => ({ sector: 0, length: sectors * SECTOR })),
    );
    return [...setUp('disk', 0, DISK_QUEUE), notify('disk', 0), ['spin', 0, offered]];
  };

const lines: Acts = (memory, count) => {
  const text = new TextEncoder().encode(`${'x'.repeat(31)}\n`);
  memory.write(BUFFERS, text);
  memory.descriptors(
    TRANSMIT,
    Array.from({ length: count }, () => ({ address: dataOf(0) + BUFFERS, length: text.length })),
  );
  memory.available(TRANSMIT, [...Array(count).keys()]);
  return [...setUp('console', 0, { [TRANSMIT]: { size: 64 } }), notify('console', TRANSMIT), ['spin', TRANSMIT, count]];
};

const loads: Acts = (_, count) => Array.from({ length: count }, () => load('disk', VIRTIO.STATUS));

function instructions(mode: ModeName, acts: Acts, count: number): number {
  const booted = bootAssembled(mode, [{ source: scripted(virtualSource(0)) }], { services: SERVICES });
  const memory = new DriverMemory(booted, 0);
  memory.script(acts(memory, count));
  runToEnd(booted, 100 * MS);
  const { layer, firmware, guests } = booted.machine.accounting();
  return layer.instret + firmware.instret + guests.reduce((sum, guest) => sum + guest.layerInstret, 0);
}

/** About one third more than when this was written. */
const ACTS: readonly [string, Acts, number][] = [
  ['load of a register', loads, 750],
  ['32 bytes to the console', lines, 3600],
  ['one sector from the disk', reads(1), 4400],
  ['eight sectors from the disk', reads(8), 7400],
];

describe.each(SHARED_MODES)('when %s, the layer takes for', (mode) => {
  it.each(ACTS)('a %s no more than it need', (what, acts, bound) => {
    const each = (instructions(mode, acts, MANY) - instructions(mode, acts, 1)) / (MANY - 1);
    process.stdout.write(`${mode}: ${what}: ${each.toFixed(0)} instructions\n`);
    expect(each).toBeLessThan(bound);
    expect(each).toBeGreaterThan(0);
  });
});
