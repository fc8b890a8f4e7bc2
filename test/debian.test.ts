// Debian's firmware, kernel and busybox, as Debian publishes them. `npm run guests:debian` fetches them; without them there
// is nothing to boot, and the tests say so.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMachine, type Machine } from '../src/machine/index.ts';
import { bootStranger, planStranger } from '../src/scenario/boot-stranger.ts';
import { Awaited } from '../src/scenario/dialogue.ts';
import { loadStranger } from '../src/scenario/stranger.ts';

const root = join(import.meta.dirname, '..');
const file = 'scenarios/debian.yaml';
const fetched = existsSync(join(root, 'guests/debian/record.json'));
/** Host time that two boots may take on a busy machine. */
const PATIENCE = 300_000;
const SLICE = 1_000_000;
const CYCLES = 4_000_000_000;

function boot(harts: number): Machine {
  const { stranger, source } = loadStranger(file, readFileSync(join(root, file), 'utf8'));
  const onHarts = { ...stranger, machine: { ...stranger.machine, harts } };
  const read = (path: string) => readFileSync(join(root, path));
  return bootStranger(createMachine, planStranger(onHarts, source, read));
}

/** Runs until the console says it, looking every SLICE cycles. */
function runTo(machine: Machine, text: string): void {
  const awaited = new Awaited(text);
  machine.probe.on('console', ({ byte }) => awaited.hear(byte));
  while (!awaited.seen && machine.cycles < CYCLES) machine.run(machine.cycles + SLICE);
  expect(awaited.seen, machine.consoles[0]?.text().slice(-2000)).toBe(true);
}

const state = (machine: Machine) => ({ cycles: machine.cycles, instret: machine.instret, hash: machine.hash() });

describe.runIf(fetched)('Debian', () => {
  it('reaches its shell, and is at the same place in every boot, however the run is cut', { timeout: PATIENCE }, () => {
    const first = boot(1);
    runTo(first, '~ # ');
    const second = boot(1);
    second.run(first.cycles);
    expect(state(second)).toEqual(state(first));
  });

  it('does what is typed', { timeout: PATIENCE }, () => {
    const machine = boot(2);
    runTo(machine, '~ # ');
    machine.input(0, new TextEncoder().encode('grep -c processor /proc/cpuinfo | sed "s/^/harts: /"\n'));
    runTo(machine, 'harts: 2');
    machine.input(0, new TextEncoder().encode('exit\n'));
    const stop = machine.run(machine.cycles + 500_000_000);
    expect(stop).toEqual({ kind: 'finished', finish: { kind: 'pass', code: 0 }, by: 0 });
  });
});
