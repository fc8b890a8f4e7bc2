import type { ClockState } from './clock.ts';
import type { CoreExports } from './hart/core.ts';
import type { HartsState } from './harts.ts';
import type { LedgerState } from './ledger.ts';
import type { MachineMemory } from './memory.ts';
import { PAGE } from './memory.ts';

/** RAM pages in a group. */
const GROUP = 64;

/**
 * Host addresses of a snapshot's pages, by group and RAM page in it; 0 for a page of zeros. Snapshots share the groups
 * in which they have the same pages.
 */
export type PageTable = readonly Uint32Array[];

const NEVER_WRITTEN = new Uint32Array(GROUP);

/** Everything a machine is at one moment. */
export interface Snapshot {
  readonly schema: 'taco.snapshot/1';
  readonly harts: HartsState;
  readonly pages: PageTable;
  readonly devices: Readonly<Record<string, unknown>>;
  readonly consoles: readonly unknown[];
  readonly clock: ClockState;
  readonly ledger: LedgerState;
}

/**
 * RAM pages of snapshots, in the same linear memory. A snapshot shares the pages that did not change since the one it was
 * taken after; restoring copies the pages written since, and those in which the two snapshots differ.
 */
export class SnapshotPages {
  private readonly memory: MachineMemory;
  private readonly core: CoreExports;
  private free: number;
  /** The snapshot that RAM equals, but for the pages on the dirty list. */
  private base: PageTable;
  /** Page that was another one when last asked, and will be again, most likely. */
  private suspect = 0;

  constructor(memory: MachineMemory, core: CoreExports) {
    this.memory = memory;
    this.core = core;
    this.free = memory.map.pool;
    this.base = Array.from({ length: Math.ceil(memory.ramPages / GROUP) }, () => NEVER_WRITTEN);
  }

  /** Bytes for pages of snapshots: those left, and all. */
  get room(): { readonly left: number; readonly all: number } {
    const { pool, end } = this.memory.map;
    return { left: end - this.free, all: end - pool };
  }

  /** Throws RangeError when the pool is full. */
  take(): PageTable {
    const { memory, base } = this;
    const table = [...base];
    const dirty = memory.dirtyPages();
    if (this.free + dirty.length * PAGE > memory.map.end) {
      throw new RangeError(`no room for ${dirty.length} more snapshot pages; take fewer snapshots of this machine`);
    }
    for (const page of dirty) {
      const group = Math.floor(page / GROUP);
      const pages = table[group] === base[group] ? (base[group] ?? NEVER_WRITTEN).slice() : table[group];
      if (pages === undefined) throw new RangeError(`RAM has no page ${page}`);
      table[group] = pages;
      pages[page % GROUP] = this.keep(page);
    }
    memory.forgetDirty();
    this.base = table;
    return table;
  }

  /** Host address of a copy; a page of zeros needs none, whether it was ever written or not. */
  private keep(page: number): number {
    const { memory } = this;
    const from = memory.page(page);
    if (this.isZero(from)) return 0;
    const at = this.free;
    memory.bytes.copyWithin(at, from, from + PAGE);
    this.free += PAGE;
    return at;
  }

  /** Makes RAM what it was; calls `changed` with each page that is about to get other bytes. */
  restore(table: PageTable, changed: (page: number) => void): void {
    const dirty = this.memory.dirtyPages();
    for (let i = 0; i < dirty.length; i++) this.copyBack(table, dirty[i] ?? 0, changed);
    this.forEachDifference(table, (page) => this.copyBack(table, page, changed));
    this.memory.forgetDirty();
    this.base = table;
  }

  /** Is RAM what it was? */
  isAt(table: PageTable): boolean {
    if (!this.same(table, this.suspect)) return false;
    const pages = [...this.memory.dirtyPages()];
    this.forEachDifference(table, (page) => pages.push(page));
    const other = pages.find((page) => !this.same(table, page));
    if (other !== undefined) this.suspect = other;
    return other === undefined;
  }

  /** Pages that lie elsewhere in that snapshot than in the one that RAM equals. */
  private forEachDifference(table: PageTable, visit: (page: number) => void): void {
    const { base } = this;
    for (let group = 0; group < table.length; group++) {
      const [theirs, ours] = [table[group], base[group]];
      if (theirs === undefined || ours === undefined || theirs === ours) continue;
      for (let page = 0; page < GROUP; page++) if (theirs[page] !== ours[page]) visit(group * GROUP + page);
    }
  }

  private copyBack(table: PageTable, page: number, changed: (page: number) => void): void {
    const { memory } = this;
    const to = memory.page(page);
    const from = addressIn(table, page);
    changed(page);
    if (from === 0) memory.bytes.fill(0, to, to + PAGE);
    else memory.bytes.copyWithin(to, from, from + PAGE);
  }

  /** Does RAM page `page` hold exactly what the snapshot has? */
  same(table: PageTable, page: number): boolean {
    const at = this.memory.page(page);
    const from = addressIn(table, page);
    return from === 0 ? this.isZero(at) : this.core.pages_are_equal(0, at, from) !== 0;
  }

  /** Is the page at that host address all zeros? */
  isZero(at: number): boolean {
    return this.core.page_is_zero(0, at) !== 0;
  }

  /** Pages that may be other than zero, by rising number, each with the address of its copy in a snapshot; 0 for one that
   * was written since. */
  forEachContent(visit: (page: number, copy: number) => void): void {
    const dirty = this.memory.dirtyPages().sort();
    let next = 0;
    this.base.forEach((group, index) => {
      const first = index * GROUP;
      if (group === NEVER_WRITTEN && (dirty[next] ?? Number.POSITIVE_INFINITY) >= first + GROUP) return;
      for (let page = first; page < first + GROUP; page++) {
        const copy = group[page - first] ?? 0;
        if (dirty[next] === page) {
          next++;
          visit(page, 0);
        } else if (copy !== 0) visit(page, copy);
      }
    });
  }
}

function addressIn(table: PageTable, page: number): number {
  return table[Math.floor(page / GROUP)]?.[page % GROUP] ?? 0;
}
