import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { createMachine, type Machine } from '../machine/index.ts';
import { type BootPlan, bootScenario, planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { timelineDocument } from './document.ts';
import { Timeline } from './timeline.ts';

const file = 'scenarios/taco.yaml';
const loaded = loadScenario(file, readFileSync(join(import.meta.dirname, '../..', file), 'utf8'));
const images = openImages(loaded, readBuiltImage);
const END = 12_000_000;

interface ChromeEvent {
  readonly ph: 'M' | 'X' | 'i';
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly ts: number;
  readonly dur?: number;
}

function planOf(mode: string): BootPlan {
  const [plan] = planBoots(findMode(mode), loaded.scenario, images);
  if (plan === undefined) throw new Error(`mode ${mode} boots nothing`);
  return plan;
}

function record(mode: string, limit?: number): { machine: Machine; text: string; events: ChromeEvent[] } {
  const machine = bootScenario(createMachine, planOf(mode));
  const names = loaded.scenario.guests.map(({ name }) => name);
  const timeline = new Timeline(machine, (from) => (from === 'layer' ? 'layer' : (names[from] ?? '')), limit);
  machine.run(END);
  timeline.finish();
  const text = [...timelineDocument(timeline)].join('');
  return { machine, text, events: JSON.parse(text).traceEvents };
}

/** Slices of a track that begin in another and end after it, or come before an earlier one. */
function misplaced(events: readonly ChromeEvent[]): ChromeEvent[] {
  const open = new Map<string, number[]>();
  const wrong: ChromeEvent[] = [];
  let last = 0;
  // Cycles again: microseconds are not whole.
  for (const event of events.filter(({ ph }) => ph !== 'M')) {
    const start = Math.round(event.ts * 1000);
    const end = start + Math.round((event.dur ?? 0) * 1000);
    const track = `${event.pid} ${event.tid}`;
    const ends = (open.get(track) ?? []).filter((each) => each > start || (each === start && end === start));
    if (start < last || ends.some((each) => end > each)) wrong.push(event);
    if (event.ph === 'X') open.set(track, [...ends, end]);
    last = start;
  }
  return wrong;
}

describe.each(['colocated', 'virtualized'])('a timeline of %s', (mode) => {
  const { machine, text, events } = record(mode);

  it('has slices that nest in each track, and lanes with names', () => {
    expect(misplaced(events)).toEqual([]);
    const slices = (name: RegExp) => events.filter((event) => event.ph === 'X' && name.test(event.name)).length;
    expect(slices(/^rtos$/)).toBeGreaterThan(2);
    expect(slices(/^unix$/)).toBeGreaterThan(2);
    expect(slices(/^layer: /)).toBeGreaterThan(10);
    expect(events.some(({ ph, name }) => ph === 'i' && name === 'ecall from U')).toBe(true);
    expect(events.some(({ pid, ph }) => pid === 100 && ph === 'X')).toBe(true);
    expect(events.filter(({ name }) => name === 'thread_name').length).toBeGreaterThan(4);
  });

  it('is the same text each time, and leaves the run as it is', () => {
    expect(record(mode).text).toBe(text);
    const untold = bootScenario(createMachine, planOf(mode));
    untold.run(END);
    expect(machine.hash()).toBe(untold.hash());
  });
});

describe('a timeline', () => {
  it('that is full says so, and still nests', () => {
    const { events } = record('virtualized', 100);
    expect(events.filter(({ ph }) => ph !== 'M').length).toBeLessThan(110);
    expect(events.some(({ name }) => name === 'the timeline is full')).toBe(true);
    expect(misplaced(events)).toEqual([]);
  });
});
