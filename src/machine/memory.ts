import { CONSTANTS } from './hart/constants.ts';
import { CSRS } from './hart/csrs.ts';
import { FIELDS, HART_BASE, HART_STRIDE, type MemoryMap, memoryMap, PAGE } from './hart/layout.ts';

/** Where the table CSR number -> row lies: below the harts, the same in every machine. */
const CSR_MAP = Number(CONSTANTS.get('CSR_MAP') ?? 0n);
const CSR_NUMBERS = 4096;

/** The state of one hart, field by field. Names are those of `layout.ts`. */
export class HartView {
  readonly base: number;
  private readonly view: DataView;

  constructor(view: DataView, hart: number) {
    this.view = view;
    this.base = HART_BASE + hart * HART_STRIDE;
  }

  private address(name: string, index: number): number {
    const field = FIELDS.get(name);
    if (field === undefined) throw new Error(`no state field ${name}`);
    return this.base + field.offset + index * field.width;
  }

  /** A field of up to 32 bits, unsigned. */
  get(name: string, index = 0): number {
    return this.view.getUint32(this.address(name, index), true);
  }

  set(name: string, value: number, index = 0): void {
    this.view.setUint32(this.address(name, index), value, true);
  }

  /** A 64-bit field whose value stays below 2^53, such as a count of cycles. */
  count(name: string, index = 0): number {
    const at = this.address(name, index);
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 0x1_0000_0000;
  }

  setCount(name: string, value: number, index = 0): void {
    const at = this.address(name, index);
    this.view.setUint32(at, value % 0x1_0000_0000, true);
    this.view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }

  /** A 64-bit field exactly: for inspection, never on a hot path. */
  wide(name: string, index = 0): bigint {
    return this.view.getBigUint64(this.address(name, index), true);
  }

  setWide(name: string, value: bigint, index = 0): void {
    this.view.setBigUint64(this.address(name, index), BigInt.asUintN(64, value), true);
  }
}

/** One linear memory: hart state, tables, predecoded code, guest RAM, pages of snapshots. Addresses are host addresses in it. */
export class MachineMemory {
  readonly wasm: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly map: MemoryMap;
  readonly ramBytes: number;
  readonly ramPages: number;
  readonly harts: readonly HartView[];
  /** The hart that runs, or ran last. */
  current: HartView;

  /**
   * @param poolBytes room for snapshot pages; untouched pages cost the host nothing
   * @param cacheBytes of the adversarial translation caches of one hart
   */
  constructor(harts: number, ramBytes: number, poolBytes: number, cacheBytes = 0) {
    this.ramBytes = ramBytes;
    this.ramPages = ramBytes / PAGE;
    this.map = memoryMap(harts, ramBytes, poolBytes, cacheBytes);
    const pages = this.map.end / 0x10000;
    this.wasm = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.bytes = new Uint8Array(this.wasm.buffer);
    this.view = new DataView(this.wasm.buffer);
    this.bytes.fill(0xff, CSR_MAP, CSR_MAP + CSR_NUMBERS + 0x100);
    this.harts = Array.from({ length: harts }, (_, hart) => new HartView(this.view, hart));
    const [first] = this.harts;
    if (first === undefined) throw new RangeError('a machine has at least one hart');
    this.current = first;
    CSRS.forEach((row, index) => {
      this.bytes[CSR_MAP + row.number] = index;
    });
  }

  /** From now on `current` is that hart. */
  select(hart: number): void {
    this.current = this.harts[hart] ?? this.current;
  }

  /** RAM pages written since the last snapshot or restore, in the order of their first writing. */
  dirtyPages(): Uint32Array {
    const count = this.view.getUint32(this.map.dirtyList, true);
    return new Uint32Array(this.wasm.buffer, this.map.dirtyList + 4, count).slice();
  }

  forgetDirty(): void {
    const pages = this.dirtyPages();
    for (let i = 0; i < pages.length; i++) this.bytes[this.map.dirtyMap + (pages[i] ?? 0)] = 0;
    this.view.setUint32(this.map.dirtyList, 0, true);
  }

  /** The words at a host address. */
  words(at: number, bytes: number): Int32Array {
    return new Int32Array(this.wasm.buffer, at, bytes / 4);
  }

  /** Host address of RAM page `page`. */
  page(page: number): number {
    return this.map.ram + page * PAGE;
  }
}

export { PAGE };
