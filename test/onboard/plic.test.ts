// One conformance program for the real PLIC and the virtual ones.
import { describe, expect, it } from 'vitest';
import { VIRTUAL_PLIC_BASE } from '../../src/machine/virtual-devices.ts';
import {
  type BootOptions,
  bootAssembled,
  MODES,
  type ModeName,
  plicSource,
  runToEnd,
  SHARED_MODES,
} from './boot-guests.ts';
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

/** Where the PLIC is, and what makes it be there. */
interface Place {
  readonly base: string;
  readonly options: BootOptions;
}
const PLACE: Place = { base: 'PLIC', options: {} };
/** Where a layer has it for a guest with virtual devices. */
const APART: Place = { base: String(VIRTUAL_PLIC_BASE), options: { services: [{ kind: 'console', of: [0, 1] }] } };

/** Both guests run the program, each with its own sources; what they see is the same. */
function observe(mode: ModeName, steps: readonly Step[], setup = '', place = PLACE): string[] {
  const source = program(steps, setup).replaceAll(/\bPLIC\b/g, place.base);
  const booted = bootAssembled(mode, [{ source }, { source }], place.options);
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

describe('the PLIC that a layer has for one guest', () => {
  it.each(SHARED_MODES)('does the same when %s', (mode) => {
    expect(observe(mode, CONFORMANCE, '', APART)).toEqual(wanted(CONFORMANCE));
    expect(observe(mode, ACCESS, '', APART)).toEqual(wanted(ACCESS));
    expect(observe(mode, FLOATING, '', APART)).toEqual(wanted(FLOATING));
    expect(observe(mode, CROSSING, CROSSING_SETUP, APART)).toEqual(wanted(CROSSING));
    expect(observe(mode, DELIVERY, '', APART)).toEqual(wanted(DELIVERY));
  });

  it.each(SHARED_MODES)('is not there for a guest without virtual devices, when %s', (mode) => {
    const nowhere = { ...APART, options: {} };
    const probe: readonly Step[] = [{ act: `li t0, 0\n la s10, 1f\n lw a0, 0(s1)\n1:`, name: 'cause', value: 5 }];
    expect(observe(mode, probe, '', nowhere)).toEqual(wanted(probe));
  });
});
