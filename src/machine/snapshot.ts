import type { ClockState } from './clock.ts';
import type { HartsState } from './harts.ts';
import type { LedgerState } from './ledger.ts';
import type { MachineMemory } from './memory.ts';
import { PAGE } from './memory.ts';

/** Host addresses of a snapshot's pages, by RAM page; 0 for a page never written. */
export type PageTable = Uint32Array;

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
  private free: number;
  /** The snapshot that RAM equals, but for the pages on the dirty list. */
  private base: PageTable;

  constructor(memory: MachineMemory) {
    this.memory = memory;
    this.free = memory.map.pool;
    this.base = new Uint32Array(memory.ramPages);
  }

  /** Throws RangeError when the pool is full. */
  take(): PageTable {
    const { memory } = this;
    const table = this.base.slice();
    const dirty = memory.dirtyPages();
    if (this.free + dirty.length * PAGE > memory.map.end) {
      throw new RangeError(`no room for ${dirty.length} more snapshot pages; take fewer snapshots of this machine`);
    }
    for (const page of dirty) {
      memory.bytes.copyWithin(this.free, memory.page(page), memory.page(page) + PAGE);
      table[page] = this.free;
      this.free += PAGE;
    }
    this.memory.forgetDirty();
    this.base = table;
    return table;
  }

  /** Makes RAM what it was; calls `changed` with each page that is about to get other bytes. */
  restore(table: PageTable, changed: (page: number) => void): void {
    const { base } = this;
    const dirty = this.memory.dirtyPages();
    for (const page of dirty) this.copyBack(table, page, changed);
    if (table !== base) {
      for (let page = 0; page < table.length; page++) {
        if (table[page] !== base[page]) this.copyBack(table, page, changed);
      }
    }
    this.memory.forgetDirty();
    this.base = table;
  }

  private copyBack(table: PageTable, page: number, changed: (page: number) => void): void {
    const { memory } = this;
    const to = memory.page(page);
    const from = table[page] ?? 0;
    changed(page);
    if (from === 0) memory.bytes.fill(0, to, to + PAGE);
    else memory.bytes.copyWithin(to, from, from + PAGE);
  }

  /** Does RAM page `page` hold exactly what the snapshot has? */
  same(table: PageTable, page: number): boolean {
    const { memory } = this;
    const from = table[page] ?? 0;
    const words = new Int32Array(memory.wasm.buffer, memory.page(page), PAGE / 4);
    if (from === 0) return words.every((word) => word === 0);
    const saved = new Int32Array(memory.wasm.buffer, from, PAGE / 4);
    for (let i = 0; i < words.length; i++) if (words[i] !== saved[i]) return false;
    return true;
  }

  /** Pages that may be other than zero. */
  written(): Set<number> {
    const pages = new Set(this.memory.dirtyPages());
    this.base.forEach((address, page) => {
      if (address !== 0) pages.add(page);
    });
    return pages;
  }
}
