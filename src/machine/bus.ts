// Finds the device of a physical address and hands it accesses it can take: aligned, inside, at most 32 bits wide.

import type { Device, Width } from './devices/device.ts';
import { REFUSED } from './devices/device.ts';

export interface Mapping {
  readonly base: number;
  readonly size: number;
  readonly device: Device;
  /** Owner of all registers unless the device answers `owners()`: a guest's index, OWNER_LAYER or OWNER_RUNNING. */
  readonly owner: number;
}

/** A part of the machine without registers: its state goes with the devices'. */
export interface Stateful {
  readonly name: string;
  save(): unknown;
  restore(state: unknown): void;
}

export class Bus {
  /** Result of the last read that was not refused: unsigned 32-bit halves; `high` is 0 below 64 bits. */
  low = 0;
  high = 0;
  readonly mappings: readonly Mapping[];
  readonly #parts: readonly Stateful[];
  /** Most accesses go where the last one went. */
  #last: Mapping | undefined;

  constructor(mappings: readonly Mapping[], others: readonly Stateful[] = []) {
    this.mappings = [...mappings].sort((a, b) => a.base - b.base);
    this.#parts = [...this.mappings.map(({ device }) => device), ...others];
    let end = 0;
    for (const { base, size, device } of this.mappings) {
      if (base < end) throw new RangeError(`${device.name} at 0x${base.toString(16)} overlaps the device below it`);
      end = base + size;
    }
  }

  find(paddr: number): Mapping | undefined {
    const last = this.#last;
    if (last !== undefined && paddr >= last.base && paddr < last.base + last.size) return last;
    for (let index = 0; index < this.mappings.length; index++) {
      const mapping = this.mappings[index];
      if (mapping === undefined || paddr < mapping.base) return undefined;
      if (paddr < mapping.base + mapping.size) {
        this.#last = mapping;
        return mapping;
      }
    }
    return undefined;
  }

  /** False: access fault. A 64-bit access is two of 32 bits, low half first; a refused second half leaves the first
   * one's effect standing. Misaligned accesses are refused whole. */
  read(paddr: number, width: Width, world: number): boolean {
    const mapping = this.find(paddr);
    if (mapping === undefined) return false;
    const offset = paddr - mapping.base;
    if ((offset & (width - 1)) !== 0 || offset + width > mapping.size) return false;
    const low = mapping.device.read(offset, width === 8 ? 4 : width, world);
    if (low === REFUSED) return false;
    const high = width === 8 ? mapping.device.read(offset + 4, 4, world) : 0;
    if (high === REFUSED) return false;
    this.low = low;
    this.high = high;
    return true;
  }

  /** False: access fault. See read(). Bits of `low` beyond the width are dropped. */
  write(paddr: number, width: Width, low: number, high: number, world: number): boolean {
    const mapping = this.find(paddr);
    if (mapping === undefined) return false;
    const offset = paddr - mapping.base;
    if ((offset & (width - 1)) !== 0 || offset + width > mapping.size) return false;
    if (width !== 8) return mapping.device.write(offset, width, truncate(low, width), world);
    return mapping.device.write(offset, 4, low >>> 0, world) && mapping.device.write(offset + 4, 4, high >>> 0, world);
  }

  /** The owners an access would touch, each once; none for an address without a device. Ask before a store. */
  owners(paddr: number, width: Width, low: number, write: boolean, high = 0): number[] {
    const mapping = this.find(paddr);
    if (mapping === undefined) return [];
    const { device } = mapping;
    if (device.owners === undefined) return [mapping.owner];
    const offset = paddr - mapping.base;
    if (width !== 8) return device.owners(offset, width, truncate(low, width), write);
    const both = [...device.owners(offset, 4, low >>> 0, write), ...device.owners(offset + 4, 4, high >>> 0, write)];
    return [...new Set(both)];
  }

  /** Would that store leave everything as it is? */
  keeps(paddr: number, width: Width, low: number, high = 0): boolean {
    const mapping = this.find(paddr);
    if (mapping === undefined) return false;
    const { device, base } = mapping;
    if (device.keeps === undefined) return false;
    const offset = paddr - base;
    if (width !== 8) return device.keeps(offset, width, truncate(low, width));
    return device.keeps(offset, 4, low >>> 0) && device.keeps(offset + 4, 4, high >>> 0);
  }

  /** The state of every device by its name. */
  save(): Record<string, unknown> {
    return Object.fromEntries(this.#parts.map((part) => [part.name, part.save()]));
  }

  restore(states: Readonly<Record<string, unknown>>): void {
    for (const part of this.#parts) {
      if (!(part.name in states)) throw new Error(`the snapshot has no state of ${part.name}`);
      part.restore(states[part.name]);
    }
  }
}

function truncate(value: number, width: 1 | 2 | 4): number {
  if (width === 4) return value >>> 0;
  return width === 2 ? value & 0xffff : value & 0xff;
}
