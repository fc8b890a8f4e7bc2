// Application work in one mode: boots the scenario, follows its Linux guest by the marks on its monitor page, and reads what
// its tools said on the console. Nothing is typed and nothing is changed: what runs is the guest's own /init.

import { createMachine, type Machine } from '../../machine/index.ts';
import { type BootPlan, bootScenario, type PlannedGuest, planBoots } from '../../scenario/boot.ts';
import { Awaited } from '../../scenario/dialogue.ts';
import type { ImageSet } from '../../scenario/image-set.ts';
import type { Mode } from '../../scenario/mode.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { responseRow } from '../latency.ts';
import type { LatencyRow } from '../records.ts';
import { type App, apps } from './apps.ts';
import type { AppRow } from './records.ts';
import { Listener, readTranscript, type Transcript } from './transcript.ts';

/** The last line of the script. */
const DONE = 'taco: all work is done';
const SLICE = 1_000_000;
/** Of the machine, for the boot and all work: ten times what it takes. */
const PATIENCE = 15_000_000_000;
const CYCLES_PER_US = 1000;
/** From the reset to the first mark. */
const BOOT = { number: 0, name: 'boot' };

interface Span {
  readonly cycles: number;
  readonly responses: readonly LatencyRow[];
}

/** What the marks say, by the number of the app; the first of a number counts. */
function followMarks(machine: Machine, plan: BootPlan, guest: PlannedGuest): ReadonlyMap<number, Span> {
  const spans = new Map<number, Span>();
  const others = plan.guests.filter(({ index }) => index !== guest.index);
  const nameOf = (number: number) => apps.find((app) => app.number === number)?.name ?? BOOT.name;
  let open: { readonly number: number; readonly begin: number } | undefined = { number: BOOT.number, begin: 0 };
  const close = (end: number): void => {
    if (open === undefined || spans.has(open.number)) return;
    const head = { mode: plan.mode, neighbour: `${guest.name}: ${nameOf(open.number)}` };
    const responses = others.flatMap(({ index, name, boundTicks }) => {
      const deadlines = machine.monitors[index]?.deadlines;
      if (deadlines === undefined || deadlines.count === 0) return [];
      return [responseRow({ ...head, guest: name }, deadlines, boundTicks)];
    });
    spans.set(open.number, { cycles: end - open.begin, responses });
  };
  machine.probe.on('phase', ({ guest: from, id, cycle }) => {
    if (from !== guest.index) return;
    const [number, ends] = [id >>> 1, id % 2 === 1];
    if (!ends && open?.number === BOOT.number) close(cycle);
    if (ends && open?.number === number) close(cycle);
    open = ends ? undefined : { number, begin: cycle };
    // Their answers until now were to other work.
    for (const { index } of others) machine.monitors[index]?.forget();
  });
  return spans;
}

function problemOf(app: App, transcript: Transcript, span: Span | undefined): string | Pick<AppRow, 'figures'> {
  const section = transcript.sections.get(app.name);
  if (section === undefined || span === undefined) return 'it did not come to its end';
  if (section.status !== 0) return `it ended with exit code ${section.status}`;
  const elapsedUs = span.cycles / CYCLES_PER_US;
  const said = app.read(section.text, elapsedUs);
  if (said === undefined) return 'what it said is not what this tool says';
  const least = said.leastUs ?? 0;
  // A guest's clock that runs fast would make every figure of it too large.
  if (least > elapsedUs) return `by the guest's clock it took ${least} us or more, by the machine's ${elapsedUs} us`;
  return { figures: said.figures };
}

function rowOf(head: Pick<AppRow, 'mode' | 'guest'>, app: App, transcript: Transcript, span: Span | undefined): AppRow {
  const taken = { cycles: span?.cycles ?? null, responses: span?.responses ?? [] };
  const absent = transcript.without.get(app.name);
  if (absent !== undefined && span === undefined) {
    return { ...head, app: app.name, outcome: 'absent', why: absent, figures: [], ...taken };
  }
  const result = problemOf(app, transcript, span);
  if (typeof result === 'string')
    return { ...head, app: app.name, outcome: 'failed', why: result, figures: [], ...taken };
  return { ...head, app: app.name, outcome: 'measured', why: '', ...result, ...taken };
}

function measureGuest(plan: BootPlan, guest: PlannedGuest): AppRow[] {
  const machine = bootScenario(createMachine, plan);
  const listener = new Listener();
  const done = new Awaited(DONE);
  machine.probe.on('console', ({ from, byte }) => {
    if (from !== guest.index) return;
    listener.hear(byte);
    done.hear(byte);
  });
  const spans = followMarks(machine, plan, guest);
  while (!done.seen && machine.cycles < PATIENCE && machine.run(machine.cycles + SLICE).kind === 'limit');
  const head = { mode: plan.mode, guest: guest.name };
  const transcript = readTranscript(listener.text);
  const booted = spans.get(BOOT.number);
  const boot: AppRow = {
    ...head,
    app: BOOT.name,
    outcome: booted === undefined ? 'failed' : 'measured',
    why: booted === undefined ? 'no mark came' : '',
    cycles: booted?.cycles ?? null,
    figures: [],
    responses: booted?.responses ?? [],
  };
  return [boot, ...apps.map((app) => rowOf(head, app, transcript, spans.get(app.number)))];
}

/** Of each Linux guest that the mode boots, a row for its boot and for each tool; nothing where there is none. */
export function measureApps(mode: Mode, scenario: Scenario, images: ImageSet): AppRow[] {
  return planBoots(mode, scenario, images).flatMap((plan) =>
    plan.guests
      .filter(({ loadedImage }) => loadedImage.linux !== undefined)
      .flatMap((guest) => measureGuest(plan, guest)),
  );
}
