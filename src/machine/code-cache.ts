import { CODE_PAGE_BYTES, CODE_PAGES, offsetOf, SLOTS } from './hart/layout.ts';
import { CODE, OPERATION, writeOperation } from './isa/predecode.ts';
import type { MachineMemory } from './memory.ts';
import { PAGE } from './memory.ts';
import type { Timing } from './timing.ts';

/** Predecoded pages: derived from RAM, kept while its bytes stay the same, given up first in, first out. */
export class CodeCache {
  private readonly memory: MachineMemory;
  private readonly timing: Timing;
  private readonly flushSoft: () => void;
  /** RAM page held by each code page, or -1. */
  private readonly held = new Int32Array(CODE_PAGES).fill(-1);
  private next = 0;
  /** Called before the operations of a place are forgotten all at once. */
  forgetting: (slot: number) => void = () => {};

  constructor(memory: MachineMemory, timing: Timing, flushSoft: () => void) {
    this.memory = memory;
    this.timing = timing;
    this.flushSoft = flushSoft;
  }

  /** A place for the operations of a RAM page: its number plus one, as codeMap keeps it. */
  allocate(page: number): number {
    const { view, map } = this.memory;
    const slot = this.next;
    this.next = (this.next + 1) % CODE_PAGES;
    const old = this.held[slot] ?? -1;
    if (old >= 0) view.setUint16(map.codeMap + 2 * old, 0, true);
    this.clear(slot);
    this.held[slot] = page;
    view.setUint16(map.codeMap + 2 * page, slot + 1, true);
    // Stores to the page must now be seen, and nothing may still run the operations that lay here before.
    this.flushSoft();
    return slot + 1;
  }

  /** The operations of a RAM page, which no hart is executing at the moment, are not kept any longer. */
  giveUp(page: number): void {
    const { view, map } = this.memory;
    const slot = view.getUint16(map.codeMap + 2 * page, true) - 1;
    this.forgetting(slot);
    this.held[slot] = -1;
    view.setUint16(map.codeMap + 2 * page, 0, true);
    this.flushSoft();
  }

  /** Are there operations of that RAM page? */
  holds(page: number): boolean {
    const { view, map } = this.memory;
    return view.getUint16(map.codeMap + 2 * page, true) > 0;
  }

  /** RAM page whose operations lie in that place. */
  pageOf(slot: number): number {
    return this.held[slot] ?? -1;
  }

  private clear(slot: number): void {
    this.forgetting(slot);
    const { bytes, view, map } = this.memory;
    const base = map.codePages + slot * CODE_PAGE_BYTES;
    bytes.fill(0, base, base + CODE_PAGE_BYTES);
    for (const end of [SLOTS, SLOTS + 1]) view.setUint16(base + 16 * end, CODE.pageEnd, true);
  }

  /** The bytes of this RAM page are about to change without a store. */
  forget(page: number): void {
    const { view, map } = this.memory;
    const code = view.getUint16(map.codeMap + 2 * page, true);
    if (code > 0) this.clear(code - 1);
  }

  /** Writes the operation at this offset of the page being executed. */
  decodeAt(offset: number): void {
    const { current } = this.memory;
    this.write(current.get('fetch_host'), current.get('code_base'), offset);
  }

  /** Writes the operation at this offset of the page in that place. */
  decode(slot: number, offset: number): void {
    const { memory } = this;
    this.write(memory.page(this.pageOf(slot)), memory.map.codePages + slot * CODE_PAGE_BYTES, offset);
  }

  private write(host: number, base: number, offset: number): void {
    const { memory } = this;
    const at = base + offset * 8;
    const low = memory.view.getUint16(host + offset, true);
    if ((low & 3) !== 3) {
      writeOperation(memory.view, at, low, this.wordAt(host, offset + 2), this.timing);
    } else if (offset === PAGE - 2) {
      memory.view.setUint16(at + OPERATION.code, CODE.cross, true);
    } else {
      writeOperation(memory.view, at, this.wordAt(host, offset) ?? 0, this.wordAt(host, offset + 4), this.timing);
    }
  }

  /** The word at an offset, its high half only where it lies in the page; undefined where it does not lie in it whole. */
  private wordAt(host: number, offset: number): number | undefined {
    if (offset >= PAGE) return undefined;
    const low = this.memory.view.getUint16(host + offset, true);
    if ((low & 3) !== 3) return low;
    return offset + 4 > PAGE ? undefined : this.memory.view.getUint32(host + offset, true);
  }

  /** The operation of the instruction that crosses into the next page; its load-use cost does not look further. */
  decodeCrossing(): void {
    const { memory } = this;
    writeOperation(
      memory.view,
      memory.current.base + offsetOf('cross_op'),
      memory.current.get('cross_bits'),
      undefined,
      this.timing,
    );
  }
}
