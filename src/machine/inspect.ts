import { type Operands, operandsOf } from './operands.ts';
import { RAM_BASE } from './board.ts';
import type { MachineMemory } from './memory.ts';

export type Privilege = 'U' | 'S' | 'M';

/** Modes of satp and hgatp: 0 bare, 8 Sv39, 9 Sv48, 10 Sv57. */
const MODE_SHIFT = 60n;
const PPN_MASK = (1n << 44n) - 1n;

/** Looks at a machine without touching it: no TLB, no accessed bits, no cycles. For tools, not for the run. */
export class Inspector {
  private readonly memory: MachineMemory;

  constructor(memory: MachineMemory) {
    this.memory = memory;
  }

  privilege(): Privilege {
    return (['U', 'S', 'S', 'M'] as const)[this.memory.current.get('priv') & 3] ?? 'M';
  }

  private ram(paddr: bigint, bytes: bigint): number | undefined {
    const offset = paddr - BigInt(RAM_BASE);
    if (offset < 0n || offset + bytes > BigInt(this.memory.ramBytes)) return undefined;
    return this.memory.map.ram + Number(offset);
  }

  private walk(root: bigint, address: bigint, toPhysical: (pa: bigint) => bigint | undefined): bigint | undefined {
    let table: bigint = (root & PPN_MASK) << 12n;
    const top = (root >> MODE_SHIFT) - 6n;
    const wide = root === this.memory.current.wide('hgatp');
    for (let level = top; level >= 0n; level--) {
      const index = (address >> (12n + 9n * level)) & (wide && level === top ? 2047n : 511n);
      const entry = toPhysical(table + index * 8n);
      const host = entry === undefined ? undefined : this.ram(entry, 8n);
      if (host === undefined) return undefined;
      const pte = this.memory.view.getBigUint64(host, true);
      if ((pte & 1n) === 0n) return undefined;
      const base = ((pte >> 10n) & PPN_MASK) << 12n;
      if ((pte & 0xan) !== 0n) {
        const mask = (1n << (12n + 9n * level)) - 1n;
        return (base & ~mask) | (address & mask);
      }
      table = base;
    }
    return undefined;
  }

  /** Physical address of a virtual one in the mode that runs now; undefined where nothing is mapped. */
  translate(va: bigint): bigint | undefined {
    const { memory } = this;
    const virtual = memory.current.get('virt') !== 0;
    const hgatp = memory.current.wide('hgatp');
    const second = (gpa: bigint): bigint | undefined =>
      virtual && hgatp >> MODE_SHIFT !== 0n ? this.walk(hgatp, gpa, (pa) => pa) : gpa;
    const root = memory.current.wide(virtual ? 'vsatp' : 'satp');
    if (memory.current.get('priv') === 3 || root >> MODE_SHIFT === 0n) return second(va);
    const gpa = this.walk(root, va, second);
    return gpa === undefined ? undefined : second(gpa);
  }

  /** The instruction word at pc, or undefined where pc leads nowhere. */
  word(): number | undefined {
    const pc = this.memory.current.wide('pc');
    const low = this.half(pc);
    if (low === undefined || (low & 3) !== 3) return low;
    const high = this.half(pc + 2n);
    return high === undefined ? undefined : (low | (high << 16)) >>> 0;
  }

  private half(va: bigint): number | undefined {
    const paddr = this.translate(va);
    const host = paddr === undefined ? undefined : this.ram(paddr, 2n);
    return host === undefined ? undefined : this.memory.view.getUint16(host, true);
  }

  operands(): Operands {
    const word = this.word();
    return word === undefined ? { reads: [], writes: undefined } : operandsOf(word);
  }
}
