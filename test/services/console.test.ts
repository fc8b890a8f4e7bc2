// The shared console: what guests say comes out of the layer's one UART, each line whole and with its speaker's name. It is
// the simplest virtual device, so what holds for all of them is looked at here too: registers, interrupts, the window.
import { describe, expect, it } from 'vitest';
import { virtualSource } from '../../src/machine/board.ts';
import { VIRTIO, VIRTIO_MAGIC } from '../../src/machine/devices/virtio/registers.ts';
import type { Service } from '../../src/scenario/services.ts';
import type { Booted, BootOptions, ModeName } from '../onboard/boot-guests.ts';
import { bootAssembled, END, report, runToEnd, SHARED_MODES } from '../onboard/boot-guests.ts';
import { buildTables, turnOnPaging, windowAddress } from '../onboard/page-tables.ts';
import type { Step } from './driver.ts';
import { acknowledge, BUFFERS, dataOf, DriverMemory, FLAG, load, notify, pageOf, scripted, setUp } from './driver.ts';

const TRANSMIT = 1;
const CONSOLE: readonly Service[] = [{ kind: 'console', of: [0, 1] }];
const MS = 1_000_000;
const page = pageOf('console');

const bootDrivers = (mode: ModeName, options: BootOptions = {}): Booted =>
  bootAssembled(
    mode,
    [0, 1].map((guest) => ({ source: scripted(virtualSource(guest)) })),
    { services: CONSOLE, ...options },
  );

/** Says these texts, one chain each, in one notification. */
function speak(memory: DriverMemory, texts: readonly string[], more: readonly Step[] = []): void {
  const bytes = texts.map((text) => new TextEncoder().encode(text));
  const base = dataOf(memory.guest) + BUFFERS;
  const starts = bytes.map((_, index) => bytes.slice(0, index).reduce((sum, { length }) => sum + length, 0));
  bytes.forEach((text, index) => {
    memory.write(BUFFERS + (starts[index] ?? 0), text);
  });
  memory.descriptors(
    TRANSMIT,
    bytes.map(({ length }, index) => ({ address: base + (starts[index] ?? 0), length })),
  );
  memory.available(TRANSMIT, [...texts.keys()]);
  memory.script([
    ...setUp('console', memory.guest, { 0: {}, [TRANSMIT]: {} }),
    notify('console', TRANSMIT),
    ['used', TRANSMIT, texts.length],
    ...acknowledge('console'),
    ...more,
  ]);
}

describe.each(SHARED_MODES)('the shared console, when %s,', (mode) => {
  it('prints whole lines with the name of who wrote them', () => {
    const booted = bootDrivers(mode);
    const [one, other] = [0, 1].map((guest) => new DriverMemory(booted, guest));
    if (!one || !other) throw new RangeError('two guests');
    speak(one, ['hel', 'lo\nsecond', ' line\n']);
    speak(other, [`${'x'.repeat(200)}\n`]);
    runToEnd(booted, 20 * MS);
    const lines = booted.machine.layerConsole.text().split('\n');
    expect(lines.filter((line) => line.startsWith('guest0'))).toEqual(['guest0: hello', 'guest0: second line']);
    expect(lines.filter((line) => line.startsWith('guest1'))).toEqual(
      [160, 40].map((length) => `guest1: ${'x'.repeat(length)}`),
    );
    expect(one.used(TRANSMIT)).toEqual([0, 1, 2].map((head) => ({ head, written: 0 })));
    expect(other.used(TRANSMIT)).toEqual([{ head: 0, written: 0 }]);
    // One interrupt of the guest's own source for all of it, because of used buffers.
    expect([booted.reports(0), booted.reports(1)]).toEqual([
      [BigInt(virtualSource(0)), 1n],
      [BigInt(virtualSource(1)), 1n],
    ]);
    expect(booted.machine.ledger.entries).toEqual([]);
  });

  it('takes a chain in several buffers as one text', () => {
    const booted = bootDrivers(mode);
    const memory = new DriverMemory(booted, 0);
    speak(memory, ['in', ' thr', 'ee\n']);
    new DriverMemory(booted, 1).script([]);
    const base = dataOf(0) + BUFFERS;
    memory.descriptors(TRANSMIT, [
      { address: base, length: 2, flags: FLAG.NEXT, next: 2 },
      { address: base + 6, length: 3 },
      { address: base + 2, length: 4, flags: FLAG.NEXT, next: 1 },
    ]);
    memory.available(TRANSMIT, [0]);
    memory.script([...setUp('console', 0, { [TRANSMIT]: {} }), notify('console', TRANSMIT), ['used', TRANSMIT, 1]]);
    runToEnd(booted, 20 * MS);
    expect(booted.machine.layerConsole.text()).toBe('guest0: in three\n');
  });

  it('shows a driver the registers of a virtio console, and its own state', () => {
    const booted = bootDrivers(mode);
    const memory = new DriverMemory(booted, 0);
    new DriverMemory(booted, 1).script([]);
    const registers = [VIRTIO.MAGIC, VIRTIO.VERSION, VIRTIO.DEVICE_ID, VIRTIO.QUEUE_SIZE_MAX, VIRTIO.DEVICE_FEATURES];
    memory.script([
      ...registers.map((offset) => load('console', offset)),
      ['store', page + VIRTIO.DEVICE_FEATURES_SELECT, 1],
      load('console', VIRTIO.DEVICE_FEATURES),
      // Features it does not offer are refused, and so is running without VERSION_1.
      ['store', page + VIRTIO.DRIVER_FEATURES, 4],
      ['store', page + VIRTIO.STATUS, 15],
      load('console', VIRTIO.STATUS),
      ...setUp('console', 0, { [TRANSMIT]: {} }),
      load('console', VIRTIO.STATUS),
      load('console', VIRTIO.QUEUE_READY),
      ['store', page + VIRTIO.STATUS, 0],
      load('console', VIRTIO.STATUS),
      load('console', VIRTIO.QUEUE_READY),
    ]);
    runToEnd(booted, 20 * MS);
    expect(booted.reports(0)).toEqual([BigInt(VIRTIO_MAGIC), 2n, 3n, 64n, 0n, 1n, 3n, 15n, 1n, 0n, 0n]);
  });
});

