// Debian's firmware, boot loader, kernel, busybox and QEMU, as Debian publishes them. `npm run guests:debian` fetches them;
// without them there is nothing to boot, and the tests say so.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMachine, type Machine } from '../src/machine/index.ts';
import { bootStranger, planStranger } from '../src/scenario/boot-stranger.ts';
import { Awaited } from '../src/scenario/dialogue.ts';
import { loadStranger } from '../src/scenario/stranger.ts';

const root = join(import.meta.dirname, '..');
const fetched = existsSync(join(root, 'guests/debian/record.json'));
/** Host time that two boots may take on a busy machine. */
const PATIENCE = 300_000;
const SLICE = 1_000_000;
const CYCLES = 4_000_000_000;
const PROMPT = '~ # ';

function boot(name: string, harts = 1): Machine {
  const file = `scenarios/${name}.yaml`;
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

function type(machine: Machine, text: string): void {
  const bytes = new TextEncoder().encode(text);
  expect(machine.input(0, bytes)).toBe(bytes.length);
}

const state = (machine: Machine) => ({ cycles: machine.cycles, instret: machine.instret, hash: machine.hash() });

describe.runIf(fetched)('Debian', { timeout: PATIENCE }, () => {
  it('reaches its shell, and is at the same place in every boot, however the run is cut', () => {
    const first = boot('debian');
    runTo(first, PROMPT);
    const second = boot('debian');
    second.run(first.cycles);
    expect(state(second)).toEqual(state(first));
  });

  it('does on two harts what is typed, and switches itself off', () => {
    const machine = boot('debian', 2);
    runTo(machine, PROMPT);
    const dialogue = [
      ['grep -c processor /proc/cpuinfo | sed "s/^/harts: /"', '\nharts: 2'],
      ['echo disk | dd of=/dev/vda 2>/dev/null; head -c 4 /dev/vda | sed "s/^/on the /"', '\non the disk'],
      ['ip address add 10.0.2.15/24 dev eth0; ip link set eth0 up; ping -c 1 10.0.2.2', ', 1 packets received'],
      ['head -c 8 /dev/hwrng | wc -c | sed "s/^/bytes: /"', '\nbytes: 8'],
      ['echo hello > /dev/hvc0; echo "said"', '\nsaid'],
    ] as const;
    for (const [typed, said] of dialogue) {
      type(machine, `${typed}\n`);
      runTo(machine, said);
    }
    expect(machine.terminals.get(2)?.output.text()).toBe('hello\r\n');
    type(machine, 'exit\n');
    const stop = machine.run(machine.cycles + 500_000_000);
    expect(stop).toEqual({ kind: 'finished', finish: { kind: 'pass', code: 0 }, by: 0 });
  });

  it('boots its boot loader to the prompt', () => {
    const machine = boot('u-boot');
    runTo(machine, 'Hit any key');
    type(machine, ' ');
    runTo(machine, '=> ');
  });

  it('boots a kernel under KVM, inside the kernel', () => {
    const machine = boot('debian-kvm');
    runTo(machine, PROMPT);
    type(machine, 'nested\n');
    runTo(machine, 'taco: /init nested');
    runTo(machine, PROMPT);
  });
});
