import { type Accounting, readAccounts } from './accounts.ts';
import { GUEST_LIMIT, RAM_BASE } from './board.ts';
import { Clock, type ClockState } from './clock.ts';
import { CodeCache } from './code-cache.ts';
import type { Console } from './devices/console.ts';
import type { Finish } from './devices/finisher.ts';
import type { Monitor } from './devices/monitor.ts';
import { buildCore, type CoreExports, type CoreImports } from './hart/core.ts';
import { HART_BASE, NO_WORLD, OWNER, PARTY, SAVED_BYTES } from './hart/layout.ts';
import { REASON } from './hart/run.ts';
import { StateHash } from './hash.ts';
import { Inspector, type Privilege } from './inspect.ts';
import { Ledger, type LedgerState, type Party } from './ledger.ts';
import { MachineMemory, PAGE } from './memory.ts';
import { Observer } from './observer.ts';
import { createPeripherals, type Peripherals } from './peripherals.ts';
import { dmaPort, eachPage, hartTimer } from './ports.ts';
import { Probe } from './probe.ts';
import { type PageTable, SnapshotPages } from './snapshot.ts';
import { TIMINGS, type Timing } from './timing.ts';
import { type Watch, Watchpoint } from './watchpoint.ts';

export interface MachineOptions {
  /** Bytes, a multiple of 64 KiB, at most 1 GiB. */
  readonly ram: number;
  readonly timing: Timing['name'];
  readonly guests: number;
}

/** Why a run ended. */
export type Stop =
  | { readonly kind: 'limit' }
  /** Waiting for an interrupt that nothing will ever raise. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'finished'; readonly finish: Finish; readonly by: number | 'layer' }
  /** Before the watched execution of an instruction. */
  | { readonly kind: 'watch' }
  /** A world has retired as many instructions as asked. */
  | { readonly kind: 'instret' }
  /** A foreign effect, where `stopOnForeign` asks for it. */
  | { readonly kind: 'foreign' };

export interface WorldsRule {
  readonly machineMode: 'firmware' | 'layer';
  readonly supervisorMode: 'guest' | 'layer';
  readonly only?: number;
  readonly currentGuest?: number;
  readonly roots?: readonly { readonly paddr: number; readonly guest: number }[];
}

export interface Snapshot {
  readonly schema: 'taco.snapshot/1';
  readonly hart: Uint8Array;
  readonly pages: PageTable;
  readonly devices: Readonly<Record<string, unknown>>;
  readonly consoles: readonly unknown[];
  readonly clock: ClockState;
  readonly ledger: LedgerState;
}

const SOFTWARE_INTERRUPT = 1 << 3;
const EXTERNAL_INTERRUPT = [1 << 11, 1 << 9] as const;
/** Cycle that no run reaches. */
const NEVER = 2 ** 52;
/** Room for the pages of snapshots, at least. */
const POOL_BYTES = 64 * 2 ** 20;

let coreModule: WebAssembly.Module | undefined;

export class Machine {
  readonly ram: { readonly base: number; readonly size: number };
  readonly timing: Timing;
  readonly ledger = new Ledger();
  readonly probe = new Probe();
  readonly clock = new Clock();
  readonly monitors: readonly Monitor[];
  readonly consoles: readonly Console[];
  readonly layerConsole: Console;
  /** End the run at the first foreign effect. */
  stopOnForeign = false;
  private readonly memory: MachineMemory;
  private readonly core: CoreExports;
  private readonly code: CodeCache;
  private readonly devices: Peripherals;
  private readonly pages: SnapshotPages;
  private readonly inspector: Inspector;
  private readonly observer: Observer;
  private readonly watchpoint: Watchpoint;
  private finish: { finish: Finish; by: number | 'layer' } | undefined;
  private foreignSeen = false;

