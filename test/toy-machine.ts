// A machine small enough to know by heart, with the face of the real one that experiments see. Each guest repeats four
// instructions per unit of work (poll the saboteur, load its work word, mix, put out); guests take turns, one
// instruction per cycle. `open` lets a guest store anywhere, `closed` stops it at its own slot.

import type { Rig, RigGuest, RigMachine } from '../src/faults/rig.ts';
import { BUG } from '../src/faults/saboteur.ts';
import { MONITOR, Monitor } from '../src/machine/devices/monitor.ts';
import type { LedgerEntry } from '../src/machine/index.ts';

export const PC = { POLL: 0x1000, LOAD: 0x1004, MIX: 0x1008, PUT: 0x100c } as const;
export const SLOT = 0x1000;
export const OFFSET = { TRAP: 0x0, CANARY: 0x10, WORK: 0x20 } as const;
const TRAP_WORD = 0x7ac0n;
const FINISHER = 0x10_0000;
export const CANARIES = [0xca11n, 0xca22n] as const;
export const WORK_WORDS = 8;

export interface ToyOptions {
  readonly mode: 'native' | 'open' | 'closed';
  /** Guests present; native has one. */
  readonly present?: readonly number[];
  /** A defect to prove a control by: outputs of bystanders then depend on the named thing. */
  readonly defect?:
    | 'time leaks into words'
    | 'restore forgets'
    | 'stores lose their entry'
    | 'stores are lost'
    | 'flips are lost'
    | 'operands are not told'
    | 'writing registers disturbs';
}

interface Guest {
  unit: number;
  pc: number;
  x: bigint[];
  instret: number;
  dead: boolean;
  done: boolean;
}

const MASK = (1n << 64n) - 1n;
const fresh = (): Guest => ({
  unit: 0,
  pc: PC.POLL,
  x: new Array<bigint>(32).fill(0n),
  instret: 0,
  dead: false,
  done: false,
});

export class ToyMachine {
  readonly #options: ToyOptions;
  readonly #present: readonly number[];
  readonly monitors: Monitor[];
  #guests: Guest[] = [fresh(), fresh()];
  #memory = new Map<number, bigint>();
  #ledger: LedgerEntry[] = [];
  #watch: { world: number; pc: bigint; count: number } | undefined;
  #stopAt: { world: number; instret: number } | undefined;
  #turn = 0;
  #finished = false;
  watched = 0;
  /** Its guests trap without telling anybody. */
  readonly probe = { on: () => () => undefined, onFirst: () => () => undefined };
  readonly ports = [];
  cycles = 0;
  stopOnForeign = false;
  readonly privilege = 'S';
  #disturbed = 0n;

  constructor(options: ToyOptions) {
    this.#options = options;
    this.#present = options.present ?? [0, 1];
    this.monitors = [0, 1].map((guest) => new Monitor({ guest, now: () => this.cycles }));
    this.restore();
  }

  /** It is quick enough to go everywhere on foot. */
  snapshot(): never {
    throw new RangeError('the toy has no room for snapshots');
  }

  restore(): void {
    const keep = this.#options.defect === 'restore forgets' ? this.#memory.get(SLOT * 2 + OFFSET.WORK) : undefined;
    this.#guests = [fresh(), fresh()];
    this.#memory = new Map();
    for (const guest of [0, 1]) {
      const base = SLOT * (guest + 1);
      this.#memory.set(base + OFFSET.TRAP, TRAP_WORD);
      this.#memory.set(base + OFFSET.CANARY, CANARIES[guest] ?? 0n);
      this.#memory.set(base + OFFSET.WORK, BigInt(7 + guest));
    }
    if (keep !== undefined) this.#memory.set(SLOT * 2 + OFFSET.WORK, keep);
    this.#ledger = [];
    this.cycles = 0;
    this.#turn = 0;
    this.#finished = false;
    this.#disturbed = 0n;
    const blank = new Monitor({ guest: 0, now: () => 0 }).save();
    for (const [guest, monitor] of this.monitors.entries()) {
      const readable = blank.readable.slice();
      readable[MONITOR.GUEST >>> 2] = guest;
      monitor.restore({ ...blank, readable });
    }
  }

  get instret(): number {
    return this.#guests.reduce((sum, guest) => sum + guest.instret, 0);
  }

