import { describe, expect, it } from 'vitest';
import { Entropy } from './entropy.ts';
import { VIRTIO } from './registers.ts';
import { ToyDriver } from './toy-driver.ts';

function started(seed: number): { readonly driver: ToyDriver; readonly model: Entropy } {
  const model = new Entropy(seed);
  const driver = new ToyDriver(model);
  driver.start();
  return { driver, model };
}

describe('a virtio entropy device', () => {
  it('gives the bytes of its seed, in any portions', () => {
    const [whole, parts, other] = [started(1), started(1), started(2)].map(({ driver }) => driver);
    const bytes = whole?.ask(0, [], [64]) ?? [];
    expect(whole?.get(VIRTIO.DEVICE_ID)).toBe(4);
    expect([...(parts?.ask(0, [], [16, 16]) ?? []), ...(parts?.ask(0, [], [32]) ?? [])]).toEqual([...bytes]);
    expect(other?.ask(0, [], [64])).not.toEqual(bytes);
    expect(new Set(bytes).size).toBeGreaterThan(40);
  });

  it('fills no more than a page for one request', () => {
    const { driver } = started(3);
    driver.ask(0, [], [3, 0x10000]);
    expect(driver.used(0)).toEqual([{ head: 0, written: 4096 }]);
  });

  it('goes on where it was, over a reset and in a copy', () => {
    const { driver, model } = started(4);
    driver.ask(0, [], [40]);
    const copy = started(4);
    copy.model.restore(structuredClone(model.save()));
    driver.start();
    expect(driver.ask(0, [], [40])).toEqual(copy.driver.ask(0, [], [40]));
  });

  it('is broken by a request without room', () => {
    const { driver } = started(5);
    driver.ask(0, [Uint8Array.of(1)], []);
    expect(driver.device.fault).toBe('a request for entropy without room for it');
  });
});