  constructor(options: MachineOptions) {
    if (!(options.ram > 0 && options.ram <= 2 ** 30 && options.ram % 0x10000 === 0)) {
      throw new RangeError(`RAM of ${options.ram} bytes: it must be a multiple of 64 KiB, at most 1 GiB`);
    }
    this.ram = { base: RAM_BASE, size: options.ram };
    this.timing = TIMINGS[options.timing];
    this.memory = new MachineMemory(options.ram, Math.max(POOL_BYTES, options.ram));
    this.devices = createPeripherals({
      clock: this.clock,
      timer: hartTimer(
        this.memory,
        () => this.cycles,
        (high) => this.setLine(SOFTWARE_INTERRUPT, high),
      ),
      dmaPort: dmaPort(
        this.memory,
        () => this.observer,
        (at, size) => this.noteWritten(at, size),
      ),
      externalInterrupt: (context, high) => this.setLine(EXTERNAL_INTERRUPT[context & 1] ?? 0, high),
      onFinish: (finish, world) => {
        this.finish = { finish, by: world < 0 ? 'layer' : world };
        this.memory.set('host_request', 1);
      },
      onByte: (from, byte) => {
        if (this.probe.hears('console')) this.probe.tell('console', { from, byte, cycle: this.cycles });
      },
      onPhase: (guest, id) => this.probe.tell('phase', { guest, id, cycle: this.cycles }),
      onEnd: (guest) => this.probe.tell('end', { guest, cycle: this.cycles }),
    });
    this.monitors = this.devices.monitors;
    this.consoles = this.devices.consoles;
    this.layerConsole = this.devices.layerConsole;
    coreModule ??= new WebAssembly.Module(buildCore());
    const instance = new WebAssembly.Instance(coreModule, {
      env: { memory: this.memory.wasm, ...(this.imports() as unknown as WebAssembly.ModuleImports) },
    });
    this.core = instance.exports as unknown as CoreExports;
    this.code = new CodeCache(this.memory, this.timing, () => this.core.flush_soft(HART_BASE));
    this.pages = new SnapshotPages(this.memory);
    this.inspector = new Inspector(this.memory);
    this.watchpoint = new Watchpoint(this.memory);
    this.observer = new Observer(this.memory, this.devices.bus, this.ledger, this.probe, () => {
      this.foreignSeen = true;
      if (this.stopOnForeign) this.memory.set('host_request', 1);
    });
    this.placeTables();
    this.start(RAM_BASE, 0, 0);
  }

  private placeTables(): void {
    const { memory, timing } = this;
    const { map } = memory;
    memory.set('ram_pages', memory.ramPages);
    memory.set('ram_host', map.ram);
    memory.set('owner_map', map.ownerMap);
    memory.set('code_map', map.codeMap);
    memory.set('code_pages', map.codePages);
    memory.set('dirty_map', map.dirtyMap);
    memory.set('dirty_list', map.dirtyList);
    memory.set('cost_csr', timing.csrWrite);
    memory.set('cost_trap', timing.trap);
    memory.set('cost_mmio', timing.mmio);
    memory.set('cost_l2_hit', timing.secondLevelHit);
    memory.set('cost_walk_start', timing.walkStart);
    memory.set('cost_walk_ref', timing.walkReference);
    memory.set('modelled', timing.modelledTlb ? 1 : 0);
    memory.set('only_world', NO_WORLD);
    memory.set('machine_party', PARTY.layer);
    memory.set('supervisor_party', PARTY.guest);
    memory.setCount('limit_cycle', NEVER);
    memory.setWide('event_cycle', 1n << 62n);
    memory.set('instret_world', NO_WORLD);
    memory.setCount('watch_page', 1);
    memory.bytes.fill(OWNER.free, map.ownerMap, map.ownerMap + memory.ramPages);
  }

