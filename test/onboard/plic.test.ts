// One conformance program for the real PLIC and the virtual one.
import { describe, expect, it } from 'vitest';
import { bootAssembled, MODES, type ModeName, plicSource, runToEnd } from './boot-guests.ts';
import type { Step } from './plic-steps.ts';
import {
  ACCESS,
  CONFORMANCE,
  CROSSING,
  CROSSING_SETUP,
  DELIVERY,
  DMA_SOURCE,
  FLOATING,
  program,
  UART_SOURCE,
} from './plic-steps.ts';

/** A source's number as the guest sees it, by the name under which it stands in the steps. */
function sourceName(guest: number, word: bigint): bigint | number {
  if (word === BigInt(plicSource('dma', guest))) return DMA_SOURCE;
  return word === BigInt(plicSource('uart', guest)) ? UART_SOURCE : word;
}

/** Both guests run the program, each with its own sources; what they see is the same. */
function observe(mode: ModeName, steps: readonly Step[], setup = ''): string[] {
  const source = program(steps, setup);
  const booted = bootAssembled(mode, [{ source }, { source }]);
  runToEnd(booted, 50_000_000);
  const seen = steps.filter(({ name }) => name !== undefined);
  const [first, ...others] = booted.plan.guests.map(({ index }) => {
    const words = booted.reports(index);
    return seen.map(({ name }, i) => `${name} = ${sourceName(index, words[i] ?? -1n)}`);
  });
  for (const other of others) expect(other).toEqual(first);
  return first ?? [];
}

const wanted = (steps: readonly Step[]): string[] =>
  steps.flatMap(({ name, value }) => (name === undefined ? [] : [`${name} = ${value}`]));

describe('the PLIC, real or virtual', () => {
  it.each(MODES)('claims, completes, raises anew and compares priorities when %s', (mode) => {
    expect(observe(mode, CONFORMANCE)).toEqual(wanted(CONFORMANCE));
  });

  it.each(MODES)('takes words, refuses the rest, when %s', (mode) => {
    expect(observe(mode, ACCESS)).toEqual(wanted(ACCESS));
  });

  it.each(['open', 'virtualized'] as const)('refuses FP accesses where it is virtual, as in %s', (mode) => {
    expect(observe(mode, FLOATING)).toEqual(wanted(FLOATING));
  });

  it.each(MODES)('is reached by instructions across two pages when %s', (mode) => {
    expect(observe(mode, CROSSING, CROSSING_SETUP)).toEqual(wanted(CROSSING));
  });

  it.each(MODES)('delivers each interrupt once when %s', (mode) => {
    expect(observe(mode, DELIVERY)).toEqual(wanted(DELIVERY));
  });
});
