// What happened on a machine and when, as slices and marks on tracks: listens to the probe and changes nothing.

import type { Machine } from '../machine/index.ts';
import { describeCause } from './causes.ts';
import type { TimelineEvent, Track } from './event.ts';
import { Lane, type World } from './lane.ts';

/** Some 60 MB as text; what comes later is left out, and the last mark says so. */
export const EVENT_LIMIT = 400_000;
const COLUMNS_KEPT = 200;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Groups of tracks: one for each hart from 1 on, then these. */
const CONSOLES = 100;
const MARKS = 101;
/** Line of what runs for nobody, below those of the guests. */
const NOBODY = 99;

export type TimedMachine = Pick<Machine, 'probe' | 'ports' | 'cycles'>;
export type NameOf = (guest: number | 'layer') => string;

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

export class Timeline {
  readonly events: TimelineEvent[] = [];
  private readonly machine: TimedMachine;
  private readonly nameOf: NameOf;
  private readonly limit: number;
  private readonly lanes: readonly Lane[];
  private readonly lines = new Map<string, { track: Track; text: string; start: number; end: number }>();
  private subscriptions: (() => void)[] = [];

  /** Listens from now on. */
  constructor(machine: TimedMachine, nameOf: NameOf, limit = EVENT_LIMIT) {
    this.machine = machine;
    this.nameOf = nameOf;
    this.limit = limit;
    this.lanes = machine.ports.map(
      (_, hart) =>
        new Lane(
          (event) => this.events.push(event),
          (world) => ({ group: hart + 1, line: world ?? NOBODY }),
          (world) => this.nameOfWorld(world),
        ),
    );
    machine.ports.forEach(({ party, world }, hart) => {
      this.lanes[hart]?.enter(party, world, machine.cycles);
    });
    this.listen();
  }

  private nameOfWorld(world: World): string {
    return world === undefined ? 'nobody' : this.nameOf(world);
  }

  private listen(): void {
    const { probe } = this.machine;
    this.subscriptions = [
      probe.on('party', ({ hart, party, world, cycle }) => {
        this.lanes[hart]?.enter(party, world, cycle);
        this.checkRoom(cycle);
      }),
      probe.on('trap', ({ hart, to, interrupt, cause, pc, cycle }) => {
        this.lanes[hart]?.noteTrap(describeCause(interrupt, cause), cycle, { to, pc: hex(pc) });
        this.checkRoom(cycle);
      }),
      probe.on('wait', ({ hart, begins, cycle }) => this.lanes[hart]?.wait(begins, cycle)),
      probe.on('console', ({ from, byte, cycle }) => this.put(this.nameOf(from), from, byte, cycle)),
      probe.on('terminal', ({ slot, byte, cycle }) => this.put(`terminal ${slot}`, 50 + slot, byte, cycle)),
      probe.on('phase', ({ guest, id, cycle }) =>
        this.mark({ group: MARKS, line: guest }, `phase ${id >>> 1} ${id & 1 ? 'ends' : 'begins'}`, cycle, { id }),
      ),
      probe.on('end', ({ guest, cycle }) => this.mark({ group: MARKS, line: guest }, 'work done', cycle, {})),
      probe.on('foreign', ({ kind, from, owner, address, pc, cycle, changed }) => {
        const details = {
          owner: typeof owner === 'number' ? this.nameOf(owner) : owner,
          address: hex(address),
          pc: hex(pc),
          changed,
        };
        this.mark({ group: MARKS, line: from === 'layer' ? NOBODY : from }, `foreign ${kind}`, cycle, details);
      }),
    ];
  }

  private mark(track: Track, name: string, cycle: number, details: TimelineEvent['details']): void {
    this.events.push({ track, name, start: cycle, end: undefined, details });
    this.checkRoom(cycle);
  }

  private put(name: string, from: number | 'layer', byte: number, cycle: number): void {
    if (byte === CARRIAGE_RETURN) return;
    const track = { group: CONSOLES, line: from === 'layer' ? NOBODY : from };
    const line = this.lines.get(name) ?? { track, text: '', start: cycle, end: cycle };
    if (line.text === '') line.start = cycle;
    line.end = cycle;
    if (byte !== NEWLINE && line.text.length < COLUMNS_KEPT) {
      line.text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
    }
    this.lines.set(name, line);
    if (byte === NEWLINE) this.endLine(line);
    this.checkRoom(cycle);
  }

  private endLine(line: { track: Track; text: string; start: number; end: number }): void {
    if (line.text !== '') {
      this.events.push({ track: line.track, name: line.text, start: line.start, end: line.end, details: {} });
    }
    line.text = '';
  }

  private checkRoom(cycle: number): void {
    if (this.events.length < this.limit || this.subscriptions.length === 0) return;
    this.close(cycle);
    this.mark({ group: MARKS, line: NOBODY }, 'the timeline is full', cycle, { events: this.events.length });
  }

  private close(cycle: number): void {
    for (const end of this.subscriptions) end();
    this.subscriptions = [];
    for (const lane of this.lanes) lane.finish(cycle);
    for (const line of this.lines.values()) this.endLine(line);
  }

  /** Listens no more; what is open ends now. */
  finish(): void {
    if (this.subscriptions.length > 0) this.close(this.machine.cycles);
  }

  /** What a group of tracks, or one of its lines, is called. */
  labels(): { readonly groups: ReadonlyMap<number, string>; line(track: Track): string } {
    const groups = new Map(this.lanes.map((_, hart) => [hart + 1, `hart ${hart}`] as const));
    return {
      groups: new Map([...groups, [CONSOLES, 'consoles'], [MARKS, 'marks']]),
      line: ({ group, line }) => {
        if (line === NOBODY) return group === CONSOLES ? this.nameOf('layer') : 'nobody';
        return group === CONSOLES && line >= 50 ? `terminal ${line - 50}` : this.nameOf(line);
      },
    };
  }
}
