import { describe, expect, it } from 'vitest';
import { Clock } from './clock.ts';

function recorder(clock: Clock, name: string, log: string[]): { name: string; fire(tag: number): void } {
  const target = { name, fire: (tag: number) => log.push(`${name}${tag}@${clock.now}`) };
  clock.register(target);
  return target;
}

describe('the clock', () => {
  it('fires due events by cycle, then in the order they were scheduled', () => {
    const clock = new Clock();
    const log: string[] = [];
    const a = recorder(clock, 'a', log);
    const b = recorder(clock, 'b', log);
    clock.schedule(20, a, 0);
    clock.schedule(10, b, 1);
    clock.schedule(10, a, 2);
    clock.schedule(30, b, 3);
    expect(clock.nextCycle()).toBe(10);
    clock.now = 9;
    clock.runDue();
    expect(log).toEqual([]);
    clock.now = 25;
    clock.runDue();
    expect(log).toEqual(['b1@25', 'a2@25', 'a0@25']);
    expect(clock.nextCycle()).toBe(30);
    clock.cancel(b);
    expect(clock.nextCycle()).toBe(Number.POSITIVE_INFINITY);
  });

  it('ends although a target schedules itself anew', () => {
    const clock = new Clock();
    let fired = 0;
    const target = {
      name: 'again',
      fire: (): void => {
        fired++;
        clock.schedule(1, target, 0);
      },
    };
    clock.register(target);
    clock.schedule(1, target, 0);
    clock.now = 100;
    clock.runDue();
    expect(fired).toBe(1);
    expect(clock.nextCycle()).toBe(101);
    expect(() => clock.schedule(0, target, 0)).toThrow(RangeError);
    expect(() => clock.schedule(0.5, target, 0)).toThrow(RangeError);
  });

  it('saves its events and finds their targets again by name', () => {
    const first = new Clock();
    const target = recorder(first, 'dma0', []);
    first.now = 5;
    first.schedule(7, target, 3);
    first.schedule(2, target, 4);
    const state = structuredClone(first.save());
    expect(state.events).toEqual([
      { cycle: 7, sequence: 1, device: 'dma0', tag: 4 },
      { cycle: 12, sequence: 0, device: 'dma0', tag: 3 },
    ]);
    const second = new Clock();
    expect(() => second.restore(state)).toThrow('dma0');
    const log: string[] = [];
    recorder(second, 'dma0', log);
    second.restore(state);
    expect(second.save()).toEqual(state);
    second.now = 12;
    second.runDue();
    expect(log).toEqual(['dma04@12', 'dma03@12']);
  });

  it('takes only targets it knows, each name once', () => {
    const clock = new Clock();
    expect(() => clock.schedule(1, { name: 'x', fire: () => {} }, 0)).toThrow('not registered');
    recorder(clock, 'x', []);
    expect(() => recorder(clock, 'x', [])).toThrow('two clock targets');
  });
});
