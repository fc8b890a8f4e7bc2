// A guest that begins anew finds its virtual devices as after power-on, and its peer sees it go and come.
import { describe, expect, it } from 'vitest';
import { virtualSource } from '../../src/machine/board.ts';
import { bootAssembled, DATA_OFFSET, END, report, runToEnd, SHARED_MODES, slotOf } from '../onboard/boot-guests.ts';
import { pageOf, type Step, setUp } from './driver.ts';

const MS = 1_000_000;
const line = pageOf('serial');
const card = pageOf('ethernet');
const [MCR, MSR, IER] = [4, 6, 1];
const CTS = 0x10;
const NOTIFY = 0x50;
const FRAME_BYTES = 60;

const store = (width: 'b' | 'h' | 'w', address: number, value: number): string =>
  `li t0, ${address}\n li t1, ${value}\n s${width} t1, 0(t0)\n`;
const load = (address: number): string => `li t0, ${address}\n lbu t1, 0(t0)\n`;
const stores = (steps: readonly Step[]): string =>
  steps.map(([, address = 0, value = 0]) => store('w', address, value)).join('');

const dataOf = (guest: number): number => slotOf(guest) + DATA_OFFSET;
/** One chain of a queue, laid out as the driver of these tests has it, and offered. */
const chain = (guest: number, queue: number, bytes: number, flags: number): string => {
  const base = dataOf(guest) + 0x1000 * queue;
  return `${store('w', base, dataOf(guest) + 0x8000)}${store('w', base + 8, bytes)}${store('w', base + 12, flags)}
    ${store('h', base + 0x402, 1)}`;
};

/** The next change of the peer's lines. */
const event = `
88: wfi
  csrr t0, sip
  andi t0, t0, 0x200
  beqz t0, 88b
  li t2, PLIC + 0x201004
  lwu s2, 0(t2)
  ${load(line + MSR)}${report('t1')}
  sw s2, 0(t2)
`;

/** Runs whenever it can: hears of its peer's two lives and of the end between them, then sends it a frame. */
const watcher = `
  ${store('w', 0x0c00_2080, 1 << virtualSource(0))}
  li t0, 0x200
  csrw sie, t0
  ${store('b', line + MCR, 3)}${store('b', line + IER, 8)}
  ${event}${event}
  ${store('b', line + MCR, 1)}
  ${event}
  ${stores(setUp('ethernet', 0, { 1: {} }))}${chain(0, 1, 12 + FRAME_BYTES, 0)}
  ${[0x52, 0x54, 0, 0x7a, 0xc0, 2].map((byte, at) => store('b', dataOf(0) + 0x8000 + 12 + at, byte)).join('')}
  ${store('w', card + NOTIFY, 1)}
  ${END}
`;

/** In both lives it has in memory what a driver would; only in the first, told by its peer's RTS, does it start the card,
 * and then asks for its reset. */
const mortal = `
  ${chain(1, 0, 1600, 2)}
  ${store('b', line + MCR, 3)}
  ${load(line + MSR)}
  andi t1, t1, ${CTS}
  beqz t1, 2f
  ${stores(setUp('ethernet', 1, { 0: {} }))}
  li a7, 0x53525354
  li a6, 0
  li a0, 1
  li a1, 0
  ecall
2:
  ${END}
`;

describe.each(SHARED_MODES)('a guest that begins anew, when %s,', (mode) => {
  it('hangs up, comes back, and takes no frame before it has a driver', () => {
    const booted = bootAssembled(
      mode,
      [
        { source: watcher, priority: 2 },
        { source: mortal, priority: 1 },
      ],
      {
        services: [
          { kind: 'serial', of: [0, 1] },
          { kind: 'ethernet', of: [0, 1] },
        ],
      },
    );
    runToEnd(booted, 100 * MS);
    expect(booted.reports(0).map(Number)).toEqual([0xbb, 0x0b, 0xbb]);
    expect([booted.layerVariable('ethernet_delivered'), booted.layerVariable('ethernet_lost')]).toEqual([0, 1]);
    expect([...booted.machine.read(dataOf(1) + 0x8000, 64)]).toEqual(Array(64).fill(0));
  });
});
