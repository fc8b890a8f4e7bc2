// `taco run`: boots a scenario in one mode and prints what its guests say.

import { responseRow } from '../cost/latency.ts';
import type { Machine, Stop } from '../machine/index.ts';
import { physicalOf } from '../scenario/placement.ts';
import { backtrace } from '../scenario/backtrace.ts';
import { type BootPlan, bootScenario, planBoots } from '../scenario/boot.ts';
import { findMode } from '../scenario/modes.ts';
import { isStranger } from '../scenario/stranger.ts';
import { follow, machineToRun, Slices } from './advance.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { LinePrinter } from './line-printer.ts';
import { runStranger } from './run-stranger.ts';
import { symbolCommands } from './symbol-commands.ts';
import { startTrace } from './trace-file.ts';
import { readScenario, type Workspace, workspaceOf } from './workspace.ts';

export interface RunOptions {
  readonly scenario: string | undefined;
  readonly mode: string | undefined;
  readonly until: number | undefined;
  readonly expect: string | undefined;
  /** TCP port on which a debugger is awaited. */
  readonly gdb: number | undefined;
  /** File for a timeline. */
  readonly trace: string | undefined;
}

/** Two seconds of the machine, where --until gives no other end. */
const DEFAULT_CYCLES = 2_000_000_000;
const SLICE = 1_000_000;
function nameOf(plan: BootPlan, from: number | 'layer'): string {
  return from === 'layer' ? 'layer' : (plan.guests.find(({ index }) => index === from)?.name ?? `uart ${from}`);
}

/** A guest that panicked is done, too: nothing more will come of it. */
function isDone(machine: Machine, plan: BootPlan): boolean {
  return plan.guests.every(({ index }) => {
    const monitor = machine.monitors[index];
    return monitor !== undefined && (monitor.ended || monitor.crashes.count > 0);
  });
}

/** Looks at what the console kept, which is bounded; a text in the part left out is missed. */
function says(machine: Machine, plan: BootPlan, text: string): boolean {
  return plan.guests.some(({ index }) => machine.consoles[index]?.text().includes(text) === true);
}

/** True when the expected text came. */
async function runBoot(host: Host, plan: BootPlan, options: RunOptions): Promise<boolean> {
  const machine = bootScenario(machineToRun, plan);
  const printer = new LinePrinter(host, [...plan.guests.map(({ name }) => name), 'layer']);
  machine.probe.on('console', ({ from, byte }) => printer.put(nameOf(plan, from), byte));
  const limit = options.until ?? DEFAULT_CYCLES;
  const met = () => options.expect !== undefined && says(machine, plan, options.expect);
  const ended = (stop: Stop): string => {
    if (met()) return 'the expected text came';
    if (stop.kind === 'finished') return 'the machine was switched off or reset';
    if (machine.cycles >= limit) return `${limit} cycles are over`;
    if (options.until === undefined && options.expect === undefined && isDone(machine, plan)) return 'all work is done';
    return stop.kind === 'idle' ? 'nothing will ever happen again' : '';
  };
  const slices = new Slices(machine, SLICE);
  const trace = startTrace(machine, (from) => nameOf(plan, from), options.trace);
  const reason = await follow(
    host,
    { slice: () => slices.next(limit), ended },
    options.gdb === undefined
      ? undefined
      : {
          port: options.gdb,
          debuggee: {
            machine,
            nameOf: (world) => nameOf(plan, world),
            title: `${plan.mode}, ${plan.guests.map(({ name }) => name).join(' and ')}`,
            symbols: symbolCommands(plan),
          },
        },
  );
  printer.flush();
  trace.write();
  for (const guest of plan.guests) {
    const frames = backtrace(guest, (address, length) => machine.read(physicalOf([guest], address), length));
    if (frames.length > 0) host.out(`${guest.name} panicked: ${frames.join(' <- ')}\n`);
  }
  host.out(`${plan.mode}: ${reason}, after ${machine.cycles} cycles and ${machine.instret} instructions\n`);
  for (const line of responseLines(machine, plan)) host.out(`${line}\n`);
  return met();
}

const us = (ns: number): string => `${ns / 1000} us`;

/** Of each guest that reports deadlines: how long it took to answer, and how often longer than it may. */
function responseLines(machine: Machine, { mode, guests }: BootPlan): string[] {
  return guests.flatMap(({ name, index, boundTicks }) => {
    const deadlines = machine.monitors[index]?.deadlines;
    if (deadlines === undefined || deadlines.count === 0) return [];
    const head = { guest: name, mode, neighbour: '' };
    const { p50, p95, p99, max, bound, late, n } = responseRow(head, deadlines, boundTicks);
    const times = `50 % ${us(p50)}, 95 % ${us(p95)}, 99 % ${us(p99)}, longest ${us(max)}`;
    return [`${name} answered ${n} times: ${times}; ${late} later than its bound of ${us(bound ?? 0)}`];
  });
}

function checkMode(workspace: Workspace, name: string | undefined): string {
  const { modes } = workspace.scenario;
  const mode = name ?? modes[0] ?? '';
  if (!modes.includes(mode)) {
    throw new UsageError(
      'taco run --mode:',
      `${mode} is no mode of ${workspace.file}`,
      `choose from ${modes.join(', ')}`,
    );
  }
  return mode;
}

export async function run(host: Host, options: RunOptions): Promise<number> {
  const scenario = readScenario(host.root, options.scenario);
  if (isStranger(scenario.file, scenario.text)) return runStranger(host, options, scenario);
  const workspace = workspaceOf(host.root, scenario.absolute, scenario.file, scenario.text);
  const mode = checkMode(workspace, options.mode);
  for (const [name, hash] of Object.entries(workspace.hashes)) host.out(`${hash}  ${name}\n`);
  const plans = planBoots(findMode(mode), workspace.scenario, workspace.images);
  if (options.trace !== undefined && plans.length > 1) {
    throw new UsageError(
      'taco run --trace:',
      `${mode} boots each guest alone`,
      'choose a mode that boots once, by --mode',
    );
  }
  const met: boolean[] = [];
  for (const plan of plans) met.push(await runBoot(host, plan, options));
  if (options.expect === undefined || met.includes(true)) return EXIT.OK;
  host.err(`taco run --expect:  no guest said "${options.expect}"\n  raise --until, or expect another text\n`);
  return EXIT.INCONCLUSIVE;
}
