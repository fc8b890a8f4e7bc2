import type { CodeCache } from '../code-cache.ts';
import { ARRIVALS, CODE_PAGE_BYTES, REGIONS } from '../hart/layout.ts';
import { CODE, OPERATION } from '../isa/predecode.ts';
import type { MachineMemory } from '../memory.ts';
import { PAGE } from '../memory.ts';
import type { Timing } from '../timing.ts';
import { compileRegion } from './compile.ts';
import { type Compiled, describe } from './compiled.ts';
import { Entrances, operationAt } from './entrances.ts';
import { SITE } from '../hart/sites.ts';
import { regionOf } from './region.ts';
import { Sites } from './sites.ts';
import { Unrest } from './unrest.ts';

/** When to compile, and how much at once. None of it changes a result. */
export interface Tuning {
  /** Arrivals after which a place is hot, at most RESTLESS_PATIENCE of 16 bits. */
  readonly threshold: number;
  /** Instructions of a region at most. */
  readonly cap: number;
  /** Regions at once at most: each is a module, of which a host cannot have any number. */
  readonly most: number;
}
export const TUNING: Tuning = { threshold: 20_000, cap: 500, most: REGIONS - 1 };

/**
 * Counts of arrivals are halved each time the machine has come back to the host so often, which is once in half a million
 * cycles: where control arrives seldom is never worth compiling, however long a campaign takes.
 */
const COOLS_AFTER = 256;

/** In a restless machine, whose time is spread over many pages, compiling must save more to be worth its own time. */
const RESTLESS_PATIENCE = 3;

/** A page whose code was overwritten so often is left to the interpreter. */
const REWRITES = 8;

/** A site that missed as often as `fill_site` allows within so many cycles is not worth having. */
const SCATTERED_WITHIN = 1 << 20;

/** Where all sites of a region were emptied as often as `empty_sites` allows within so many cycles, none is worth having. */
const EMPTIED_WITHIN = 1 << 22;

/** What is known of a predecoded page. */
interface PageState {
  readonly hot: Set<number>;
  /** Hot places since it was last compiled, and how often it was. */
  requests: number;
  compiles: number;
  region: Compiled | undefined;
  /** Offsets of loads and stores that get no site. */
  readonly scattered: Set<number>;
  /** The bytes it was compiled of. */
  bytes: Uint8Array | undefined;
}

