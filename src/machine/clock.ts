// The one owner of time: devices ask it for `now` and have events fired, in the order (cycle, sequence).

export interface ClockTarget {
  /** Unique among the targets of one clock: a saved event finds its target again by this name. */
  readonly name: string;
  fire(tag: number): void;
}

/** What a device is handed. */
export interface Scheduler {
  /** Cycles since reset, below 2^53. */
  readonly now: number;
  /** Makes a target known, so that a restored event finds it. Once per target, when the machine is composed. */
  register(target: ClockTarget): void;
  /** Fires `target` once, `delayCycles` (at least 1) from now. */
  schedule(delayCycles: number, target: ClockTarget, tag: number): void;
  /** Drops every event of the target. */
  cancel(target: ClockTarget): void;
}

export interface ClockEvent {
  cycle: number;
  sequence: number;
  device: string;
  tag: number;
}

export interface ClockState {
  now: number;
  /** Sequence number of the next event. */
  sequence: number;
  /** Next first. */
  events: ClockEvent[];
}

interface Entry {
  readonly cycle: number;
  readonly sequence: number;
  readonly target: ClockTarget;
  readonly tag: number;
}

export class Clock implements Scheduler {
  /** Set by the machine before it lets a device run. */
  now = 0;
  #sequence = 0;
  /** Sorted, the next event last. Each device has few events, so there is no need of a heap. */
  #entries: Entry[] = [];
  readonly #targets = new Map<string, ClockTarget>();

  register(target: ClockTarget): void {
    const known = this.#targets.get(target.name);
    if (known !== undefined && known !== target) throw new Error(`two clock targets are called ${target.name}`);
    this.#targets.set(target.name, target);
  }

  schedule(delayCycles: number, target: ClockTarget, tag: number): void {
    // At least one cycle ahead, so that runDue() ends whatever its targets schedule.
    if (!Number.isSafeInteger(delayCycles) || delayCycles < 1) {
      throw new RangeError(`${target.name}: a delay of ${delayCycles} cycles is none`);
    }
    if (this.#targets.get(target.name) !== target) throw new Error(`${target.name} is not registered with the clock`);
    const entry: Entry = { cycle: this.now + delayCycles, sequence: this.#sequence++, target, tag };
    let place = this.#entries.length;
    // The new entry has the highest sequence, so among equal cycles it goes behind, which is further to the front here.
    while (place > 0 && (this.#entries[place - 1]?.cycle ?? 0) <= entry.cycle) place--;
    this.#entries.splice(place, 0, entry);
  }

  cancel(target: ClockTarget): void {
    this.#entries = this.#entries.filter((entry) => entry.target !== target);
  }

  /** Cycle of the next event; Infinity if there is none. */
  nextCycle(): number {
    return this.#entries.at(-1)?.cycle ?? Number.POSITIVE_INFINITY;
  }

  /** Fires all events with cycle <= now in the order (cycle, sequence). */
  runDue(): void {
    for (
      let entry = this.#entries.at(-1);
      entry !== undefined && entry.cycle <= this.now;
      entry = this.#entries.at(-1)
    ) {
      this.#entries.pop();
      entry.target.fire(entry.tag);
    }
  }

  save(): ClockState {
    const events = this.#entries.map(({ cycle, sequence, target, tag }) => ({
      cycle,
      sequence,
      device: target.name,
      tag,
    }));
    return { now: this.now, sequence: this.#sequence, events: events.reverse() };
  }

  restore(state: ClockState): void {
    const entries = state.events.map(({ cycle, sequence, device, tag }) => {
      const target = this.#targets.get(device);
      if (target === undefined) throw new Error(`the snapshot has an event of ${device}, which this machine lacks`);
      return { cycle, sequence, target, tag };
    });
    this.#entries = entries.reverse();
    this.#sequence = state.sequence;
    this.now = state.now;
  }
}
