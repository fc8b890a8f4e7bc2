// What guests do before experiments begin is nobody's work: they boot. It is the same each time, so that its end may be kept
// as plain data and taken up again by another machine of the same plan. Results must not depend on whether it was.

import { createMachine, type Machine, type MachineOptions, RAM_BASE, type Snapshot } from '../machine/index.ts';
import { type BootPlan, bootScenario } from '../scenario/boot.ts';
import { PAGE } from './targets.ts';
import { forVerdict } from './translation.ts';

/** A machine at the end of its warm-up, without addresses of any process. */
export interface WarmState {
  /** Of the machine that came here on its own feet. */
  readonly hash: string;
  readonly state: Omit<Snapshot, 'pages'>;
  /** Numbers of the pages of RAM that are not all zeros, by rising number, and their bytes one after the other. */
  readonly pages: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Where ends of warm-ups are kept. What comes back is checked here. */
export interface WarmUps {
  recall(plan: BootPlan): WarmState | undefined;
  keep(plan: BootPlan, warm: WarmState): void;
}

/** Code that a guest gone wild runs in circles is worth compiling, and what was compiled serves all later experiments; each of
 * them may change some of it, and a worker has several machines. */
const engine = { kind: 'regions', most: 512 } as const;
const compiling = (options: MachineOptions) => createMachine({ ...options, engine });

function isZero(words: Int32Array): boolean {
  for (let at = 0; at < words.length; at++) if (words[at] !== 0) return false;
  return true;
}

function warmStateOf(machine: Machine): WarmState {
  const { pages: _, ...state } = machine.snapshot();
  const ram = machine.view(RAM_BASE, machine.ram.size);
  const wordsOf = (page: number) => new Int32Array(ram.buffer, ram.byteOffset + page * PAGE, PAGE / 4);
  const pages = Array.from({ length: ram.length / PAGE }, (_, page) => page).filter((page) => !isZero(wordsOf(page)));
  const bytes = new Uint8Array(pages.length * PAGE);
  for (const [index, page] of pages.entries()) bytes.set(ram.subarray(page * PAGE, (page + 1) * PAGE), index * PAGE);
  return { hash: machine.hash(), state, pages: Uint32Array.from(pages), bytes };
}

/** Numbers of the pages of RAM that something was loaded into. */
function loadedPages({ loads }: BootPlan): number[] {
  return loads.flatMap(({ base, bytes }) => {
    const first = Math.floor((base - RAM_BASE) / PAGE);
    const end = Math.ceil((base + bytes.length - RAM_BASE) / PAGE);
    return Array.from({ length: end - first }, (_, index) => first + index);
  });
}

/** True when the machine, which stands at its reset vector, is where the other one was. */
function takeUp(plan: BootPlan, machine: Machine, { hash, state, pages, bytes }: WarmState): boolean {
  const zeros = new Uint8Array(PAGE);
  for (const page of loadedPages(plan)) machine.write(RAM_BASE + page * PAGE, zeros);
  for (const [index, page] of pages.entries())
    machine.write(RAM_BASE + page * PAGE, bytes.subarray(index * PAGE, (index + 1) * PAGE));
  machine.restore({ ...state, pages: machine.snapshot().pages });
  return machine.hash() === hash;
}

/** What was kept is data of somebody's disk: a state that does not fit is as good as none. */
function recalled(plan: BootPlan, warmUps: WarmUps): Machine | undefined {
  const warm = warmUps.recall(plan);
  if (warm === undefined) return undefined;
  const machine = bootScenario(compiling, forVerdict(plan));
  return takeUp(plan, machine, warm) ? machine : undefined;
}

/** On its own feet. */
function warmUp({ warmup }: BootPlan, machine: Machine): void {
  if (warmup === 0) return;
  machine.run(warmup);
  for (const monitor of machine.monitors) monitor.forget();
  // A boot fills them; experiments are judged by what is stale of their own time.
  machine.forgetTranslation();
}

/** A machine of that plan where experiments begin. */
export function warmMachine(plan: BootPlan, warmUps?: WarmUps): Machine {
  const known = plan.warmup === 0 || warmUps === undefined ? undefined : recalled(plan, warmUps);
  if (known !== undefined) return known;
  const machine = bootScenario(compiling, forVerdict(plan));
  warmUp(plan, machine);
  if (plan.warmup > 0) warmUps?.keep(plan, warmStateOf(machine));
  return machine;
}
