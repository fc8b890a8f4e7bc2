/** How the harts of one machine take turns. Both are deterministic; the fine one also explores. */
export type Schedule =
  /** Rounds of 20,000 cycles: for speed. */
  | { readonly kind: 'coarse' }
  /** Rounds of 1 to 64 cycles in a drawn order: for isolation work. */
  | { readonly kind: 'fine'; readonly seed: number };

const COARSE_CYCLES = 20_000;
const FINE_CYCLES = 64;

/** Where the machine is in its schedule: part of its state. */
export interface ScheduleState {
  /** Cycle at which the round ends; a hart that is there has had its turn. */
  end: number;
  /** The hart whose turn it is, counted from `first`; as many as there are harts: the round is over. */
  turn: number;
  first: number;
  /** Harts that had nothing to wait for in this round. */
  idle: number;
  /** State of the generator (xorshift32), never 0. */
  random: number;
}

export class Rounds {
  private readonly schedule: Schedule;
  private readonly harts: number;
  private state: ScheduleState;

  constructor(schedule: Schedule, harts: number) {
    this.schedule = schedule;
    this.harts = harts;
    const seed = schedule.kind === 'fine' ? (Math.imul(schedule.seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 : 1;
    this.state = { end: 0, turn: harts, first: 0, idle: 0, random: seed === 0 ? 1 : seed };
  }

  get end(): number {
    return this.state.end;
  }

  get over(): boolean {
    return this.state.turn >= this.harts;
  }

  /** The hart whose turn it is. */
  get hart(): number {
    return (this.state.first + this.state.turn) % this.harts;
  }

  next(): void {
    this.state.turn++;
  }

  /** The hart whose turn it is waits, and nothing that it could wait for is under way. */
  noteIdle(): void {
    this.state.idle++;
  }

  get allIdle(): boolean {
    return this.state.idle === this.harts;
  }

  /** Begins a round at `start`; it ends at `event` at the latest, and where all harts wait, no sooner than `wake`. */
  begin(start: number, event: number, wake: number): void {
    const { state } = this;
    let length = COARSE_CYCLES;
    if (this.schedule.kind === 'fine') {
      length = 1 + (this.draw() % FINE_CYCLES);
      state.first = this.draw() % this.harts;
    }
    state.end = Math.max(start + 1, Math.min(Math.max(start + length, wake), event));
    state.turn = 0;
    state.idle = 0;
  }

  private draw(): number {
    let x = this.state.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state.random = x >>> 0;
    return this.state.random;
  }

  save(): ScheduleState {
    return { ...this.state };
  }

  restore(state: ScheduleState): void {
    this.state = { ...state };
  }
}
