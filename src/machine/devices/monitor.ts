// A guest's monitor page: how guests of ours report to the harness without calling the layer, and how the harness hands
// them a sensor and the mailbox of a directed bug. Registers of 64 bits; one takes effect with the store to its high
// half. It is the one page that is never virtualized, so a store by any other world is counted and dropped.

import type { Device } from './device.ts';
import { REFUSED } from './device.ts';
import type { DigestState } from './digest.ts';
import { Digest } from './digest.ts';
import type { WordLogState } from './word-log.ts';
import { WordLog } from './word-log.ts';

export const MONITOR = {
  MAGIC: 0x00,
  GUEST: 0x08,
  HEARTBEAT: 0x10,
  OUTPUT: 0x18,
  PHASE: 0x20,
  DEADLINE: 0x28,
  SENSOR_INDEX: 0x30,
  SENSOR: 0x38,
  BUG: 0x40,
  TARGET: 0x48,
  VALUE: 0x50,
  WORK: 0x58,
  END: 0x60,
  REPORT: 0x68,
  CRASH: 0x70,
  ARG: 0x80,
} as const;

/** What MAGIC reads: "taco". */
export const MONITOR_MAGIC = 0x6f636174;

const ARG_COUNT = 8;
/** Bytes of registers; beyond them, and at 0x78, there is nothing. */
const REGISTERS_END = MONITOR.ARG + 8 * ARG_COUNT;
const SPARE = 0x78;

const WORDS_KEPT = 256;
const PHASES_KEPT = 1024;
const DEADLINES_KEPT = 1024;
const REPORTS_KEPT = 1024;

/** What the harness tells the guest: a directed bug and arguments, all zero for a healthy run. */
export interface Mailbox {
  readonly bug: bigint;
  readonly target: bigint;
  readonly value: bigint;
  /** Index of the unit of work at which to act. */
  readonly work: bigint;
  /** Up to 8. */
  readonly args: readonly bigint[];
}

export interface MonitorOptions {
  readonly guest: number;
  /** Cycles since reset, to stamp phases and the end of the work. */
  readonly now: () => number;
  /** Told of each phase mark and of the end, at the store: the harness takes its accounts then. */
  readonly onPhase?: (guest: number, id: number) => void;
  readonly onEnd?: (guest: number) => void;
}

export interface MonitorState {
  /** What loads see, and low halves stored but not yet committed, by word of the page. */
  readable: Uint32Array;
  latched: Uint32Array;
  seed: number;
  digestWords: number;
  heartbeats: number;
  foreignStores: number;
  /** Digest of the first `digestWords` output words. */
  digest: DigestState;
  outputs: WordLogState;
  /** Id in the low half of a word; the cycle of each mark stands in phaseCycles. */
  phases: WordLogState;
  phaseCycles: number[];
  /** Response time in ticks of mtime in the low half, index in the high half. */
  deadlines: WordLogState;
  deadlineMax: number;
  reports: WordLogState;
  /** Cause of the first panic and how many there were. */
  crashes: WordLogState;
  /** Cycle of the first panic, of the digestWords-th output word, and of END; -1 before. */
  crashedCycle: number;
  completedCycle: number;
  endedCycle: number;
}

export class Monitor implements Device {
  readonly name: string;
  readonly size = 0x1000;
  readonly guest: number;
  readonly #options: MonitorOptions;
  readonly #readable = new Uint32Array(REGISTERS_END / 4);
  readonly #latched = new Uint32Array(REGISTERS_END / 4);
  readonly #digest = new Digest();
  readonly outputs = new WordLog(WORDS_KEPT);
  readonly phases = new WordLog(PHASES_KEPT);
  readonly deadlines = new WordLog(DEADLINES_KEPT);
  readonly reports = new WordLog(REPORTS_KEPT);
  readonly crashes = new WordLog(1);
  #phaseCycles: number[] = [];
  #seed = 0;
  #digestWords = Number.MAX_SAFE_INTEGER;
  heartbeats = 0;
  /** Stores by other worlds, none of which had an effect. */
  foreignStores = 0;
  /** The longest response time reported, ticks of mtime. */
  deadlineMax = 0;
  crashedCycle = -1;
  completedCycle = -1;
  endedCycle = -1;

  constructor(options: MonitorOptions) {
    this.name = `monitor${options.guest}`;
    this.guest = options.guest;
    this.#options = options;
    this.#readable[MONITOR.MAGIC >>> 2] = MONITOR_MAGIC;
    this.#readable[MONITOR.GUEST >>> 2] = options.guest;
    this.#sample(0, 0);
  }

