import { describe, expect, it } from 'vitest';
import { REFUSED } from './device.ts';
import { Ns16550a } from './ns16550a.ts';

const [DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR] = [0, 1, 2, 3, 4, 5, 6, 7];
const FCR = IIR;

class Harness {
  sent = '';
  pin = false;
  readonly uart = new Ns16550a({
    name: 'uart0',
    onByte: (byte) => {
      this.sent += String.fromCharCode(byte);
    },
    line: {
      set: (high) => {
        this.pin = high;
      },
    },
  });

  read(offset: number): number {
    return this.uart.read(offset, 1, 0);
  }

  write(offset: number, value: number): void {
    expect(this.uart.write(offset, 1, value, 0)).toBe(true);
  }

  type(text: string): number {
    return this.uart.input(new TextEncoder().encode(text));
  }
}

describe('16550A registers', () => {
  it('resets as the data sheet says', () => {
    const h = new Harness();
    expect([IER, IIR, LCR, LSR, SCR].map((offset) => h.read(offset))).toEqual([0, 1, 0, 0x60, 0]);
    expect(h.read(MSR), 'a terminal is connected').toBe(0xb0);
    expect(h.pin).toBe(false);
  });

  it('shows the divisor latch while DLAB is set', () => {
    const h = new Harness();
    h.write(IER, 1);
    h.write(LCR, 0x83);
    h.write(DATA, 0x34);
    h.write(IER, 0x12);
    expect([h.read(DATA), h.read(IER)]).toEqual([0x34, 0x12]);
    h.write(LCR, 0x03);
    expect(h.read(IER)).toBe(1);
    expect(h.sent).toBe('');
  });

  it('masks IER and MCR, keeps SCR, and ignores stores to LSR and MSR', () => {
    const h = new Harness();
    for (const offset of [IER, MCR, SCR, LSR, MSR]) h.write(offset, 0xff & ~(offset === MCR ? 0x10 : 0));
    expect([IER, MCR, SCR, LSR, MSR].map((offset) => h.read(offset))).toEqual([0x0f, 0x0f, 0xff, 0x60, 0xb0]);
  });

  it('takes any width for the register at the offset and has nothing beyond SCR', () => {
    const h = new Harness();
    expect(h.uart.write(DATA, 4, 0x12345641, 0)).toBe(true);
    expect(h.sent).toBe('A');
    expect(h.uart.read(4, 4, 0)).toBe(0x08);
    expect(h.uart.read(8, 1, 0)).toBe(REFUSED);
    expect(h.uart.write(0xff, 1, 0, 0)).toBe(false);
    expect(h.uart.registerName(8)).toBe('unimplemented');
  });

  it('says in IIR whether FIFOs are enabled', () => {
    const h = new Harness();
    h.write(FCR, 0x01);
    expect(h.read(IIR)).toBe(0xc1);
    h.write(FCR, 0x00);
    expect(h.read(IIR)).toBe(0x01);
  });
});

describe('16550A sender', () => {
  it('sends at once; THR is always empty', () => {
    const h = new Harness();
    for (const letter of 'taco') {
      expect(h.read(LSR) & 0x60).toBe(0x60);
      h.write(DATA, letter.charCodeAt(0));
    }
    expect(h.sent).toBe('taco');
  });

  it('raises THR empty when enabled, clears it by reading IIR, raises it again after a byte', () => {
    const h = new Harness();
    h.write(IER, 0x02);
    expect(h.pin).toBe(true);
    expect(h.read(IIR)).toBe(0x02);
    expect(h.pin).toBe(false);
    expect(h.read(IIR)).toBe(0x01);
    h.write(DATA, 0x41);
    expect(h.pin).toBe(true);
    h.write(IER, 0x00);
    expect(h.pin).toBe(false);
    h.write(IER, 0x02);
    expect(h.pin, 'enabling raises it anew').toBe(true);
  });
});

describe('16550A receiver', () => {
  it('holds one byte without FIFOs; more input waits', () => {
    const h = new Harness();
    h.write(IER, 0x01);
    h.type('ab');
    expect(h.pin).toBe(true);
    expect(h.read(IIR)).toBe(0x04);
    expect(h.read(LSR) & 1).toBe(1);
    expect([h.read(DATA), h.read(DATA)].map((byte) => String.fromCharCode(byte))).toEqual(['a', 'b']);
    expect(h.read(LSR) & 1).toBe(0);
    expect(h.pin).toBe(false);
    expect(h.read(DATA)).toBe(0);
  });

  it('tells a FIFO at its trigger level from one below it', () => {
    const h = new Harness();
    h.write(FCR, 0x81);
    h.write(IER, 0x01);
    h.type('1234567');
    expect(h.read(IIR), 'character timeout').toBe(0xcc);
    h.type('8');
    expect(h.read(IIR), 'trigger level of 8').toBe(0xc4);
    h.write(FCR, 0x83);
    expect(h.read(LSR) & 1, 'the reset empties it').toBe(0);
    expect(h.pin).toBe(false);
  });

  it('reports received data before THR empty', () => {
    const h = new Harness();
    h.write(IER, 0x03);
    h.type('x');
    expect(h.read(IIR)).toBe(0x04);
    h.read(DATA);
    expect(h.read(IIR)).toBe(0x02);
  });

  it('takes a bounded amount of input', () => {
    const h = new Harness();
    expect(h.type('x'.repeat(5000))).toBe(4096);
    expect(h.type('x'.repeat(5000))).toBe(1);
  });

  it('loops back to itself, overruns included, and shows MCR in MSR', () => {
    const h = new Harness();
    h.write(IER, 0x04);
    h.write(MCR, 0x1a);
    expect(h.read(MSR), 'RTS and OUT2 come back as CTS and DCD').toBe(0x90);
    h.write(DATA, 0x41);
    h.write(DATA, 0x42);
    expect(h.sent).toBe('');
    expect(h.pin).toBe(true);
    expect(h.read(IIR)).toBe(0x06);
    expect(h.read(LSR)).toBe(0x63);
    expect(h.read(LSR), 'reading clears the overrun').toBe(0x61);
    expect(h.pin).toBe(false);
    expect(h.read(DATA)).toBe(0x41);
  });
});

it('a 16550A goes on after a restore as it would have gone', () => {
  const h = new Harness();
  h.write(FCR, 0x41);
  h.write(IER, 0x03);
  h.write(SCR, 9);
  h.type('a'.repeat(20));
  h.read(DATA);
  const state = structuredClone(h.uart.save());
  const other = new Harness();
  other.uart.restore(state);
  expect(other.uart.save()).toEqual(state);
  expect([...Array(20)].map(() => other.read(DATA))).toEqual([...Array(20)].map(() => h.read(DATA)));
  expect(other.uart.save()).toEqual(h.uart.save());
});