  private imports(): CoreImports {
    const { memory } = this;
    const { bus } = this.devices;
    return {
      mmio_read: (_hart, paddr, size) => {
        const address = paddr >>> 0;
        this.clock.now = this.cycles;
        this.observer.device(address, size as 1 | 2 | 4 | 8, 0, 0, false);
        if (!bus.read(address, size as 1 | 2 | 4 | 8, this.observer.accessor())) return 0;
        memory.set('mmio_low', bus.low);
        memory.set('mmio_high', bus.high);
        this.afterDevice();
        return 1;
      },
      mmio_write: (_hart, paddr, size) => {
        const address = paddr >>> 0;
        const low = memory.get('mmio_low');
        const high = memory.get('mmio_high');
        this.clock.now = this.cycles;
        this.observer.device(address, size as 1 | 2 | 4 | 8, low, high, true);
        const taken = bus.write(address, size as 1 | 2 | 4 | 8, low, high, this.observer.accessor());
        this.afterDevice();
        return taken ? 1 : 0;
      },
      foreign: (_hart, kind, paddr, size, changed) => {
        this.observer.memory(kind, paddr >>> 0, size, changed !== 0);
        if (this.stopOnForeign) memory.setCount('stop', 0);
      },
      new_code_page: (_hart, page) => this.code.allocate(page),
      decode_at: (_hart, offset) => this.code.decodeAt(offset),
      decode_crossing: () => this.code.decodeCrossing(),
      watch_hit: () => (this.watchpoint.hit() ? 1 : 0),
    };
  }

  /** A device may have changed a line, an event or asked for the host: the quantum ends after this instruction. */
  private afterDevice(): void {
    const next = this.clock.nextCycle();
    this.memory.setWide('event_cycle', Number.isFinite(next) ? BigInt(next) : 1n << 62n);
    this.memory.setCount('stop', 0);
  }

  private setLine(bit: number, high: boolean): void {
    const lines = this.memory.get('lines');
    this.memory.set('lines', high ? lines | bit : lines & ~bit);
    this.memory.setCount('stop', 0);
  }

  private noteWritten(paddr: number, size: number): void {
    this.core.note_written(HART_BASE, BigInt(paddr), size);
  }

  /** Places bytes in RAM, as a loader does before the reset. */
  write(paddr: number, bytes: Uint8Array): void {
    if (paddr < RAM_BASE || paddr + bytes.length > RAM_BASE + this.ram.size) {
      throw new RangeError(`0x${paddr.toString(16)} + ${bytes.length} bytes is not in RAM`);
    }
    eachPage(paddr, bytes.length, (at, size) => this.noteWritten(at, size));
    this.memory.bytes.set(bytes, this.memory.map.ram + (paddr - RAM_BASE));
  }

  /** A copy of RAM. */
  read(paddr: number, length: number): Uint8Array {
    if (paddr < RAM_BASE || paddr + length > RAM_BASE + this.ram.size) {
      throw new RangeError(`0x${paddr.toString(16)} + ${length} bytes is not in RAM`);
    }
    const at = this.memory.map.ram + (paddr - RAM_BASE);
    return this.memory.bytes.slice(at, at + length);
  }

  /** Who owns which part of RAM; later ranges win. Bounds are multiples of 4 KiB. */
  ownership(ranges: readonly { readonly base: number; readonly size: number; readonly owner: Party }[]): void {
    for (const { base, size, owner } of ranges) {
      const first = Math.floor((base - RAM_BASE) / PAGE);
      const code = typeof owner === 'number' ? OWNER.guest + owner : OWNER[owner];
      const start = this.memory.map.ownerMap + Math.max(0, first);
      this.memory.bytes.fill(code, start, Math.min(start + Math.ceil(size / PAGE), this.memory.map.codeMap));
    }
    this.core.flush_soft(HART_BASE);
  }