/** Compiled regions of a machine: made where control arrives often, given up where bytes change. */
export class Regions {
  /** How many regions were compiled so far. */
  made = 0;
  /** Told, once, why hot code stays interpreted. */
  onRefused: (why: string) => void = () => {};
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: REGIONS });
  private readonly memory: MachineMemory;
  private readonly timing: Timing;
  private readonly code: CodeCache;
  private readonly core: WebAssembly.ModuleImports;
  private readonly tuning: Tuning;
  private readonly pages = new Map<number, PageState>();
  /** By RAM page: how often a store hit its regions. */
  private readonly rewrites = new Map<number, number>();
  /** Regions of bytes that are in no predecoded page now, by their digest, the longest unused first. */
  private readonly kept = new Map<string, { readonly bytes: Uint8Array; readonly state: PageState }>();
  /** By index: what region lies there, and where it was compiled. */
  private readonly places = new Map<number, { readonly slot: number; readonly state: PageState }>();
  /** Indices of regions that are to be compiled again. */
  private readonly waiting = new Set<number>();
  private readonly unrest: Unrest;
  /** How often the machine was put to another moment. */
  private moments = 0;
  private returns = 0;
  private readonly freeIndices: number[];
  private readonly refusals = new Set<'cap' | 'host'>();
  private readonly entrances: Entrances;

  constructor(
    memory: MachineMemory,
    timing: Timing,
    code: CodeCache,
    core: WebAssembly.ModuleImports,
    tuning: Partial<Tuning>,
  ) {
    this.memory = memory;
    this.timing = timing;
    this.code = code;
    this.core = core;
    this.tuning = { ...TUNING, ...tuning };
    const most = Math.min(this.tuning.most, REGIONS - 1);
    this.freeIndices = Array.from({ length: most }, (_, i) => most - i);
    this.unrest = new Unrest(memory);
    this.entrances = new Entrances(memory, code);
    for (const hart of memory.harts) hart.set('arrivals', memory.map.arrivals);
    this.setThreshold();
    memory.bytes.fill(0, memory.map.arrivals, memory.map.arrivals + 2 * ARRIVALS);
  }

  /** The machine is at another moment: how often pages were overwritten is forgotten, and counts of cycles do not go on. */
  forgive(): void {
    this.rewrites.clear();
    this.moments++;
  }

  private setThreshold(): void {
    const threshold = this.tuning.threshold * (this.unrest.restless ? RESTLESS_PATIENCE : 1);
    for (const hart of this.memory.harts) hart.set('threshold', threshold);
  }

  /** Control has arrived at pc often. */
  hot(): void {
    const { current, map } = this.memory;
    const slot = (current.get('code_base') - map.codePages) / CODE_PAGE_BYTES;
    const offset = Number(current.wide('pc') & 0xfffn);
    if ((this.rewrites.get(this.code.pageOf(slot)) ?? 0) >= REWRITES) return;
    const state = this.pages.get(slot) ?? this.revive(slot);
    state.hot.add(offset);
    state.requests++;
    // Each time a page is compiled again, twice as much must have become hot.
    if (state.region?.entries.has(offset) === true || state.requests < 2 ** state.compiles) return;
    this.compile(slot, state);
  }

  /** The state of a page not seen since it was predecoded: as it was, if its bytes were compiled before. */
  private revive(slot: number): PageState {
    const bytes = this.bytesOf(slot);
    const digest = digestOf(bytes);
    const kept = this.kept.get(digest);
    let state: PageState = {
      hot: new Set(),
      requests: 0,
      compiles: 0,
      region: undefined,
      scattered: new Set(),
      bytes: undefined,
    };
    if (kept !== undefined && same(kept.bytes, bytes)) {
      this.kept.delete(digest);
      state = kept.state;
      if (state.region !== undefined) this.entrances.open(slot, state.region);
    }
    this.pages.set(slot, state);
    return state;
  }

  private bytesOf(slot: number): Uint8Array {
    const at = this.memory.page(this.code.pageOf(slot));
    return this.memory.bytes.subarray(at, at + PAGE);
  }

  private compile(slot: number, state: PageState): void {
    if (this.refusals.has('host')) return;
    const bytes = this.bytesOf(slot);
    const page = new DataView(bytes.buffer, bytes.byteOffset, PAGE);
    const { view, map } = this.memory;
    // An instruction is predecoded when it first runs.
    const ran = (offset: number) =>
      state.hot.has(offset) ||
      view.getUint16(operationAt(map.codePages, slot, offset) + OPERATION.code, true) !== CODE.undecoded;
    const region = regionOf(page, [...state.hot].reverse(), this.timing, this.tuning.cap, ran);
    state.requests = 0;
    state.compiles++;
    if (region.blocks.length === 0) return;
    this.entrances.close(slot, state.region);
    this.release(state);
    const index = this.takeIndex();
    if (index === undefined) {
      this.refuse('cap', `${this.tuning.most} regions are in use at once, and there shall be no more`);
      return;
    }
    const area = this.areaOf(index);
    this.memory.bytes.fill(0xff, area, area + SITE.emptied);
    this.memory.view.setUint32(area + SITE.emptied, 0, true);
    this.memory.bytes.fill(0, area + SITE.misses, area + SITE.area);
    const { restless } = this.unrest;
    const sites = new Sites(area, region, (offset) => !restless && !state.scattered.has(offset));
    const made = this.make(compileRegion(region, index, sites));
    if (made === undefined) {
      this.freeIndices.push(index);
      return;
    }
    this.table.set(index, made);
    state.region = describe(region, index, sites.offsets, { now: this.now(), moment: this.moments });
    this.places.set(index, { slot, state });
    state.bytes = bytes.slice();
    this.made++;
    this.entrances.open(slot, state.region);
  }

  /** Undefined where the host has no room for more modules. */
  private make(bytes: Uint8Array<ArrayBuffer>): WebAssembly.ExportValue | undefined {
    try {
      const module = new WebAssembly.Module(bytes);
      return new WebAssembly.Instance(module, { env: { memory: this.memory.wasm, ...this.core } }).exports.region;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.refuse('host', `after ${this.made} modules the host makes no more: ${error.message}`);
      return undefined;
    }
  }

  private refuse(by: 'cap' | 'host', why: string): void {
    if (this.refusals.size === 0) this.onRefused(why);
    this.refusals.add(by);
  }

  private now(): number {
    return this.memory.current.count('cycles');
  }

  private areaOf(index: number): number {
    return this.memory.map.sites + index * SITE.area;
  }

  /**
   * A site has missed often, or, told by their area, all sites of a region were emptied often: if that took little time, the
   * region shall be compiled again without them, by `recompile`.
   */
  scattered(site: number): void {
    const { map, view } = this.memory;
    const index = Math.floor((site - map.sites) / SITE.area);
    const place = this.places.get(index);
    const region = place?.state.region;
    const moment = region?.moment;
    if (region !== undefined) region.moment = this.moments;
    if (place !== undefined && region !== undefined && site === this.areaOf(index)) {
      const quick = moment === this.moments && this.now() - region.emptiedSince <= EMPTIED_WITHIN;
      region.emptiedSince = this.now();
      view.setUint32(site + SITE.emptied, 0, true);
      if (!quick) return;
      for (const offset of region.sites) place.state.scattered.add(offset);
      this.waiting.add(index);
      return;
    }
    const number = (site - this.areaOf(index) - SITE.first) / SITE.bytes;
    const offset = region?.sites[number];
    if (place === undefined || region === undefined || offset === undefined) return;
    if (moment !== this.moments || this.now() - (region.since[number] ?? 0) > SCATTERED_WITHIN) {
      region.since[number] = this.now();
      view.setUint32(this.areaOf(index) + SITE.misses + 4 * number, 0, true);
      return;
    }
    place.state.scattered.add(offset);
    this.waiting.add(index);
  }

  /** The machine has come back to the host, no region is running: looks at what it does, and compiles again what waits for it. */
  recompile(): void {
    this.unrest.measure();
    this.setThreshold();
    this.returns++;
    if (this.returns % COOLS_AFTER === 0) this.cool();
    for (const index of this.waiting) {
      const place = this.places.get(index);
      if (place !== undefined && this.pages.get(place.slot) === place.state) this.compile(place.slot, place.state);
    }
    this.waiting.clear();
  }

  private cool(): void {
    const { wasm, map } = this.memory;
    const counts = new Uint16Array(wasm.buffer, map.arrivals, ARRIVALS);
    counts.forEach((count, i) => {
      counts[i] = count >>> 1;
    });
  }

  /** Undefined where all regions are of pages in use. */
  private takeIndex(): number | undefined {
    for (;;) {
      const index = this.freeIndices.pop();
      if (index !== undefined) return index;
      const [oldest] = this.kept;
      if (oldest === undefined) return undefined;
      this.kept.delete(oldest[0]);
      this.release(oldest[1].state);
    }
  }

  private release(state: PageState): void {
    if (state.region === undefined) return;
    this.table.set(state.region.index, null);
    this.places.delete(state.region.index);
    this.freeIndices.push(state.region.index);
    state.region = undefined;
  }

  /** Bytes of a page are about to change by a store: `code` is what codeMap says of it. */
  written(code: number, offset: number, size: number): void {
    const slot = code - 1;
    const state = this.pages.get(slot);
    const from = offset >>> 1;
    const to = (offset + size - 1) >>> 1;
    if (state?.region?.covers.subarray(from, to + 1).some((covered) => covered !== 0) !== true) return;
    const page = this.code.pageOf(slot);
    this.rewrites.set(page, (this.rewrites.get(page) ?? 0) + 1);
    this.forget(slot);
  }

  /** The operations of a page are about to be forgotten. Its regions are kept for when the same bytes come back. */
  forget(slot: number): void {
    const state = this.pages.get(slot);
    if (state === undefined) return;
    this.entrances.close(slot, state.region);
    this.pages.delete(slot);
    // It may be running: it goes no further than the instruction that has changed it.
    this.memory.current.setCount('stop', 0);
    if (state.bytes === undefined) return;
    const digest = digestOf(state.bytes);
    const other = this.kept.get(digest);
    if (other !== undefined) this.release(other.state);
    this.kept.delete(digest);
    this.kept.set(digest, { bytes: state.bytes, state });
  }
}

/** FNV-1a over words: equal bytes are compared when it matters. */
function digestOf(bytes: Uint8Array): string {
  const words = new Int32Array(bytes.slice().buffer);
  let [low, high] = [0x811c9dc5, 0x1234567];
  for (const word of words) {
    low = Math.imul(low ^ word, 0x01000193);
    high = Math.imul(high ^ (word >>> 7) ^ low, 0x85ebca6b);
  }
  return `${low},${high}`;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);
