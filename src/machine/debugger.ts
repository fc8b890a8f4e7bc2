import { dataAccess } from './data-access.ts';
import type { DebugImports } from './hart/debug-loop.ts';
import type { Inspector } from './inspect.ts';
import { type HartView, type MachineMemory, PAGE } from './memory.ts';

/** Data to stop after an access to: virtual, as the instruction names it. */
export interface DataWatch {
  readonly address: bigint;
  readonly length: number;
  readonly on: 'read' | 'write' | 'access';
}

/** Why a debugger has the machine back, and which hart it is about. */
export type DebugStop =
  /** Before the instruction. */
  | { readonly why: 'breakpoint'; readonly hart: number }
  /** One instruction retired, or trapped, or an interrupt was taken in its place. */
  | { readonly why: 'step'; readonly hart: number }
  /** After the instruction that made the access. */
  | { readonly why: 'watchpoint'; readonly hart: number; readonly watch: DataWatch; readonly address: bigint };

/** Told of an instruction's word, of how many instructions its hart had retired before, and of the hart. The instruction may
 * trap, and an interrupt may be taken in its place: whether it retires, the next one tells. */
export type Follower = (word: number, retired: number, hart: number) => void;

/** A hart as a debugger follows it. */
interface Followed {
  readonly view: HartView;
  /** Instruction to run although a stop was reported before it. */
  leaving: bigint | undefined;
  /** An access that the instruction under way makes if it retires. */
  seen: { readonly stop: DebugStop; readonly instret: number } | undefined;
}

const KEPT_WORDS = 4096;
const PAGE_BITS = ~BigInt(PAGE - 1);

/**
 * Breakpoints, watched data and single steps. They decide where a run is cut and nothing else, so a run that was cut is the
 * run that was not. Watched data makes the host look at every instruction: some hundred times slower.
 */
export class Debugger implements DebugImports {
  /** What the last run stopped for. */
  stop: DebugStop | undefined;
  private readonly memory: MachineMemory;
  private readonly inspector: Inspector;
  private readonly harts: readonly Followed[];
  private readonly breakpoints = new Set<bigint>();
  private readonly pages = new Set<bigint>();
  private readonly words = new Map<number, ReturnType<typeof dataAccess>>();
  private watches: readonly DataWatch[] = [];
  private stepping: number | undefined;
  private follower: Follower | undefined;

  constructor(memory: MachineMemory, inspector: Inspector) {
    this.memory = memory;
    this.inspector = inspector;
    this.harts = memory.harts.map((view) => ({ view, leaving: undefined, seen: undefined }));
  }

  /** Whether a run has anything to ask; without, it is as fast as ever. */
  get armed(): boolean {
    return (
      this.breakpoints.size > 0 || this.watches.length > 0 || this.stepping !== undefined || this.follower !== undefined
    );
  }

  /** Stop before the instruction at that virtual address, whoever executes it. */
  setBreakpoint(pc: bigint, on: boolean): void {
    if (on) this.breakpoints.add(pc);
    else this.breakpoints.delete(pc);
    this.pages.clear();
    for (const each of this.breakpoints) this.pages.add(each & PAGE_BITS);
  }

  watchData(watches: readonly DataWatch[]): void {
    this.watches = watches;
  }

  /** Tells of every instruction that is about to run, on any hart; undefined ends it. */
  follow(follower: Follower | undefined): void {
    this.follower = follower;
  }

  /** To be said before the runs that go on from a stop; `stepping`: until that hart has made one step. */
  resume(stepping?: number): void {
    this.stepping = stepping;
    for (const index of [this.stop?.hart, stepping]) {
      const hart = this.harts[index ?? -1];
      if (hart !== undefined) hart.leaving = hart.view.wide('pc');
    }
    this.stop = undefined;
  }

  /** No reason to stop is left. */
  clear(): void {
    this.breakpoints.clear();
    this.pages.clear();
    this.watches = [];
    this.follower = undefined;
    this.stepping = undefined;
    this.stop = undefined;
    for (const hart of this.harts) {
      hart.leaving = undefined;
      hart.seen = undefined;
    }
  }

  debug_page(): number {
    if (this.stepping !== undefined || this.watches.length > 0 || this.follower !== undefined) return 1;
    return this.pages.has(this.memory.current.wide('page_va')) ? 1 : 0;
  }

  debug_hit(): number {
    const index = this.memory.harts.indexOf(this.memory.current);
    const hart = this.harts[index];
    if (hart === undefined) return 0;
    const pc = hart.view.wide('pc');
    const { leaving, seen } = hart;
    hart.leaving = undefined;
    hart.seen = undefined;
    if (seen !== undefined && retired(hart.view) > seen.instret) return this.stopFor(seen.stop);
    if (pc !== leaving) {
      if (this.breakpoints.has(pc)) return this.stopFor({ why: 'breakpoint', hart: index });
      if (this.stepping === index) return this.stopFor({ why: 'step', hart: index });
    }
    if (this.follower !== undefined) this.follower(this.wordAt(hart.view, pc), retired(hart.view), index);
    if (this.watches.length > 0) hart.seen = this.accessAt(index, hart.view, pc);
    return 0;
  }

  private stopFor(stop: DebugStop): 1 {
    this.stop = stop;
    this.stepping = undefined;
    return 1;
  }

  /** The first watched access of the instruction at pc. */
  private accessAt(index: number, hart: HartView, pc: bigint): Followed['seen'] {
    const word = this.wordAt(hart, pc);
    let access = this.words.get(word);
    if (access === undefined && !this.words.has(word)) {
      if (this.words.size >= KEPT_WORDS) this.words.clear();
      access = dataAccess(word);
      this.words.set(word, access);
    }
    if (access === undefined) return undefined;
    const from = BigInt.asUintN(64, hart.wide('x', access.base) + access.offset);
    const to = from + BigInt(access.size);
    for (const watch of this.watches) {
      if (watch.on === 'read' ? !access.reads : watch.on === 'write' && !access.writes) continue;
      if (from >= watch.address + BigInt(watch.length) || to <= watch.address) continue;
      const address = from > watch.address ? from : watch.address;
      return { stop: { why: 'watchpoint', hart: index, watch, address }, instret: retired(hart) };
    }
    return undefined;
  }

  private wordAt(hart: HartView, pc: bigint): number {
    const offset = Number(pc & 0xfffn);
    if (offset > PAGE - 4) return this.inspector.word() ?? 0;
    return this.memory.view.getUint32(hart.get('fetch_host') + offset, true);
  }
}

/** Instructions that the hart has retired, those of the running quantum among them. */
function retired(hart: HartView): number {
  return hart.count('instret') + (hart.count('p') % 2 ** 20);
}