  /** How to tell which world runs. Addresses are physical. */
  worlds(rule: WorldsRule): void {
    const { memory } = this;
    memory.set('machine_party', PARTY[rule.machineMode]);
    memory.set('supervisor_party', rule.supervisorMode === 'guest' ? PARTY.guest : PARTY.layer);
    memory.set('only_world', rule.only ?? NO_WORLD);
    memory.set('current_guest', rule.currentGuest === undefined ? 0 : memory.map.ram + (rule.currentGuest - RAM_BASE));
    for (let guest = 0; guest < 8; guest++) memory.setWide('roots', (1n << 63n) | BigInt(guest), guest);
    for (const { paddr, guest } of rule.roots ?? []) memory.setCount('roots', Math.floor(paddr / PAGE), guest);
  }

  /** Hart 0 as after reset: M-mode at `entry` with a0 and a1. */
  start(entry: number, a0: number, a1: number): void {
    const { memory } = this;
    memory.bytes.fill(0, HART_BASE, HART_BASE + SAVED_BYTES);
    memory.set('party', memory.get('machine_party'));
    memory.setCount('pc', entry);
    memory.set('priv', 3);
    memory.setCount('x', a0, 10);
    memory.setCount('x', a1, 11);
    // MXL = 64; A C D F H I M S U. Only H can be switched off.
    memory.setWide('misa', (2n << 62n) | 0x1411adn);
    for (const timer of ['mtimecmp', 'stimecmp', 'vstimecmp']) memory.setWide(timer, -1n);
    memory.set('world', NO_WORLD);
    memory.set('own_code', OWNER.any);
    memory.set('layer_code', 1);
    this.core.flush_soft(HART_BASE);
  }

  /** Runs until the machine's total of cycles is at least that, or another reason to stop. */
  run(untilCycle: number): Stop {
    const { memory, core, clock } = this;
    memory.setCount('limit_cycle', Math.min(untilCycle, NEVER));
    memory.set('host_request', 0);
    memory.setCount('yield_cycle', 0);
    this.foreignSeen = false;
    this.finish = undefined;
    this.afterDevice();
    let finished: Stop | undefined;
    for (;;) {
      // Two speeds, one predicate: the observed loop compares each instruction with the watched one.
      const reason = this.watchpoint.armed ? core.run_observed(HART_BASE) : core.run(HART_BASE);
      switch (reason) {
        case REASON.limit:
          return { kind: 'limit' };
        case REASON.idle:
          return { kind: 'idle' };
        case REASON.watch:
          return { kind: 'watch' };
        case REASON.instret:
          memory.set('instret_world', NO_WORLD);
          return { kind: 'instret' };
        case REASON.host:
          memory.set('host_request', 0);
          finished = this.finished();
          if (finished !== undefined) return finished;
          if (this.stopOnForeign && this.foreignSeen) return { kind: 'foreign' };
          break;
        case REASON.yield:
          break;
        case REASON.event:
          clock.now = this.cycles;
          clock.runDue();
          this.afterDevice();
          break;
        default:
          throw new Error(`the core stopped for reason ${reason}`);
      }
    }
  }

  private finished(): Stop | undefined {
    return this.finish === undefined ? undefined : { kind: 'finished', ...this.finish };
  }

  /** Stop before an execution of an instruction, or count its executions (`watched`); undefined ends it. */
  watch(watch: Watch | undefined): void {
    this.watchpoint.set(watch);
  }

  /** Executions of the watched instruction so far. */
  get watched(): number {
    return this.watchpoint.hits;
  }

  /** The next run stops where the guest has retired that many instructions of its own in all. */
  stopAtInstret(guest: number, instret: number): void {
    this.memory.set('instret_world', PARTY.guest + guest);
    this.memory.setCount('instret_limit', instret);
  }

  /** Time passes for the running party, and nothing else happens. */
  delay(cycles: number): void {
    const { memory } = this;
    const party = memory.get('party');
    memory.setCount('cycles', this.cycles + cycles);
    memory.setCount('party_cycles', memory.count('party_cycles', party) + cycles, party);
  }

  get cycles(): number {
    return this.memory.count('cycles') + Math.floor(this.memory.count('p') / 2 ** 20);
  }

  get instret(): number {
    return this.memory.count('instret') + (this.memory.count('p') % 2 ** 20);
  }

