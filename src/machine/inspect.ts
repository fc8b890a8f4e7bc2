import { type Operands, operandsOf } from './operands.ts';
import { RAM_BASE } from './board.ts';
import { type MachineMemory, PAGE } from './memory.ts';

export type Privilege = 'U' | 'S' | 'M';

/** Modes of satp and hgatp: 0 bare, 8 Sv39, 9 Sv48, 10 Sv57. */
const MODE_SHIFT = 60n;
const PPN_MASK = (1n << 44n) - 1n;
/** Entries of a table; the root of a second stage has four times as many. */
const ENTRIES = 512;
const PTE_V = 1;
const PTE_LEAF = 0xa;

/** Looks at a machine without touching it: no TLB, no accessed bits, no cycles. For tools, not for the run. */
export class Inspector {
  private readonly memory: MachineMemory;

  constructor(memory: MachineMemory) {
    this.memory = memory;
  }

  privilege(): Privilege {
    return (['U', 'S', 'S', 'M'] as const)[this.memory.current.get('priv') & 3] ?? 'M';
  }

  /** Host address of a physical page that is RAM. */
  private ram(page: number): number | undefined {
    const index = page - RAM_BASE / PAGE;
    return index >= 0 && index < this.memory.ramPages ? this.memory.page(index) : undefined;
  }

  /** Pages go by their numbers, of up to 52 bits: exact as they are. */
  private walk(root: bigint, page: number, isSecond: boolean, toPhysical: (page: number) => number | undefined) {
    let table = Number(root & PPN_MASK);
    const top = Number(root >> MODE_SHIFT) - 6;
    for (let level = top; level >= 0; level--) {
      const span = ENTRIES ** level;
      const index = Math.floor(page / span) % (isSecond && level === top ? 4 * ENTRIES : ENTRIES);
      const entry = toPhysical(table + Math.floor(index / ENTRIES));
      const host = entry === undefined ? undefined : this.ram(entry);
      if (host === undefined) return undefined;
      const at = host + 8 * (index % ENTRIES);
      const low = this.memory.view.getUint32(at, true);
      if ((low & PTE_V) === 0) return undefined;
      const next = (low >>> 10) + (this.memory.view.getUint32(at + 4, true) & 0x3f_ffff) * 2 ** 22;
      if ((low & PTE_LEAF) !== 0) return next - (next % span) + (page % span);
      table = next;
    }
    return undefined;
  }

  private translatePage(page: number): number | undefined {
    const { current } = this.memory;
    const virtual = current.get('virt') !== 0;
    const hgatp = virtual ? current.wide('hgatp') : 0n;
    const second = (guestPage: number): number | undefined =>
      hgatp >> MODE_SHIFT === 0n ? guestPage : this.walk(hgatp, guestPage, true, (own) => own);
    const root = current.wide(virtual ? 'vsatp' : 'satp');
    if (current.get('priv') === 3 || root >> MODE_SHIFT === 0n) return second(page);
    const guestPage = this.walk(root, page, false, second);
    return guestPage === undefined ? undefined : second(guestPage);
  }

  /** Physical address of a virtual one in the mode that runs now; undefined where nothing is mapped. */
  translate(va: bigint): bigint | undefined {
    const page = this.translatePage(Number(BigInt.asUintN(64, va) >> 12n));
    return page === undefined ? undefined : (BigInt(page) << 12n) | (va & 0xfffn);
  }

  /** The instruction word at pc, or undefined where pc leads nowhere. */
  word(): number | undefined {
    const pc = this.memory.current.wide('pc');
    const page = Number(pc >> 12n);
    const offset = Number(pc & 0xfffn);
    const host = this.code(page);
    if (host === undefined) return undefined;
    const { view } = this.memory;
    const low = view.getUint16(host + offset, true);
    if ((low & 3) !== 3) return low;
    if (offset + 2 < PAGE) return view.getUint32(host + offset, true);
    const next = this.code((page + 1) % 2 ** 52);
    return next === undefined ? undefined : (low | (view.getUint16(next, true) << 16)) >>> 0;
  }

  private code(page: number): number | undefined {
    const physical = this.translatePage(page);
    return physical === undefined ? undefined : this.ram(physical);
  }

  operands(): Operands {
    const word = this.word();
    return word === undefined ? { reads: [], writes: undefined } : operandsOf(word);
  }
}
