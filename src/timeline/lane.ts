// One hart's slices: which world it runs, inside that the layer's work for it, inside that the firmware's, and waiting.

import type { PartyName } from '../machine/index.ts';
import type { TimelineEvent, Track } from './event.ts';

interface Open {
  readonly kind: PartyName | 'waiting';
  readonly name: string;
  readonly start: number;
  readonly details: TimelineEvent['details'];
}

export type World = number | undefined;

/** Keeps the slices of a hart nested: a slice closes before the one around it. */
export class Lane {
  private readonly emit: (event: TimelineEvent) => void;
  private readonly trackOf: (world: World) => Track;
  private readonly nameOf: (world: World) => string;
  private stack: Open[] = [];
  private world: World;
  /** The last trap, until it is known whether it led to other code. */
  private trap: TimelineEvent | undefined;

  constructor(
    emit: (event: TimelineEvent) => void,
    trackOf: (world: World) => Track,
    nameOf: (world: World) => string,
  ) {
    this.emit = emit;
    this.trackOf = trackOf;
    this.nameOf = nameOf;
  }

  private get track(): Track {
    return this.trackOf(this.world);
  }

  private open(kind: Open['kind'], name: string, start: number, details: TimelineEvent['details'] = {}): void {
    this.stack.push({ kind, name, start, details });
  }

  /** A trap that the same code took itself is an instant of its own. */
  private flushTrap(): void {
    if (this.trap !== undefined) this.emit(this.trap);
    this.trap = undefined;
  }

  finish(end: number): void {
    this.flushTrap();
    this.closeTo(0, end);
  }

  /** Closes slices until so many are left. */
  private closeTo(depth: number, end: number): void {
    while (this.stack.length > depth) {
      const slice = this.stack.pop();
      if (slice === undefined) return;
      const { name, start, details } = slice;
      this.emit({ track: this.track, name, start, end, details });
    }
  }

  enter(party: PartyName, world: World, cycle: number): void {
    if (this.stack.length === 0 || world !== this.world) {
      this.closeTo(0, cycle);
      this.world = world;
      this.open('guest', this.nameOf(world), cycle);
    }
    if (party === 'guest') this.flushTrap();
    const trap = this.trap;
    this.trap = undefined;
    const name = trap === undefined ? party : `${party}: ${trap.name}`;
    // Depth 1 is the world itself; the layer lies in it, and the firmware in either.
    if (party === 'guest') this.closeTo(1, cycle);
    else if (party === 'layer') {
      const layer = this.stack.findIndex(({ kind }) => kind === 'layer');
      this.closeTo(layer < 0 ? 1 : layer + 1, cycle);
      if (layer < 0) this.open('layer', name, cycle, trap?.details);
    } else if (this.stack.at(-1)?.kind !== 'firmware') this.open('firmware', name, cycle, trap?.details);
  }

  noteTrap(name: string, cycle: number, details: TimelineEvent['details']): void {
    this.flushTrap();
    this.trap = { track: this.track, name, start: cycle, end: undefined, details };
  }

  wait(begins: boolean, cycle: number): void {
    const waiting = this.stack.at(-1)?.kind === 'waiting';
    if (begins && !waiting) this.open('waiting', 'waiting for an interrupt', cycle);
    if (!begins && waiting) this.closeTo(this.stack.length - 1, cycle);
  }
}
