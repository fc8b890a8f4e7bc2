import { GUEST_LIMIT, RAM_BASE } from './board.ts';
import type { CoreExports } from './hart/core.ts';
import { CSRS } from './hart/csrs.ts';
import { PARTY } from './hart/layout.ts';
import type { Inspector } from './inspect.ts';
import { type HartView, type MachineMemory, PAGE } from './memory.ts';
import type { PartyName } from './probe.ts';

/** A CSR by its number and its name in the manual; `row` is its place in the table. */
export interface CsrName {
  readonly number: number;
  readonly name: string;
  readonly row: number;
}

/** Every CSR of this machine, in the order of their numbers. */
export const CSR_NAMES: readonly CsrName[] = CSRS.map(({ number, name }, row) => ({ number, name, row })).sort(
  (a, b) => a.number - b.number,
);

export type Mode = 'U' | 'S' | 'M' | 'VU' | 'VS';

/** What of the machine a port works on. */
export interface PortParts {
  readonly memory: MachineMemory;
  readonly core: CoreExports;
  readonly inspector: Inspector;
  /** Derived state of all harts is to be made anew. */
  readonly flush: () => void;
}

/** One hart by its number, for tools, whichever hart runs. Reading changes nothing; what is written, software sees. */
export class HartPort {
  readonly index: number;
  private readonly parts: PortParts;
  private readonly view: HartView;

  constructor(parts: PortParts, index: number) {
    const view = parts.memory.harts[index];
    if (view === undefined) throw new RangeError(`the machine has no hart ${index}`);
    this.index = index;
    this.parts = parts;
    this.view = view;
  }

  get pc(): bigint {
    return this.view.wide('pc');
  }

  set pc(value: bigint) {
    this.view.setWide('pc', value & ~1n);
  }

  x(register: number): bigint {
    return this.view.wide('x', register);
  }

  setX(register: number, value: bigint): void {
    if (register > 0 && register < 32) this.view.setWide('x', value, register);
  }

  f(register: number): bigint {
    return this.view.wide('f', register);
  }

  setF(register: number, value: bigint): void {
    this.view.setWide('f', value, register);
  }

  /** As M-mode reads it: with V = 1, an S-level name is still HS's own. */
  csr({ row }: CsrName): bigint {
    return BigInt.asUintN(64, this.parts.core.csr_read(this.view.base, row));
  }

  /** Fields that software could not set either keep their values. */
  setCsr({ row }: CsrName, value: bigint): void {
    this.parts.core.csr_write(this.view.base, row, BigInt.asIntN(64, value));
    this.parts.flush();
  }

  get mode(): Mode {
    const privilege = this.view.get('priv') & 3;
    if (privilege === 3) return 'M';
    if (this.view.get('virt') !== 0) return privilege === 0 ? 'VU' : 'VS';
    return privilege === 0 ? 'U' : 'S';
  }

  /** Of the exception that is being taken: the address it is about, if it is about one. */
  get trapValue(): bigint {
    return BigInt.asUintN(64, this.view.wide('exception_tval'));
  }

  get waiting(): boolean {
    return this.view.get('wfi') !== 0;
  }

  /** The guest it runs, or works for. */
  get world(): number | undefined {
    const world = this.view.get('world');
    return world < GUEST_LIMIT ? world : undefined;
  }

  /** Who runs: a guest's own code, or the code of a layer. */
  get party(): PartyName {
    if (this.view.get('layer_code') === 0) return 'guest';
    const party = this.view.get('party');
    return party === PARTY.firmware || party >= PARTY.firmwareFor ? 'firmware' : 'layer';
  }

  /** Physical address of a virtual one in the mode that the hart is in. */
  translate(va: bigint): bigint | undefined {
    const { memory, inspector } = this.parts;
    const running = memory.current;
    memory.select(this.index);
    const paddr = inspector.translate(va);
    memory.current = running;
    return paddr;
  }

  /**
   * Where these bytes lie in RAM, in pieces of a page: by this hart's translation, and where that leads nowhere, taken as
   * physical. Ends before the first byte that is not in RAM: looking at a device would change it.
   */
  locate(address: bigint, length: number): { readonly paddr: number; readonly length: number }[] {
    const pieces: { paddr: number; length: number }[] = [];
    const base = BigInt(RAM_BASE);
    const end = base + BigInt(this.parts.memory.ramBytes);
    for (let done = 0; done < length; ) {
      const va = BigInt.asUintN(64, address + BigInt(done));
      const size = Math.min(length - done, PAGE - Number(va & BigInt(PAGE - 1)));
      const paddr = this.translate(va) ?? va;
      if (paddr < base || paddr + BigInt(size) > end) break;
      pieces.push({ paddr: Number(paddr), length: size });
      done += size;
    }
    return pieces;
  }
}
