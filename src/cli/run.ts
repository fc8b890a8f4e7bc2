// `taco run`: boots a scenario in one mode and prints what its guests say.

import { createMachine, type Machine } from '../machine/index.ts';
import { type BootPlan, bootScenario, planBoots } from '../scenario/boot.ts';
import { findMode } from '../scenario/modes.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface RunOptions {
  readonly scenario: string | undefined;
  readonly mode: string | undefined;
  readonly until: number | undefined;
  readonly expect: string | undefined;
}

/** Two seconds of the machine, where --until gives no other end. */
const DEFAULT_CYCLES = 2_000_000_000;
const SLICE = 1_000_000;
/** A guest that floods its console is cut off here. */
const LINES_PRINTED = 10_000;
const COLUMNS_KEPT = 400;

/** Prints whole lines as they are finished, with the name of who wrote them. */
class LinePrinter {
  readonly #host: Host;
  readonly #width: number;
  readonly #texts = new Map<string, string>();
  #lines = 0;

  constructor(host: Host, names: readonly string[]) {
    this.#host = host;
    this.#width = Math.max(...names.map((name) => name.length));
  }

  put(name: string, byte: number): void {
    const text = this.#texts.get(name) ?? '';
    if (byte === 0x0a) this.#print(name, text);
    else if (byte !== 0x0d && text.length < COLUMNS_KEPT) {
      this.#texts.set(name, text + (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
    }
  }

  #print(name: string, text: string): void {
    this.#texts.set(name, '');
    this.#lines++;
    if (this.#lines <= LINES_PRINTED) this.#host.out(`${name.padEnd(this.#width)} | ${text}\n`);
    else if (this.#lines === LINES_PRINTED + 1) this.#host.out(`... further lines are not printed\n`);
  }

  /** Lines that were left without their end. */
  flush(): void {
    for (const [name, text] of this.#texts) if (text !== '') this.#print(name, text);
  }
}

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
function runBoot(host: Host, plan: BootPlan, options: RunOptions): boolean {
  const machine = bootScenario(createMachine, plan);
  const printer = new LinePrinter(host, [...plan.guests.map(({ name }) => name), 'layer']);
  machine.probe.on('console', ({ from, byte }) => printer.put(nameOf(plan, from), byte));
  const limit = options.until ?? DEFAULT_CYCLES;
  const met = () => options.expect !== undefined && says(machine, plan, options.expect);
  let reason = '';
  while (reason === '') {
    const stop = machine.run(Math.min(limit, machine.cycles + SLICE));
    if (met()) reason = 'the expected text came';
    else if (stop.kind === 'finished') reason = 'the machine was switched off or reset';
    else if (machine.cycles >= limit) reason = `${limit} cycles are over`;
    else if (options.until === undefined && options.expect === undefined && isDone(machine, plan)) {
      reason = 'all work is done';
    } else if (stop.kind === 'idle') reason = 'nothing will ever happen again';
  }
  printer.flush();
  host.out(`${plan.mode}: ${reason}, after ${machine.cycles} cycles and ${machine.instret} instructions\n`);
  return met();
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

export function run(host: Host, options: RunOptions): number {
  const workspace = openWorkspace(host.root, options.scenario);
  const mode = checkMode(workspace, options.mode);
  for (const [name, hash] of Object.entries(workspace.hashes)) host.out(`${hash}  ${name}\n`);
  const plans = planBoots(findMode(mode), workspace.scenario, workspace.images);
  const met = plans.map((plan) => runBoot(host, plan, options));
  if (options.expect === undefined || met.includes(true)) return EXIT.OK;
  host.err(`taco run --expect:  no guest said "${options.expect}"\n  raise --until, or expect another text\n`);
  return EXIT.INCONCLUSIVE;
}
