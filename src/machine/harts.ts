import type { CoreExports } from './hart/core.ts';
import type { Speed } from './hart/interpreter.ts';
import { BANKS, NO_WORLD, OWNER, PARTY, SAVED_BYTES } from './hart/layout.ts';
import { REASON } from './hart/run.ts';
import type { HartView, MachineMemory } from './memory.ts';
import { Rounds, type Schedule, type ScheduleState } from './schedule.ts';
import type { Timing } from './timing.ts';
import { type Translation, TranslationCaches } from './translation.ts';

export type Reason = (typeof REASON)[keyof typeof REASON];

/** Cycle that no run reaches. */
export const NEVER = 2 ** 52;
/** A reservation holds a switch up at most so long: every constrained LR/SC loop fits ("Unprivileged ISA", 14.3). */
const RESERVATION_CYCLES = 64;

export interface HartsState {
  readonly harts: readonly Uint8Array[];
  /** Of the adversarial translation caches. */
  readonly caches?: readonly Uint8Array[];
  readonly schedule: ScheduleState;
}

/** The harts of a machine: their reset, what they all share, and whose turn it is. */
export class Harts {
  private readonly memory: MachineMemory;
  private readonly core: CoreExports;
  private readonly rounds: Rounds;
  private readonly caches: TranslationCaches | undefined;
  private fastLoop: CoreExports['run'];
  private debugLoop: CoreExports['run'] | undefined;

  constructor(
    memory: MachineMemory,
    core: CoreExports,
    schedule: Schedule,
    timing: Timing,
    translation: Translation = { kind: 'finite' },
  ) {
    this.memory = memory;
    this.core = core;
    this.fastLoop = core.run;
    this.rounds = new Rounds(schedule, memory.harts.length);
    for (const hart of memory.harts) this.place(hart, timing, translation);
    if (translation.kind === 'adversarial') this.caches = new TranslationCaches(memory, translation);
  }

  private place(hart: HartView, timing: Timing, translation: Translation): void {
    const { map, ramPages } = this.memory;
    hart.set('ram_pages', ramPages);
    hart.set('ram_host', map.ram);
    hart.set('owner_map', map.ownerMap);
    hart.set('code_map', map.codeMap);
    hart.set('code_pages', map.codePages);
    hart.set('region_flags', map.regionFlags);
    hart.set('dirty_map', map.dirtyMap);
    hart.set('dirty_list', map.dirtyList);
    hart.set('cost_csr', timing.csrWrite);
    hart.set('cost_trap', timing.trap);
    hart.set('cost_mmio', timing.mmio);
    hart.set('cost_l2_hit', timing.secondLevelHit);
    hart.set('l2_mask', timing.secondLevelSets - 1);
    hart.set('cost_walk_start', timing.walkStart);
    hart.set('cost_walk_ref', timing.walkReference);
    // What is kept of translations must not depend on the soft-TLBs: modelled ones stand between, in `functional` for nothing.
    hart.set('modelled', timing.modelledTlb || translation.kind === 'adversarial' ? 1 : 0);
    hart.set('only_world', NO_WORLD);
    hart.set('machine_party', PARTY.layer);
    hart.set('supervisor_party', PARTY.guest);
    hart.setCount('limit_cycle', NEVER);
    hart.setWide('event_cycle', 1n << 62n);
    hart.set('instret_world', NO_WORLD);
    hart.setCount('watch_page', 1);
    hart.set('soft_used', 2 ** BANKS - 1);
  }

  /** Every hart in M-mode at `entry`, with its number in a0 (the first gets `a0`), `a1` and `a2`. */
  reset(entry: number, a0: number, a1: number, a2: number): void {
    const { memory } = this;
    memory.harts.forEach((hart, index) => {
      memory.bytes.fill(0, hart.base, hart.base + SAVED_BYTES);
      hart.set('party', hart.get('machine_party'));
      hart.setCount('pc', entry);
      hart.set('priv', 3);
      hart.set('hartid', index);
      hart.setCount('x', index === 0 ? a0 : index, 10);
      hart.setCount('x', a1, 11);
      hart.setCount('x', a2, 12);
      // MXL = 64; A C D F H I M S U. Only H can be switched off.
      hart.setWide('misa', (2n << 62n) | 0x1411adn);
      for (const timer of ['mtimecmp', 'stimecmp', 'vstimecmp']) hart.setWide(timer, -1n);
      hart.set('world', NO_WORLD);
      hart.set('own_code', OWNER.any);
      hart.set('layer_code', 1);
    });
    this.caches?.reset();
    memory.select(0);
    this.flushSoft();
  }

  forgetTranslation(): void {
    this.caches?.forget();
  }

  reseedTranslation(seed: number): void {
    this.caches?.reseed(seed);
  }

  /** A translation could not be kept for want of room. */
  get translationCapped(): boolean {
    return this.caches?.capped ?? false;
  }

  /** A loop to take instead of the core's own, where nothing is watched. */
  setFastLoop(loop: CoreExports['run']): void {
    this.fastLoop = loop;
  }

  /** Called now and then while nothing runs. */
  yielded: () => void = () => {};

  /** The loop of a debugger; without it, `debugged` is `observed`. */
  setDebugLoop(loop: CoreExports['run']): void {
    this.debugLoop = loop;
  }

  /** Empties what the harts derived from tables and ownership; changes no result. */
  flushSoft(): void {
    for (const hart of this.memory.harts) this.core.flush_soft(hart.base);
  }

