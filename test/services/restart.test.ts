// A guest begins anew in the middle of what its devices do for it: nothing of that reaches its next life, its neighbour's
// devices go on, and a hundred times leave the layer with what one time leaves.
import { describe, expect, it } from 'vitest';
import { images } from '../../images/index.ts';
import { virtualSource } from '../../src/machine/board.ts';
import { BLOCK_STATUS } from '../../src/machine/devices/virtio/block.ts';
import type { Booted, ModeName } from '../onboard/boot-guests.ts';
import { bootAssembled, runUntil, SHARED_MODES } from '../onboard/boot-guests.ts';
import { DISK_QUEUE, pattern, type Request, Requests, SECTOR } from './block-driver.ts';
import type { Step } from './driver.ts';
import { dataOf, DriverMemory, notify, scripted, setUp } from './driver.ts';

const MS = 1_000_000;
const LIVES = 100;
const SECTORS = 64;
const TRANSMIT = 1;
const SPEECH = 0x3_0000;

function boot(mode: ModeName): Booted {
  const disk = { size: SECTORS * SECTOR, pool: 32 * SECTOR, quota: 16 * SECTOR };
  return bootAssembled(
    mode,
    [0, 1].map((guest) => ({ source: scripted(virtualSource(guest)), priority: 1 + guest })),
    {
      services: [
        { kind: 'console', of: [0, 1] },
        { kind: 'disk', of: [0, 1], disk },
      ],
      restarts: LIVES,
    },
  );
}

/** Speaks half a line and begins with the requests; then `more`. */
function begin(booted: Booted, guest: number, requests: readonly Request[], more: (count: number) => Step[]): Requests {
  const memory = new DriverMemory(booted, guest);
  const offered = new Requests(memory, requests);
  const text = new TextEncoder().encode('half');
  memory.write(SPEECH, text);
  memory.descriptors(TRANSMIT, [{ address: dataOf(guest) + SPEECH, length: text.length }]);
  memory.available(TRANSMIT, [0]);
  memory.script([
    ...setUp('disk', guest, DISK_QUEUE),
    ...setUp('console', guest, { [TRANSMIT]: {} }),
    notify('console', TRANSMIT),
    notify('disk', 0),
    ...more(offered.count),
  ]);
  return offered;
}

/** What the layer keeps of devices, by the names of its variables. */
const KEPT = ['disks', 'requests', 'consoles', 'lines', 'asked', 'devices_asking', 'taken_for', 'taken_by', 'taken'];

function layerState(booted: Booted): Uint8Array[] {
  const name = booted.plan.layers.has('nanokernel') ? 'nanokernel' : 'hypervisor';
  const symbols: Readonly<Record<string, { readonly address: number; readonly size: number }>> = images[name].symbols;
  return KEPT.map((key) => {
    const symbol = symbols[key];
    if (symbol === undefined) throw new RangeError(`${name} has no ${key}`);
    return booted.machine.read(symbol.address, symbol.size).slice();
  });
}

describe.each(SHARED_MODES)('when %s, a guest that begins anew a hundred times', (mode) => {
  it('finds its devices as new, and its neighbour its own as they were', () => {
    const booted = boot(mode);
    const work: Request[] = Array.from({ length: 14 }, (_, n) =>
      n % 2 === 0 ? { sector: n, data: pattern(n) } : { sector: n - 1 },
    );
    const peer = begin(booted, 1, work, (count) => [['used', 0, count]]);
    const states: Uint8Array[][] = [];
    for (let life = 1; life <= LIVES; life++) {
      // Sometimes at once, sometimes while a later request moves: every life asks for the same sectors of the pool.
      const requests: Request[] = [
        { sector: 0, data: pattern(life, 12 * SECTOR) },
        { sector: 0, length: SECTORS * SECTOR },
      ];
      begin(booted, 0, requests, () => (life % 2 === 0 ? [['reboot']] : [['used', 0, 1], ['reboot']]));
      runUntil(booted, `in life ${life + 1}`, () => booted.monitor(0).heartbeats > life, 100 * MS);
      booted.machine.run(booted.machine.cycles + MS);
      states.push(layerState(booted));
    }
    expect(peer.statuses()).toEqual(work.map(() => BLOCK_STATUS.OK));
    work.forEach((_, n) => {
      if (n % 2 === 1) expect(peer.data(n)).toEqual(pattern(n - 1));
    });
    expect(states.at(-1)).toEqual(states[1]);
    const last = begin(booted, 0, [{ sector: 3, length: 2 * SECTOR }], (count) => [['used', 0, count]]);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, 100 * MS);
    expect(last.statuses()).toEqual([BLOCK_STATUS.OK]);
    // The last life but one that waited for it wrote this.
    expect(last.data(0)).toEqual(pattern(LIVES - 1, 12 * SECTOR).slice(3 * SECTOR, 5 * SECTOR));
    const lines = booted.machine.layerConsole.text().trimEnd().split('\n');
    expect(lines).toEqual(Array<string>(LIVES).fill('guest0: half'));
    expect(booted.machine.ledger.entries).toEqual([]);
  }, 240_000);
});