/** Reports cause and address of each exception, and goes on behind the instruction, which is one of 32 bits. */
const CATCH = `
  la t0, caught
  csrw stvec, t0
  j over
  .align 2
caught:
  csrr t0, scause
  ${report('t0')}
  csrr t0, stval
  ${report('t0')}
  csrr t0, sepc
  addi t0, t0, 4
  csrw sepc, t0
  sret
over:
`;
const LOAD_ACCESS = 5n;
const STORE_ACCESS = 7n;

function reportsOf(mode: ModeName, source: string, services: readonly Service[]): bigint[] {
  const booted = bootAssembled(mode, [{ source: `${CATCH} ${source} ${END}` }, { source: END }], { services });
  runToEnd(booted, 20 * MS);
  expect(booted.machine.ledger.entries).toEqual([]);
  return booted.reports(0);
}

const MAGIC = BigInt(VIRTIO_MAGIC);

describe.each(SHARED_MODES)('the window of virtual devices, when %s,', (mode) => {
  it('takes every plain load, and extends it as that says', () => {
    // The length of a shared memory region that is not there is all ones.
    const loads = `li s0, ${page}\n li t1, -1\n lw t1, 0(s0)\n ${report('t1')} lwu t1, 0(s0)\n ${report('t1')}
      ld t1, 0(s0)\n ${report('t1')} lw t1, 0xb0(s0)\n ${report('t1')} lwu t1, 0xb0(s0)\n ${report('t1')}
      lhu t1, 0(s0)\n ${report('t1')} c.lw a5, 0(s0)\n ${report('a5')} c.ld a5, 0(s0)\n ${report('a5')}`;
    const ones = 0xffff_ffffn;
    const sign = BigInt.asUintN(64, -1n);
    const whole = (2n << 32n) | MAGIC;
    expect(reportsOf(mode, loads, CONSOLE)).toEqual([MAGIC, MAGIC, whole, sign, ones, 0n, MAGIC, whole]);
  });

  it('is reached through the guest’s own tables, at any address, by code at any other', () => {
    const root = 'SLOT + 0x100000';
    const tables = buildTables(root, [{ number: 3, physical: String(page) }]);
    const source = `${tables} ${turnOnPaging(root, 1)} li s0, ${windowAddress(3)}\n lwu t1, 0(s0)\n ${report('t1')}
      lwu t1, 8(s0)\n ${report('t1')}`;
    expect(reportsOf(mode, source, CONSOLE)).toEqual([MAGIC, 3n]);
  });

  it.each([
    ['a kind that the guest does not have', pageOf('disk'), CONSOLE],
    ['a service of its neighbour', page, [{ kind: 'console', of: [1] }] satisfies Service[]],
    ['no service at all', page, []],
  ])('is nothing but an access fault of the guest at %s', (_, address, services) => {
    const accesses = `li s0, ${address}\n lw t1, 0(s0)\n sw t1, 4(s0)\n`;
    const at = BigInt(address);
    expect(reportsOf(mode, accesses, services)).toEqual([LOAD_ACCESS, at, STORE_ACCESS, at + 4n]);
  });

  it('refuses what is no plain load or store, and what is misaligned', () => {
    const accesses = `li s0, ${page}\n amoadd.w t1, t2, (s0)\n lr.w t1, (s0)\n lw t1, 2(s0)\n`;
    const causes = reportsOf(mode, accesses, CONSOLE).filter((_, index) => index % 2 === 0);
    expect(causes).toHaveLength(3);
    expect(causes.slice(0, 2)).toEqual([STORE_ACCESS, LOAD_ACCESS]);
    // The machine gives misaligned accesses to devices as it likes: 4 or 5.
    expect([4n, LOAD_ACCESS]).toContain(causes[2]);
  });
});

describe('without a layer', () => {
  it('there are no virtual devices, and the device tree names none', () => {
    const source = `${CATCH} li s0, ${page}\n lw t1, 0(s0)\n ${END}`;
    const booted = bootAssembled('native', [{ source }, { source: END }], { services: CONSOLE });
    runToEnd(booted, 20 * MS);
    expect(booted.reports(0)).toEqual([LOAD_ACCESS, BigInt(page)]);
    const text = new TextDecoder('latin1').decode(booted.plan.guests[0]?.deviceTree.bytes);
    expect(text).not.toContain('virtio_mmio@10050000');
  });
});