  /** Moves running quanta into the totals. */
  fold(): void {
    for (const hart of this.memory.harts) this.core.fold(hart.base);
  }

  setLine(index: number, bit: number, high: boolean): void {
    const hart = this.memory.harts[index];
    if (hart === undefined) return;
    const lines = hart.get('lines');
    hart.set('lines', high ? lines | bit : lines & ~bit);
    hart.setCount('stop', 0);
  }

  /** @param traced whether the core is to tell of traps, of who runs, and of waiting */
  prepare(traced: boolean): void {
    for (const hart of this.memory.harts) {
      hart.set('host_request', 0);
      hart.setCount('yield_cycle', 0);
      hart.set('traced', traced ? 1 : 0);
    }
  }

  /**
   * Runs until something wants the host. One hart runs to `until` exactly; several run whole rounds, and stop with the
   * first that ends there or later, so that cutting a run does not change who met whom.
   */
  run(until: number, event: number, speed: Speed): Reason {
    return this.memory.harts.length === 1 ? this.runOne(until, event, speed) : this.runRounds(until, event, speed);
  }

  private loopOf(speed: Speed): CoreExports['run'] {
    if (speed === 'fast') return this.fastLoop;
    return speed === 'debugged' ? (this.debugLoop ?? this.core.run_observed) : this.core.run_observed;
  }

  private enter(hart: HartView, limit: number, event: number, speed: Speed): Reason {
    hart.setCount('limit_cycle', Math.min(limit, NEVER));
    hart.setWide('event_cycle', event >= NEVER ? 1n << 62n : BigInt(event));
    const run = this.loopOf(speed);
    for (;;) {
      const reason = run(hart.base) as Reason;
      if (reason !== REASON.yield) return reason;
      this.yielded();
    }
  }

  private runOne(until: number, event: number, speed: Speed): Reason {
    return this.enter(this.memory.current, until, event, speed);
  }

  private runRounds(until: number, event: number, speed: Speed): Reason {
    const { memory, rounds } = this;
    for (;;) {
      if (rounds.over) {
        const now = rounds.end;
        if (now >= event) return REASON.event;
        if (rounds.allIdle && event >= NEVER && !this.canWake()) return REASON.idle;
        if (now >= until) return REASON.limit;
        rounds.begin(now, event, this.wake());
      }
      memory.select(rounds.hart);
      const hart = memory.current;
      if (hart.count('cycles') < rounds.end) {
        const reason = this.enter(hart, rounds.end, NEVER, speed);
        if (reason === REASON.idle) this.wait(hart);
        else if (reason !== REASON.limit) return reason;
      }
      const reason = this.endReservation(hart, speed);
      if (reason !== undefined) return reason;
      rounds.next();
    }
  }

  /** A hart in WFI for which no timer runs: time passes all the same. */
  private wait(hart: HartView): void {
    const waited = this.rounds.end - hart.count('cycles');
    hart.setCount('cycles', this.rounds.end);
    hart.setCount('party_cycles', hart.count('party_cycles', PARTY.idle) + waited, PARTY.idle);
    this.rounds.noteIdle();
  }

  /**
   * No reservation survives a change of turns; one that is held gets the time to be used first. A reason to stop meanwhile
   * is returned; called again, it goes on as if nothing had been.
   */
  private endReservation(hart: HartView, speed: Speed): Reason | undefined {
    const last = this.rounds.end + RESERVATION_CYCLES;
    while (hart.get('reserved_valid') !== 0 && hart.get('wfi') === 0 && hart.count('cycles') < last) {
      const reason = this.enter(hart, hart.count('cycles') + 1, NEVER, speed);
      if (reason === REASON.idle) break;
      if (reason !== REASON.limit) return reason;
    }
    hart.set('reserved_valid', 0);
    return undefined;
  }

  /** A device may have raised a line since the harts began to wait. */
  private canWake(): boolean {
    return this.memory.harts.some((hart) => this.core.can_wake(hart.base) !== 0);
  }

  /** Where every hart waits: the first cycle at which one of them has a timer to take. */
  private wake(): number {
    let first = NEVER;
    for (const hart of this.memory.harts) {
      if (hart.get('wfi') === 0 || this.core.can_wake(hart.base) !== 0) return 0;
      first = Math.min(first, Number(this.core.next_timer(hart.base)));
    }
    return first >= NEVER ? 0 : first;
  }

  save(): HartsState {
    const { memory } = this;
    return {
      harts: memory.harts.map((hart) => memory.bytes.slice(hart.base, hart.base + SAVED_BYTES)),
      ...(this.caches && { caches: this.caches.save() }),
      schedule: this.rounds.save(),
    };
  }

  restore(state: HartsState): void {
    const { memory } = this;
    memory.harts.forEach((hart, index) => {
      const saved = state.harts[index];
      if (saved === undefined) throw new RangeError(`the snapshot has no hart ${index}`);
      memory.bytes.set(saved, hart.base);
      for (const scratch of ['exception', 'sideways', 'host_request', 'cross_bits']) hart.set(scratch, 0);
      hart.setCount('p', 0);
      hart.set('instret_world', NO_WORLD);
    });
    this.caches?.restore(state.caches ?? []);
    this.rounds.restore(state.schedule);
    memory.select(this.rounds.hart);
    this.flushSoft();
  }
}
