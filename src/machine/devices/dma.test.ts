import { describe, expect, it } from 'vitest';
import { Clock } from '../clock.ts';
import { REFUSED } from './device.ts';
import { DMA, DMA_STATUS, Dma } from './dma.ts';

class Harness {
  readonly clock = new Clock();
  /** Source, destination, length, and whose. */
  readonly copies: number[][] = [];
  pin = false;
  /** Does the port let it? */
  answer = true;
  /** Cycles the port takes for itself. */
  waitCycles = 0;
  #source = 0;
  readonly dma = new Dma({
    name: 'dma0',
    clock: this.clock,
    line: {
      set: (high) => {
        this.pin = high;
      },
    },
    port: {
      covers: (paddr, length) => this.answer && paddr + length <= 2 ** 40,
      read: (paddr, length) => {
        this.#source = paddr;
        return new Uint8Array(length);
      },
      write: (paddr, bytes, world) => {
        this.copies.push([this.#source, paddr, bytes.length, world]);
        return true;
      },
      takeCycles: () => this.waitCycles,
    },
  });

  write64(offset: number, value: number): void {
    this.dma.write(offset, 4, value >>> 0, 2);
    this.dma.write(offset + 4, 4, Math.floor(value / 2 ** 32), 2);
  }

  start(src: number, dst: number, length: number, control = 1): void {
    this.write64(DMA.SRC, src);
    this.write64(DMA.DST, dst);
    this.write64(DMA.LENGTH, length);
    this.dma.write(DMA.CONTROL, 4, control, 2);
  }

  advance(cycles: number): void {
    this.clock.now += cycles;
    this.clock.runDue();
  }

  get status(): number {
    return this.dma.read(DMA.STATUS, 4, 2);
  }
}

describe('a DMA channel', () => {
  it('copies as the world that started it, 100 + length / 8 cycles later', () => {
    const h = new Harness();
    h.start(0x8000_0000, 0x1_8000_1000, 4096);
    expect(h.status).toBe(DMA_STATUS.BUSY);
    h.advance(611);
    expect(h.copies).toEqual([]);
    h.advance(1);
    expect(h.copies).toEqual([[0x8000_0000, 0x1_8000_1000, 4096, 2]]);
    expect(h.status).toBe(DMA_STATUS.DONE);
    expect(h.pin, 'interrupts are not enabled').toBe(false);
  });

  it('holds its line while DONE and the enable are set', () => {
    const h = new Harness();
    h.start(0, 0, 8, 3);
    expect(h.dma.read(DMA.CONTROL, 4, 2)).toBe(2);
    h.advance(101);
    expect(h.pin).toBe(true);
    h.dma.write(DMA.CONTROL, 4, 0, 2);
    expect(h.pin).toBe(false);
    h.dma.write(DMA.CONTROL, 4, 2, 2);
    expect(h.pin).toBe(true);
    h.dma.write(DMA.STATUS, 4, DMA_STATUS.DONE, 2);
    expect([h.pin, h.status]).toEqual([false, 0]);
  });

  it('reports bad addresses and lengths as an error', () => {
    const h = new Harness();
    h.answer = false;
    h.start(0, 0, 8);
    h.advance(101);
    expect(h.status).toBe(DMA_STATUS.DONE | DMA_STATUS.ERROR);
    h.answer = true;
    for (const [src, dst, length] of [
      [0, 0, 0x10_0001],
      [2 ** 63, 0, 8],
      [0, 2 ** 53 - 4, 8],
    ] as const) {
      h.start(src, dst, length);
      h.advance(101);
      expect(h.status).toBe(DMA_STATUS.DONE | DMA_STATUS.ERROR);
    }
    expect(h.copies).toEqual([]);
    h.start(0, 0, 0x10_0000);
    h.advance(100 + 0x2_0000);
    expect(h.status).toBe(DMA_STATUS.DONE);
  });

  it('keeps the parameters of a running transfer and ignores a second start', () => {
    const h = new Harness();
    h.start(1, 2, 8);
    h.start(3, 4, 16);
    h.advance(1000);
    expect(h.copies).toEqual([[1, 2, 8, 2]]);
    expect(h.dma.read(DMA.SRC, 4, 2)).toBe(3);
    expect(h.clock.nextCycle()).toBe(Number.POSITIVE_INFINITY);
  });

  it('stays busy for as long as the port takes, and keeps what became of the copy over a restore', () => {
    for (const answer of [true, false]) {
      const h = new Harness();
      h.waitCycles = 7;
      h.answer = answer;
      h.start(1, 2, 8);
      h.advance(101);
      expect(h.status).toBe(DMA_STATUS.BUSY);
      const other = new Harness();
      other.dma.restore(structuredClone(h.dma.save()));
      other.clock.restore(structuredClone(h.clock.save()));
      other.advance(6);
      expect(other.status).toBe(DMA_STATUS.BUSY);
      other.advance(1);
      expect(other.status).toBe(DMA_STATUS.DONE | (answer ? 0 : DMA_STATUS.ERROR));
      expect(other.copies, 'nothing is copied twice').toEqual([]);
    }
  });

  it('refuses other widths and offsets', () => {
    const { dma } = new Harness();
    expect([dma.read(0, 1, 0), dma.read(0x20, 4, 0)]).toEqual([REFUSED, REFUSED]);
    expect([dma.write(0, 2, 0, 0), dma.write(0x20, 4, 0, 0)]).toEqual([false, false]);
    expect([dma.registerName(4), dma.registerName(0x1c), dma.registerName(0x20)]).toEqual([
      'SRC+4',
      'STATUS',
      'unimplemented',
    ]);
  });

  it('finishes a transfer after a restore', () => {
    const h = new Harness();
    h.start(1, 2, 8, 3);
    const state = structuredClone({ dma: h.dma.save(), clock: h.clock.save() });
    const other = new Harness();
    other.dma.restore(state.dma);
    other.clock.restore(state.clock);
    other.advance(101);
    expect(other.copies).toEqual([[1, 2, 8, 2]]);
    expect(other.pin).toBe(true);
  });
});