  /** What was reported until now counts no more. */
  forget(): void {
    const { readable, latched, seed, digestWords } = this.save();
    const fresh = new Monitor(this.#options).save();
    this.restore({ ...fresh, readable, latched, seed, digestWords });
  }

  /** The sensor's input: sample i is a function of seed and i, never of time. */
  setSeed(seed: number): void {
    this.#seed = seed | 0;
    const word = MONITOR.SENSOR_INDEX >>> 2;
    this.#sample(this.#readable[word] ?? 0, this.#readable[word + 1] ?? 0);
  }

  /** How many output words count: the guest's fixed amount of work. */
  setDigestWords(count: number): void {
    this.#digestWords = count;
  }

  setMailbox(mailbox: Mailbox): void {
    this.#setReadable(MONITOR.BUG, mailbox.bug);
    this.#setReadable(MONITOR.TARGET, mailbox.target);
    this.#setReadable(MONITOR.VALUE, mailbox.value);
    this.#setReadable(MONITOR.WORK, mailbox.work);
    for (let index = 0; index < ARG_COUNT; index++)
      this.#setReadable(MONITOR.ARG + 8 * index, mailbox.args[index] ?? 0n);
  }

  get ended(): boolean {
    return this.endedCycle >= 0;
  }

  /** Cause of the first panic. */
  get crash(): bigint | undefined {
    return this.crashes.words()[0];
  }

  /** Digest of the output words that count, 16 hexadecimal digits. */
  digest(): string {
    return this.#digest.hex();
  }

  /** The first phase marks in their order. */
  phaseMarks(): { id: number; cycle: number }[] {
    return this.#phaseCycles.map((cycle, index) => ({ id: this.phases.low(index), cycle }));
  }

  /** Write-only registers read zero; widths below 32 bits are refused. */
  read(offset: number, width: 1 | 2 | 4, _world: number): number {
    return isRegister(offset, width) ? (this.#readable[offset >>> 2] ?? 0) : REFUSED;
  }

  write(offset: number, width: 1 | 2 | 4, value: number, world: number): boolean {
    if (!isRegister(offset, width)) return false;
    if (world !== this.guest) this.foreignStores++;
    else if ((offset & 4) === 0) this.#latched[offset >>> 2] = value;
    else this.#commit(offset - 4, this.#latched[(offset - 4) >>> 2] ?? 0, value);
    return true;
  }

  /** Stores to registers that are read-only have no effect. */
  #commit(register: number, low: number, high: number): void {
    switch (register) {
      case MONITOR.HEARTBEAT:
        this.heartbeats++;
        break;
      case MONITOR.OUTPUT:
        this.#output(low, high);
        break;
      case MONITOR.PHASE:
        if (this.phases.count < PHASES_KEPT) this.#phaseCycles.push(this.#options.now());
        this.phases.add(low, high);
        this.#options.onPhase?.(this.guest, low);
        break;
      case MONITOR.DEADLINE:
        this.deadlines.add(low, high);
        this.deadlineMax = Math.max(this.deadlineMax, low);
        break;
      case MONITOR.SENSOR_INDEX:
        this.#sample(low, high);
        break;
      case MONITOR.END:
        if (this.ended) break;
        this.endedCycle = this.#options.now();
        this.#options.onEnd?.(this.guest);
        break;
      case MONITOR.REPORT:
        this.reports.add(low, high);
        break;
      case MONITOR.CRASH:
        if (this.crashes.count === 0) this.crashedCycle = this.#options.now();
        this.crashes.add(low, high);
        break;
      default:
        break;
    }
  }

  #output(low: number, high: number): void {
    if (this.outputs.count < this.#digestWords) {
      this.#digest.add(low);
      this.#digest.add(high);
    }
    this.outputs.add(low, high);
    if (this.outputs.count === this.#digestWords) this.completedCycle = this.#options.now();
  }

  #sample(indexLow: number, indexHigh: number): void {
    this.#readable[MONITOR.SENSOR_INDEX >>> 2] = indexLow;
    this.#readable[(MONITOR.SENSOR_INDEX >>> 2) + 1] = indexHigh;
    this.#readable[MONITOR.SENSOR >>> 2] = sensorSample(this.#seed, indexLow, indexHigh);
  }

  #setReadable(register: number, value: bigint): void {
    this.#readable[register >>> 2] = Number(value & 0xffff_ffffn);
    this.#readable[(register >>> 2) + 1] = Number((value >> 32n) & 0xffff_ffffn);
  }

  registerName(offset: number): string {
    if (offset >= MONITOR.ARG && offset < REGISTERS_END) return `ARG${(offset - MONITOR.ARG) >>> 3}`;
    const register = offset - (offset % 8);
    return Object.entries(MONITOR).find(([, place]) => place === register)?.[0] ?? 'unimplemented';
  }

  save(): MonitorState {
    return {
      readable: this.#readable.slice(),
      latched: this.#latched.slice(),
      seed: this.#seed,
      digestWords: this.#digestWords,
      heartbeats: this.heartbeats,
      foreignStores: this.foreignStores,
      digest: this.#digest.save(),
      outputs: this.outputs.save(),
      phases: this.phases.save(),
      phaseCycles: [...this.#phaseCycles],
      deadlines: this.deadlines.save(),
      deadlineMax: this.deadlineMax,
      reports: this.reports.save(),
      crashes: this.crashes.save(),
      crashedCycle: this.crashedCycle,
      completedCycle: this.completedCycle,
      endedCycle: this.endedCycle,
    };
  }

  restore(state: MonitorState): void {
    this.#readable.set(state.readable);
    this.#latched.set(state.latched);
    this.#seed = state.seed;
    this.#digestWords = state.digestWords;
    this.heartbeats = state.heartbeats;
    this.foreignStores = state.foreignStores;
    this.#digest.restore(state.digest);
    this.outputs.restore(state.outputs);
    this.phases.restore(state.phases);
    this.#phaseCycles = [...state.phaseCycles];
    this.deadlines.restore(state.deadlines);
    this.deadlineMax = state.deadlineMax;
    this.reports.restore(state.reports);
    this.crashes.restore(state.crashes);
    this.crashedCycle = state.crashedCycle;
    this.completedCycle = state.completedCycle;
    this.endedCycle = state.endedCycle;
  }
}

function isRegister(offset: number, width: number): boolean {
  return width === 4 && offset < REGISTERS_END && (offset & ~7) !== SPARE;
}

/** A 32-bit sample: MurmurHash3's finalizer over seed and index. */
function sensorSample(seed: number, indexLow: number, indexHigh: number): number {
  let mixed = seed ^ Math.imul(indexLow, 0x9e3779b1) ^ Math.imul(indexHigh, 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
