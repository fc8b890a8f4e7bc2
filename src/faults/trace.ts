// An experiment with all that is needed to tell why it ended as it did: what was done, what each guest said and when.

import { describeAct, describePoint } from './describe.ts';
import { runExperiment } from './experiment.ts';
import { describeCause } from './mechanism.ts';
import { guestOf, type Observation } from './observation.ts';
import { faultOf, type Lab, recordOf, rigFor } from './plan.ts';
import type { ExperimentRecord } from './records.ts';
import type { ExperimentId } from './replay-id.ts';
import { type Rig, rigGuest } from './rig.ts';
import { runGolden } from './run-to-end.ts';

export interface ConsoleLine {
  /** When its last byte was sent. */
  readonly cycle: number;
  readonly text: string;
}

export interface GuestTrace {
  readonly name: string;
  readonly words: number;
  readonly work: number;
  /** Index of the first output word that differs from the golden run. */
  readonly firstWrongWord: number | undefined;
  /** Its first panic, in words; empty without one. */
  readonly crash: string;
  readonly lines: readonly ConsoleLine[];
  readonly goldenLines: readonly ConsoleLine[];
}

export interface Trace {
  readonly record: ExperimentRecord;
  /** The injection in words: where, and what. */
  readonly when: string;
  readonly what: string;
  readonly injection: { readonly cycle: number; readonly instret: number } | undefined;
  readonly guests: readonly GuestTrace[];
  /** Where the hart of the guest that was hit is when the run ends. */
  readonly end: { readonly cycle: number; readonly who: string; readonly place: string };
}

/** What a console may make us remember: a flood is cut. */
const LINES_KEPT = 500;
const COLUMNS_KEPT = 200;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Guests are untrusted: what is not plain text becomes a dot. */
function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

class LineRecorder {
  readonly lines: ConsoleLine[] = [];
  #text = '';
  #cycle = 0;

  put(byte: number, cycle: number): void {
    if (byte === CARRIAGE_RETURN) return;
    this.#cycle = cycle;
    if (byte === NEWLINE) this.finish();
    else if (this.#text.length < COLUMNS_KEPT) this.#text += printable(byte);
  }

  /** Also the line that was left without its end. */
  finish(): ConsoleLine[] {
    if (this.#text !== '' && this.lines.length < LINES_KEPT) this.lines.push({ cycle: this.#cycle, text: this.#text });
    this.#text = '';
    return this.lines;
  }
}

/** Runs `body` and gives the lines that each guest wrote meanwhile, by its index. */
export function listening<T>(
  rig: Rig,
  body: () => T,
): { readonly result: T; readonly lines: Map<number, ConsoleLine[]> } {
  const recorders = new Map(rig.guests.map(({ index }) => [index, new LineRecorder()]));
  const stop = rig.machine.probe.on('console', ({ from, byte, cycle }) => {
    if (from !== 'layer') recorders.get(from)?.put(byte, cycle);
  });
  const result = body();
  stop();
  return { result, lines: new Map([...recorders].map(([index, recorder]) => [index, recorder.finish()])) };
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The last evidence of a guest that hangs: where the hart was found. */
export function endOf(rig: Rig, hart: number): Trace['end'] {
  const { cycles, ports } = rig.machine;
  const { pc, world } = ports[hart] ?? rig.machine;
  const running = rig.guests.find(({ index }) => index === world);
  return { cycle: cycles, who: running?.name ?? 'layer', place: rig.symbolAtPc(world ?? 'layer', pc) || hex(pc) };
}

function firstDifference(seen: readonly bigint[], golden: readonly bigint[]): number | undefined {
  const index = seen.findIndex((word, at) => at < golden.length && word !== golden[at]);
  return index < 0 ? undefined : index;
}

export interface Heard {
  readonly observation: Observation;
  /** By the index of the guest. */
  readonly lines: ReadonlyMap<number, ConsoleLine[]>;
}

export function guestTraces(rig: Rig, seen: Heard, golden: Heard): GuestTrace[] {
  return rig.guests.map(({ name, index, work }): GuestTrace => {
    const own = guestOf(seen.observation, index);
    return {
      name,
      work,
      words: Math.min(own.words, work),
      firstWrongWord: firstDifference(own.outputs, guestOf(golden.observation, index).outputs),
      crash: own.crash === undefined ? '' : describeCause(own.crash),
      lines: seen.lines.get(index) ?? [],
      goldenLines: golden.lines.get(index) ?? [],
    };
  });
}

export function conductTraced(lab: Lab, id: ExperimentId): Trace {
  const fault = faultOf(lab, id);
  const rig = rigFor(lab, id);
  const golden = listening(rig, () => runGolden(rig, fault.inputSeed));
  const { result, lines } = listening(rig, () => runExperiment(rig, golden.result, fault));
  const end = endOf(rig, rigGuest(rig, fault.from).hart);
  const guests = guestTraces(
    rig,
    { observation: result.observation, lines },
    { observation: golden.result.observation, lines: golden.lines },
  );
  return {
    record: recordOf(lab, id, fault, result),
    when: describePoint(rig, fault),
    what: describeAct(rig, fault.what),
    injection: result.injection,
    guests,
    end,
  };
}