  get pc(): bigint {
    return this.memory.wide('pc');
  }

  set pc(value: bigint) {
    this.memory.setWide('pc', value);
  }

  x(register: number): bigint {
    return this.memory.wide('x', register);
  }

  setX(register: number, value: bigint): void {
    if (register > 0 && register < 32) this.memory.setWide('x', value, register);
  }

  f(register: number): bigint {
    return this.memory.wide('f', register);
  }

  get privilege(): Privilege {
    return this.inspector.privilege();
  }

  /** A guest's number, or undefined while no world runs or the layer works for none. */
  get world(): number | undefined {
    const world = this.memory.get('world');
    return world < GUEST_LIMIT ? world : undefined;
  }

  /** A state word by its name in the layout (`mstatus`, `vsatp`, `mtimecmp`), as it is stored. */
  csr(name: string): bigint {
    return this.memory.wide(name);
  }

  setCsr(name: string, value: bigint): void {
    this.memory.setWide(name, value);
    this.core.flush_soft(HART_BASE);
  }

  /** Integer registers that the instruction at pc reads and writes; none where pc leads nowhere. */
  operands(): { readonly reads: readonly number[]; readonly writes: number | undefined } {
    return this.inspector.operands();
  }

  accounting(): Accounting {
    this.core.fold(HART_BASE);
    return readAccounts(this.memory);
  }

  /** Throws RangeError when there is no room for its pages. */
  snapshot(): Snapshot {
    const { bytes } = this.memory;
    this.core.fold(HART_BASE);
    const pages = this.pages.take();
    this.core.flush_soft(HART_BASE);
    return {
      schema: 'taco.snapshot/1',
      hart: bytes.slice(HART_BASE, HART_BASE + SAVED_BYTES),
      pages,
      devices: this.devices.bus.save(),
      consoles: [...this.consoles, this.layerConsole].map((console) => console.save()),
      clock: this.clock.save(),
      ledger: this.ledger.save(),
    };
  }

  /** The state of that moment; watches and stops that were asked for are gone. */
  restore(snapshot: Snapshot): void {
    const { memory } = this;
    this.pages.restore(snapshot.pages, (page) => {
      if (!this.pages.same(snapshot.pages, page)) this.code.forget(page);
    });
    memory.bytes.set(snapshot.hart, HART_BASE);
    memory.setCount('p', 0);
    for (const scratch of ['exception', 'sideways', 'host_request', 'cross_bits']) memory.set(scratch, 0);
    memory.set('instret_world', NO_WORLD);
    this.watch(undefined);
    this.stopOnForeign = false;
    this.core.flush_soft(HART_BASE);
    this.devices.bus.restore(snapshot.devices);
    [...this.consoles, this.layerConsole].forEach((console, i) => {
      console.restore(snapshot.consoles[i] as ReturnType<Console['save']>);
    });
    this.clock.restore(snapshot.clock);
    this.ledger.restore(snapshot.ledger);
  }

  /** Digest of all that software can observe: hart, timed TLBs, accounts, devices, events, RAM. */
  hash(): string {
    const { memory } = this;
    this.core.fold(HART_BASE);
    const hash = new StateHash();
    hash.words(new Int32Array(memory.wasm.buffer, HART_BASE, SAVED_BYTES / 4));
    hash.value(this.devices.bus.save());
    hash.value([...this.consoles, this.layerConsole].map((console) => console.save()));
    hash.value(this.clock.save().events);
    for (const page of [...this.pages.written()].sort((a, b) => a - b)) {
      const words = new Int32Array(memory.wasm.buffer, memory.page(page), PAGE / 4);
      // A page of zeros is the same whether it was ever written or not.
      if (words.every((word) => word === 0)) continue;
      hash.word(page);
      hash.words(words);
    }
    return hash.hex();
  }
}

export function createMachine(options: MachineOptions): Machine {
  return new Machine(options);
}