  get #running(): Guest {
    const guest = this.#guests[this.#turn];
    if (guest === undefined) throw new RangeError('no such guest');
    return guest;
  }

  get pc(): bigint {
    return BigInt(this.#running.pc);
  }

  x(register: number): bigint {
    return this.#running.x[register] ?? 0n;
  }

  setX(register: number, value: bigint): void {
    if (this.#options.defect === 'flips are lost') return;
    if (this.#options.defect === 'writing registers disturbs') this.#disturbed = 1n;
    this.#running.x[register] = value & MASK;
  }

  delay(cycles: number): void {
    this.cycles += cycles;
  }

  operands(): { reads: readonly number[]; writes: number | undefined } {
    if (this.#options.defect === 'operands are not told') return { reads: [], writes: undefined };
    switch (this.#running.pc) {
      case PC.LOAD:
        return { reads: [], writes: 5 };
      case PC.MIX:
        return { reads: [5, 7], writes: 6 };
      case PC.PUT:
        return { reads: [6], writes: 7 };
      default:
        return { reads: [10], writes: undefined };
    }
  }

  watch(watch: { world: number; pc: bigint; count: number } | undefined): void {
    this.#watch = watch;
    this.watched = 0;
  }

  stopAtInstret(world: number, instret: number): void {
    this.#stopAt = { world, instret };
  }

  read(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 8 <= length; at += 8) view.setBigUint64(at, this.#memory.get(address + at) ?? 0n, true);
    return bytes;
  }

  accounting() {
    const guests = this.#guests.map(({ instret }) => ({ cycles: instret, instret, layerCycles: 0, layerInstret: 0 }));
    const none = { cycles: 0, instret: 0 };
    return { firmware: none, layer: none, idle: 0, guests };
  }

  readonly ledger = ((toy: ToyMachine) => ({
    get entries(): readonly LedgerEntry[] {
      return toy.#ledger;
    },
  }))(this);
  readonly consoles = [0, 1].map(() => ({ text: '', bytes: 0 }));

  /** It translates nothing. */
  readonly translationCapped = false;
  seedTranslation(): void {}

  hash(): string {
    const memory = [...this.#memory].sort(([a], [b]) => a - b).map(([address, word]) => `${address}=${word}`);
    const guests = this.#guests.map(({ unit, pc, x, instret }) => [unit, pc, x.join(), instret].join(' '));
    return [this.cycles, ...memory, ...guests].join(';');
  }

  #alive(guest: number): boolean {
    const state = this.#guests[guest];
    return this.#present.includes(guest) && state !== undefined && !state.done;
  }

  #advanceTurn(): boolean {
    for (let step = 1; step <= 2; step++) {
      const next = (this.#turn + step) % 2;
      if (this.#alive(next)) {
        this.#turn = next;
        return true;
      }
    }
    return false;
  }

  run(
    until: number,
  ): { kind: 'limit' | 'idle' | 'watch' | 'instret' | 'foreign' } | { kind: 'finished'; code: number } {
    if (!this.#alive(this.#turn) && !this.#advanceTurn()) return { kind: 'idle' };
    while (this.cycles < until) {
      const guest = this.#running;
      if (this.#stopAt?.world === this.#turn && guest.instret === this.#stopAt.instret) {
        this.#stopAt = undefined;
        return { kind: 'instret' };
      }
      if (this.#watch?.world === this.#turn && this.#watch.pc === BigInt(guest.pc)) {
        if (this.watched + 1 === this.#watch.count) {
          this.#watch = undefined;
          return { kind: 'watch' };
        }
        this.watched++;
      }
      this.#step(guest, this.#turn);
      this.cycles++;
      if (this.#finished) return { kind: 'finished', code: 0 };
      if (!this.#advanceTurn()) return { kind: 'idle' };
    }
    return { kind: 'limit' };
  }

  #step(guest: Guest, index: number): void {
    if (guest.dead) return;
    guest.instret++;
    const base = SLOT * (index + 1);
    switch (guest.pc) {
      case PC.POLL:
        guest.pc = PC.LOAD;
        this.#sabotage(guest, index);
        return;
      case PC.LOAD:
        guest.x[5] = this.#memory.get(base + OFFSET.WORK) ?? 0n;
        guest.pc = PC.MIX;
        return;
      case PC.MIX:
        guest.x[6] = ((guest.x[5] ?? 0n) * 31n + (guest.x[7] ?? 0n) + BigInt(guest.unit)) & MASK;
        guest.pc = PC.PUT;
        return;
      default:
        this.#put(guest, index, base);
    }
  }

  #put(guest: Guest, index: number, base: number): void {
    if (this.#memory.get(base + OFFSET.TRAP) !== TRAP_WORD) {
      guest.dead = true;
      return;
    }
    const time = this.#options.defect === 'time leaks into words' ? BigInt(this.cycles) : 0n;
    this.#tell(index, MONITOR.OUTPUT, ((guest.x[6] ?? 0n) + time + this.#disturbed) & MASK);
    guest.x[7] = guest.x[6] ?? 0n;
    guest.unit++;
    guest.x[10] = BigInt(guest.unit);
    guest.pc = PC.POLL;
    if (guest.unit < WORK_WORDS) return;
    this.#tell(index, MONITOR.END, 1n);
    guest.done = true;
  }

  #tell(index: number, register: number, value: bigint): void {
    this.monitors[index]?.write(register, 4, Number(value & 0xffff_ffffn), index);
    this.monitors[index]?.write(register + 4, 4, Number(value >> 32n), index);
  }

  #mailbox(index: number, register: number): bigint {
    const monitor = this.monitors[index];
    if (monitor === undefined) return 0n;
    const half = (offset: number) => BigInt(monitor.read(offset, 4, index));
    return half(register) | (half(register + 4) << 32n);
  }

  #sabotage(guest: Guest, index: number): void {
    const bug = Number(this.#mailbox(index, MONITOR.BUG));
    if (bug === BUG.NONE || this.#mailbox(index, MONITOR.WORK) !== BigInt(guest.unit)) return;
    const target = Number(this.#mailbox(index, MONITOR.TARGET));
    if (bug === BUG.SPIN_MASKED) {
      guest.dead = true;
      return;
    }
    const owner = target === FINISHER ? 'layer' : Math.floor(target / SLOT) - 1;
    if (this.#options.mode === 'closed' && owner !== index) {
      this.#tell(index, MONITOR.CRASH, bug === BUG.LOAD64 ? 5n : 7n);
      guest.done = true;
      return;
    }
    this.#access(index, bug, target, owner, this.#mailbox(index, MONITOR.VALUE));
  }

  #access(index: number, bug: number, target: number, owner: LedgerEntry['owner'], value: bigint): void {
    if (this.#options.defect === 'stores are lost') return;
    const old = this.#memory.get(target) ?? 0n;
    const isLoad = bug === BUG.LOAD64;
    if (isLoad) this.#tell(index, MONITOR.REPORT, old);
    else if (target === FINISHER) this.#finished = true;
    else this.#memory.set(target, value);
    if (owner === index || this.#options.defect === 'stores lose their entry') return;
    this.#ledger.push({
      kind: isLoad ? 'read' : target === FINISHER ? 'mmio-write' : 'write',
      from: index,
      onBehalf: undefined,
      owner,
      address: target,
      pc: BigInt(PC.POLL),
      cycle: this.cycles,
      instret: this.instret,
      changed: !isLoad && old !== value,
      count: 1,
      tainted: false,
    });
  }
}

const NAMES = ['rtos', 'unix'] as const;

export function toyRig(options: ToyOptions): Rig {
  const toy = new ToyMachine(options);
  const guest = (index: number): RigGuest => ({
    name: NAMES[index] ?? '',
    index,
    hart: 0,
    work: WORK_WORDS,
    boundTicks: 1000,
    canary: [CANARIES[index] ?? 0n],
    dmaSource: 16 + index,
    memory: { base: SLOT * (index + 1), size: SLOT },
    physicalBase: SLOT * (index + 1),
    symbol: (name) =>
      SLOT * (index + 1) + (name === 'canary' ? OFFSET.CANARY : name === 'trap_entry' ? OFFSET.TRAP : OFFSET.WORK),
    constants: [{ base: SLOT * (index + 1), size: 0x20 }],
    workData: { base: SLOT * (index + 1) + OFFSET.WORK, size: 8 },
    pcOf: BigInt,
    pollPc: BigInt(PC.POLL),
    booted: 0,
    space: { regions: [], mutants: new Map(), instructionAt: () => undefined },
    imageBases: [SLOT * (index + 1)],
    backtrace: () => [],
  });
  return {
    mode: options.mode,
    // The toy shows what experiments use and nothing else of the machine.
    machine: toy as unknown as RigMachine,
    isParked: () => false,
    ram: [],
    loads: [],
    guests: (options.present ?? [0, 1]).map(guest),
    board: {
      finisher: FINISHER,
      finisherPass: 0x5555,
      mtimecmp: 0x200,
      mtime: 0x208,
      doorbell: 0x210,
      plicMachineEnable: 0x500,
      dma: (guest) => 0x600 + 0x20 * guest,
      plicPriority: (source) => 0x300 + 4 * source,
    },
    firmware: 0x400,
    layerTrapHandler: 0x400,
    reset: {} as Rig['reset'],
    start: 0,
    ownerOf: () => 'free',
    physical: (address) => address,
    named: (address) => address,
    symbolAt: (address) => `${NAMES[Math.floor(address / SLOT) - 1] ?? 'board'}+0x${(address % SLOT).toString(16)}`,
    symbolAtPc: (party, pc) => `${NAMES[Number(party)] ?? 'layer'}+0x${pc.toString(16)}`,
    snapshotRoom: 0,
    patience: 1_000_000,
  };
}
