import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  board,
  boardRow,
  doorbellSources,
  dma,
  GUEST_LIMIT,
  PLIC_SOURCES,
  platformHeader,
  plicContext,
  RAM_BASE,
  serviceSource,
  sourceOwner,
  virtualSource,
  strangerBoard,
  strangerRow,
  uart,
} from './board.ts';

describe('the board', () => {
  it('gives every device pages of its own below RAM', () => {
    const pages = new Set<number>();
    for (const row of [...board, ...strangerBoard]) {
      expect(row.base % 0x1000).toBe(0);
      expect(row.base + row.size).toBeLessThanOrEqual(RAM_BASE);
      for (let page = row.base; page < row.base + row.size; page += 0x1000) {
        expect(pages.has(page), `${row.kind} ${row.index} shares page 0x${page.toString(16)}`).toBe(false);
        pages.add(page);
      }
    }
  });

  it('gives every source one driver', () => {
    const wired = [...board, ...strangerBoard].map((row) => row.irq).filter((irq) => irq !== 0);
    expect(new Set(wired).size).toBe(wired.length);
    for (const irq of wired) {
      expect(irq).toBeLessThanOrEqual(PLIC_SOURCES);
      expect(doorbellSources).not.toContain(irq);
    }
  });

  it('has a UART, monitor and DMA channel for each guest, and the guest owns their sources', () => {
    for (let guest = 0; guest < GUEST_LIMIT; guest++) {
      for (const kind of ['uart', 'monitor', 'dma'] as const) expect(boardRow(kind, guest).owner).toBe('guest');
      expect(sourceOwner(uart(guest).irq)).toBe(guest);
      expect(sourceOwner(dma(guest).irq)).toBe(guest);
    }
    for (const guest of [0, 3]) expect(sourceOwner(serviceSource(guest))).toBe(guest);
    for (const guest of [0, 3]) expect(sourceOwner(virtualSource(guest))).toBe(guest);
    expect(new Set(doorbellSources).size).toBe(2 * GUEST_LIMIT);
    expect(sourceOwner(28)).toBe(-1);
    expect(sourceOwner(0)).toBe(-1);
    expect(() => uart(GUEST_LIMIT)).toThrow(RangeError);
  });

  it('keeps the addresses of QEMU virt for what that board has', () => {
    const base = (kind: Parameters<typeof boardRow>[0]): number => boardRow(kind).base;
    expect([base('finisher'), base('clint'), base('plic'), base('uart')]).toEqual([
      0x10_0000, 0x200_0000, 0xc00_0000, 0x1000_0000,
    ]);
    expect(strangerRow('rtc').base).toBe(0x10_1000);
    const virtio = strangerBoard.filter(({ kind }) => kind === 'virtio');
    expect(virtio.map(({ index, base, irq }) => [index, base, irq])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((slot) => [slot, 0x1000_1000 + 0x1000 * slot, slot + 1]),
    );
    expect(() => strangerRow('virtio', 8)).toThrow(RangeError);
    expect([plicContext(0, 'M'), plicContext(0, 'S'), plicContext(1, 'M')]).toEqual([0, 1, 2]);
  });
});

describe('platform.h', () => {
  it('is committed as generated', () => {
    const committed = readFileSync(new URL('../onboard/platform.h', import.meta.url), 'utf8');
    expect(committed, 'src/onboard/platform.h is stale: run `npm run images`').toBe(platformHeader());
  });

  it('defines each name once', () => {
    const names = [...platformHeader().matchAll(/^#define (\w+)/gm)].map((match) => match[1]);
    const once = names.filter((name) => name !== 'PLATFORM_ADDRESS');
    expect(new Set(once).size).toBe(once.length);
    for (const name of ['UART_BASE', 'UART_IRQ', 'PLIC_SOURCES', 'DOORBELL_BASE', 'MONITOR_BASE', 'DMA_IRQ']) {
      expect(once).toContain(name);
    }
  });
});
