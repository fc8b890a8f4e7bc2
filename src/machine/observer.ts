import { finisher, GUEST_LIMIT, plic, RAM_BASE } from './board.ts';
import type { Bus } from './bus.ts';
import { LAYER, OWNER_RUNNING } from './devices/device.ts';
import { NO_WORLD, OWNER, PARTY } from './hart/layout.ts';
import type { EffectKind, Ledger, Occasion, Party } from './ledger.ts';
import type { MachineMemory } from './memory.ts';
import { PAGE } from './memory.ts';
import type { Probe } from './probe.ts';

const MEMORY_KINDS: readonly EffectKind[] = ['read', 'write', 'fetch', 'walk', 'walk', 'world-confusion'];

/** Turns accesses into ledger entries: who runs, on whose behalf, and whose it is what they touch. */
export class Observer {
  private readonly state: MachineMemory;
  private readonly bus: Bus;
  private readonly ledger: Ledger;
  private readonly probe: Probe;
  private readonly seen: () => void;

  constructor(state: MachineMemory, bus: Bus, ledger: Ledger, probe: Probe, seen: () => void) {
    this.state = state;
    this.bus = bus;
    this.ledger = ledger;
    this.probe = probe;
    this.seen = seen;
  }

  /** For the layer the world it works for now, by its own word, which may change before it is left. */
  private world(): number | undefined {
    const { current, view } = this.state;
    const at = current.get('current_guest');
    const named = this.inLayer() && at !== 0 ? view.getUint32(at, true) : NO_WORLD;
    const world = named < GUEST_LIMIT ? named : current.get('world');
    return world === NO_WORLD ? undefined : world;
  }

  private inLayer(): boolean {
    return this.state.current.get('layer_code') !== 0;
  }

  /** The world number that devices are told. */
  accessor(): number {
    return this.inLayer() ? LAYER : (this.world() ?? LAYER);
  }

  private note(
    kind: EffectKind,
    from: number | 'layer',
    onBehalf: number | undefined,
    owner: Party,
    address: number,
    changed: boolean,
  ): void {
    const deed = { kind, from, onBehalf, owner, address, changed };
    const occasion = (): Occasion => {
      const { current, harts } = this.state;
      return {
        pc: current.wide('pc'),
        cycle: current.count('cycles') + Math.floor(current.count('p') / 2 ** 20),
        instret: harts.reduce((sum, hart) => sum + hart.count('instret') + (hart.count('p') % 2 ** 20), 0),
      };
    };
    if (this.probe.hears('foreign')) this.probe.tell('foreign', { ...deed, ...occasion() });
    this.ledger.note(deed, occasion);
    this.seen();
  }

  private ownerOfPage(paddr: number): Party {
    const code = this.state.bytes[this.state.map.ownerMap + Math.floor((paddr - RAM_BASE) / PAGE)] ?? OWNER.free;
    if (code >= OWNER.guest) return code - OWNER.guest;
    return code === OWNER.firmware ? 'firmware' : code === OWNER.layer ? 'layer' : 'free';
  }

  /** A RAM access that the core found to be foreign. */
  memory(kind: number, paddr: number, _size: number, changed: boolean): void {
    const world = this.world();
    const landing = kind === 2 && this.state.current.get('resumed') !== 0;
    const name = landing ? 'foreign-resume' : (MEMORY_KINDS[kind] ?? 'read');
    const layer = this.inLayer();
    this.note(
      name,
      layer ? 'layer' : (world ?? 'layer'),
      layer ? world : undefined,
      this.ownerOfPage(paddr),
      paddr,
      changed,
    );
  }

  /** Asked before a device access takes effect; notes it where it touches what is not the world's. */
  device(paddr: number, size: 1 | 2 | 4 | 8, low: number, high: number, write: boolean): void {
    const world = this.world();
    if (world === undefined) return;
    const layer = this.inLayer();
    const mapping = this.bus.find(paddr);
    // Most accesses are to a guest's own device: settled without a list.
    if (mapping === undefined || (mapping.device.owners === undefined && mapping.owner === world)) return;
    for (const owner of this.bus.owners(paddr, size, low, write, high)) {
      if (owner === world || owner === OWNER_RUNNING) continue;
      if (layer && (owner < 0 || this.isOwnAffair(paddr))) continue;
      const party: Party = owner < 0 ? 'layer' : owner;
      this.note(
        write ? 'mmio-write' : 'mmio-read',
        layer ? 'layer' : world,
        layer ? world : undefined,
        party,
        paddr,
        write && !this.bus.keeps(paddr, size, low, high),
      );
    }
  }

  /** Where guests use the PLIC themselves, the layer emulates none of it: what it does there, to exchange the S context at
   * a switch or to see whom a source wakes, is no act of any guest. */
  private isOwnAffair(paddr: number): boolean {
    const { base, size } = plic();
    return this.state.current.get('supervisor_party') === PARTY.guest && paddr >= base && paddr < base + size;
  }

  /** The finisher ends the machine. A guest's own store is noted as such; here, what the layer does for one. */
  reset(): void {
    if (this.inLayer()) this.note('reset', 'layer', this.world(), 'layer', finisher().base, true);
  }

  /** A transfer of a DMA engine for `world`; `bytes` are those to be stored, undefined for the side that is read. */
  dma(paddr: number, length: number, world: number, bytes: Uint8Array | undefined): void {
    if (this.probe.hears('transfer'))
      this.probe.tell('transfer', { address: paddr, length, write: bytes !== undefined });
    if (world < 0) return;
    for (let at = paddr; at < paddr + length; at += PAGE - (at % PAGE)) {
      const owner = this.ownerOfPage(at);
      if (owner === world) continue;
      const end = Math.min(paddr + length, at + PAGE - (at % PAGE));
      const host = this.state.map.ram + (at - RAM_BASE);
      let changed = false;
      if (bytes !== undefined) {
        for (let i = 0; i < end - at; i++) changed ||= this.state.bytes[host + i] !== bytes[at - paddr + i];
      }
      this.note('dma', world, undefined, owner, at, changed);
    }
  }
}
