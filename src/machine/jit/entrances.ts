// How the interpreter gets into a region: the predecoded operation at each of its entries is one that leads there, and the
// original is kept aside.

import type { CodeCache } from '../code-cache.ts';
import { CODE_PAGE_BYTES, OP_BYTES, REGION_ENTRIES } from '../hart/layout.ts';
import { CODE, OPERATION } from '../isa/predecode.ts';
import type { MachineMemory } from '../memory.ts';
import type { Compiled } from './compiled.ts';

/** Address of a predecoded operation. */
export const operationAt = (codePages: number, slot: number, offset: number): number =>
  codePages + slot * CODE_PAGE_BYTES + (offset >>> 1) * OP_BYTES;

export class Entrances {
  private readonly memory: MachineMemory;
  private readonly code: CodeCache;
  /** Places for originals that hold none. */
  private readonly free = Array.from({ length: REGION_ENTRIES }, (_, i) => REGION_ENTRIES - 1 - i);

  constructor(memory: MachineMemory, code: CodeCache) {
    this.memory = memory;
    this.code = code;
  }

  /** Leads the interpreter into a region wherever it can be entered, as long as there is room for originals. */
  open(slot: number, { index, entries, originals }: Compiled): void {
    const { bytes, view, map } = this.memory;
    bytes[map.regionFlags + slot] = 1;
    for (const [offset, entry] of entries) {
      const original = this.free.pop();
      if (original === undefined) return;
      const at = operationAt(map.codePages, slot, offset);
      // The operation must be there to be kept.
      if (view.getUint16(at + OPERATION.code, true) === CODE.undecoded) this.code.decode(slot, offset);
      const to = map.originals + original * OP_BYTES;
      bytes.copyWithin(to, at, at + OP_BYTES);
      originals.set(offset, original);
      view.setUint16(at + OPERATION.code, CODE.region, true);
      view.setUint16(at + OPERATION.rd, entry, true);
      view.setUint32(at + OPERATION.charge, index, true);
      view.setUint32(at + OPERATION.imm, to, true);
    }
  }

  /** Puts the operations back. */
  close(slot: number, region: Compiled | undefined): void {
    const { bytes, view, map } = this.memory;
    for (const [offset, original] of region?.originals ?? []) {
      const at = operationAt(map.codePages, slot, offset);
      const from = map.originals + original * OP_BYTES;
      // It may have been forgotten, and decoded anew, meanwhile.
      const led =
        view.getUint16(at + OPERATION.code, true) === CODE.region && view.getUint32(at + OPERATION.imm, true) === from;
      if (led) bytes.copyWithin(at, from, from + OP_BYTES);
      this.free.push(original);
    }
    region?.originals.clear();
    bytes[map.regionFlags + slot] = 0;
  }
}
