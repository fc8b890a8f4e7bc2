import { describe, expect, it } from 'vitest';
import { VIRTIO } from './registers.ts';
import { Terminal } from './terminal.ts';
import { ToyDriver } from './toy-driver.ts';

const RECEIVE = 0;
const SEND = 1;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (string: string): Uint8Array => new TextEncoder().encode(string);

function started(): { readonly driver: ToyDriver; readonly terminal: Terminal; readonly sent: number[] } {
  const sent: number[] = [];
  const terminal = new Terminal((byte) => sent.push(byte));
  const driver = new ToyDriver(terminal);
  driver.start();
  return { driver, terminal, sent };
}

describe('a virtio console', () => {
  it('sends what it is given', () => {
    const { driver, terminal, sent } = started();
    expect(driver.get(VIRTIO.DEVICE_ID)).toBe(3);
    driver.ask(SEND, [bytesOf('hello '), bytesOf('there\n')], []);
    expect(terminal.output.text()).toBe('hello there\n');
    expect(text(Uint8Array.from(sent))).toBe('hello there\n');
    expect(driver.used(SEND)).toEqual([{ head: 0, written: 0 }]);
  });

  it('fills buffers with what is typed, whichever comes first', () => {
    const { driver, terminal } = started();
    const [first = 0] = driver.offer(RECEIVE, [], [4]);
    const [second = 0] = driver.offer(RECEIVE, [], [64]);
    driver.notify(RECEIVE);
    driver.advance(10_000);
    expect([driver.used(RECEIVE), driver.pin]).toEqual([[], false]);
    expect(terminal.input(bytesOf('typed'))).toBe(5);
    driver.advance(10_000);
    expect(driver.used(RECEIVE).map(({ written }) => written)).toEqual([4, 1]);
    expect([text(driver.bytes(first, 4)), text(driver.bytes(second, 1)), driver.pin]).toEqual(['type', 'd', true]);
    terminal.input(bytesOf('!'));
    driver.advance(10_000);
    expect(text(driver.ask(RECEIVE, [], [1]))).toBe('!');
  });

  it('keeps a bounded amount of input, over a reset too', () => {
    const { driver, terminal } = started();
    expect([terminal.input(new Uint8Array(5000).fill(65)), terminal.input(bytesOf('x'))]).toEqual([4096, 0]);
    driver.start();
    expect(driver.ask(RECEIVE, [], [5000]).slice(4094, 4098)).toEqual(Uint8Array.of(65, 65, 0xee, 0xee));
  });

  it('is saved with what it sent and what waits', () => {
    const { driver, terminal } = started();
    driver.ask(SEND, [bytesOf('sent')], []);
    terminal.input(bytesOf('waits'));
    const other = started();
    other.terminal.restore(structuredClone(terminal.save()));
    expect(other.terminal.output.text()).toBe('sent');
    expect(text(other.driver.ask(RECEIVE, [], [5]))).toBe('waits');
  });

  it('is broken by a receive buffer without room', () => {
    const { driver } = started();
    driver.ask(RECEIVE, [bytesOf('x')], []);
    expect(driver.device.fault).toBe('a receive buffer without room');
  });
});
