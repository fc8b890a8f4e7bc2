import { type Accounting, readAccounts } from './accounts.ts';
import { GUEST_LIMIT, RAM_BASE } from './board.ts';
import { Clock } from './clock.ts';
import { CodeCache } from './code-cache.ts';
import { CoreEvents } from './core-events.ts';
import { coreImports } from './core-imports.ts';
import { Debugger } from './debugger.ts';
import type { Console } from './devices/console.ts';
import { OWNER_LAYER, OWNER_RUNNING } from './devices/device.ts';
import type { Finish } from './devices/finisher.ts';
import type { Monitor } from './devices/monitor.ts';
import type { Receive, Send } from './devices/virtio/network.ts';
import type { Terminal } from './devices/virtio/terminal.ts';
import { digestState } from './digest-state.ts';
import type { CoreExports } from './hart/core.ts';
import { NO_WORLD, PARTY } from './hart/layout.ts';
import { REASON } from './hart/run.ts';
import { HartPort } from './hart-port.ts';
import { Harts, NEVER } from './harts.ts';
import { Inspector, type Privilege } from './inspect.ts';
import { Regions, type Tuning } from './jit/regions.ts';
import { Ledger } from './ledger.ts';
import { MachineMemory } from './memory.ts';
import { makeCore, makeDebugLoop, makeRegionLoop } from './modules.ts';
import { Observer } from './observer.ts';
import { completeOptions, type MachineOptions, type WorldsRule } from './options.ts';
import { createPeripherals, type Peripherals } from './peripherals.ts';
import { eachPage, hartTimer, ramPort } from './ports.ts';
import { Probe } from './probe.ts';
import { isInState } from './same-state.ts';
import { type Snapshot, SnapshotPages } from './snapshot.ts';
import type { Stop } from './stop.ts';
import { TIMINGS, type Timing } from './timing.ts';
import { cacheBytes } from './translation.ts';
import { type Watch, Watchpoint } from './watchpoint.ts';
import { noteNobody, noteOwners, noteWorlds, type Owned } from './worlds.ts';

const SOFTWARE_INTERRUPT = 1 << 3;
const EXTERNAL_INTERRUPT = [1 << 11, 1 << 9] as const;
/** Room for the pages of snapshots, at least. */
const POOL_BYTES = 64 * 2 ** 20;

export class Machine {
  readonly ram: { readonly base: number; readonly size: number };
  readonly timing: Timing;
  readonly ledger = new Ledger();
  readonly probe = new Probe();
  readonly clock = new Clock();
  readonly monitors: readonly Monitor[];
  readonly consoles: readonly Console[];
  readonly layerConsole: Console;
  /** virtio consoles by their slot. */
  readonly terminals: ReadonlyMap<number, Terminal>;
  /** End the run at the first foreign effect. */
  stopOnForeign = false;
  private readonly memory: MachineMemory;
  private readonly core: CoreExports;
  private readonly harts: Harts;
  private readonly code: CodeCache;
  private regions: Regions | undefined;
  private readonly devices: Peripherals;
  private readonly pages: SnapshotPages;
  private readonly inspector: Inspector;
  private readonly observer: Observer;
  private readonly watchpoint: Watchpoint;
  /** One for each hart: for tools. */
  readonly ports: readonly HartPort[];
  private readonly events = new CoreEvents(this.probe);
  private debugging: Debugger | undefined;
  private finish: { finish: Finish; by: number | 'layer' } | undefined;
  private foreignSeen = false;
  /** Cycle of the event that the harts were told of. */
  private plannedEvent = Number.POSITIVE_INFINITY;

  constructor(options: MachineOptions) {
    const { harts, schedule, translation, engine, iommu, strangers } = completeOptions(options);
    this.ram = { base: RAM_BASE, size: options.ram };
    this.timing = typeof options.timing === 'string' ? TIMINGS[options.timing] : options.timing;
    this.memory = new MachineMemory(harts, options.ram, Math.max(POOL_BYTES, options.ram), cacheBytes(translation));
    this.devices = createPeripherals({
      clock: this.clock,
      timer: hartTimer(
        this.memory,
        () => this.cycles,
        (hart, high) => this.harts.setLine(hart, SOFTWARE_INTERRUPT, high),
      ),
      ramPort: ramPort(
        this.memory,
        () => this.observer,
        (at, size) => this.noteWritten(at, size),
      ),
      iommu: iommu ? this.timing : undefined,
      strangers,
      runsOn: (hart) => this.runsOn(hart),
      externalInterrupt: (context, high) =>
        this.harts.setLine(context >>> 1, EXTERNAL_INTERRUPT[context & 1] ?? 0, high),
      harts,
      onFinish: (finish, world) => {
        this.observer.reset();
        this.finish = { finish, by: world < 0 ? 'layer' : world };
        this.memory.current.set('host_request', 1);
      },
      onByte: (from, byte) => {
        if (this.probe.hears('console')) this.probe.tell('console', { from, byte, cycle: this.cycles });
      },
      onTerminalByte: (slot, byte) => {
        if (this.probe.hears('terminal')) this.probe.tell('terminal', { slot, byte, cycle: this.cycles });
      },
      onRefused: (guest, address, write, cause) =>
        this.probe.tell('refused', { guest, address, write, cause, cycle: this.cycles }),
      onPhase: (guest, id) => this.probe.tell('phase', { guest, id, cycle: this.cycles }),
      onEnd: (guest) => this.probe.tell('end', { guest, cycle: this.cycles }),
    });
    this.monitors = this.devices.monitors;
    this.consoles = this.devices.consoles;
    this.layerConsole = this.devices.layerConsole;
    this.terminals = this.devices.terminals;
    this.core = makeCore(this.imports(), options.core);
    this.harts = new Harts(this.memory, this.core, schedule, this.timing, translation);
    this.code = new CodeCache(this.memory, this.timing, () => this.harts.flushSoft());
    if (engine.kind === 'regions') this.compileRegions(engine);
    this.pages = new SnapshotPages(this.memory, this.core);
    this.inspector = new Inspector(this.memory);
    this.watchpoint = new Watchpoint(this.memory);
    const parts = {
      memory: this.memory,
      core: this.core,
      inspector: this.inspector,
      flush: () => this.harts.flushSoft(),
    };
    this.ports = this.memory.harts.map((_, hart) => new HartPort(parts, hart));
    this.observer = new Observer(this.memory, this.devices.bus, this.ledger, this.probe, () => {
      this.foreignSeen = true;
      if (this.stopOnForeign) this.memory.current.set('host_request', 1);
    });
    noteNobody(this.memory);
    this.start(RAM_BASE, 0, 0);
  }

  private runsOn(index: number): number {
    const hart = this.memory.harts[index];
    if (hart === this.memory.current) return OWNER_RUNNING;
    const world = hart?.get('world') ?? NO_WORLD;
    return world < GUEST_LIMIT ? world : OWNER_LAYER;
  }

  private compileRegions(tuning: Partial<Tuning>): void {
    const core = this.core as unknown as WebAssembly.ModuleImports;
    const regions = new Regions(this.memory, this.timing, this.code, core, tuning);
    this.code.forgetting = (slot) => regions.forget(slot);
    const env = { ...this.imports(), ...core, table: regions.table, hot: () => regions.hot() };
    this.harts.setFastLoop(makeRegionLoop(env));
    this.harts.yielded = () => regions.recompile();
    regions.onRefused = (why) => this.probe.tell('uncompiled', { why, cycle: this.cycles });
    this.regions = regions;
  }

  /** What WebAssembly of this machine may import: its memory, and its host's part. */
  private imports(): Record<string, WebAssembly.ImportValue> {
    const host = coreImports({
      memory: this.memory,
      bus: this.devices.bus,
      events: this.events,
      observer: () => this.observer,
      code: () => this.code,
      regions: () => this.regions,
      watchpoint: () => this.watchpoint,
      ports: () => this.ports,
      cycles: () => this.cycles,
      beforeDevice: () => {
        this.clock.now = this.cycles;
      },
      afterDevice: () => this.afterDevice(),
      stopOnForeign: () => this.stopOnForeign,
    });
    return { memory: this.memory.wasm, ...host };
  }

  /** A device may have changed a line, an event or asked for the host: the quantum ends after this instruction. */
  private afterDevice(): void {
    const hart = this.memory.current;
    const next = this.clock.nextCycle();
    if (this.memory.harts.length === 1) hart.setWide('event_cycle', Number.isFinite(next) ? BigInt(next) : 1n << 62n);
    // Rounds go by the event that was next when they began: a sooner one is news for them.
    else if (next < this.plannedEvent) hart.set('host_request', 1);
    hart.setCount('stop', 0);
  }

  private noteWritten(paddr: number, size: number): void {
    this.core.note_written(this.memory.current.base, BigInt(paddr), size);
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
    return this.view(paddr, length).slice();
  }

  /** RAM itself, to look at before the machine runs on. */
  view(paddr: number, length: number): Uint8Array {
    if (paddr < RAM_BASE || paddr + length > RAM_BASE + this.ram.size) {
      throw new RangeError(`0x${paddr.toString(16)} + ${length} bytes is not in RAM`);
    }
    const at = this.memory.map.ram + (paddr - RAM_BASE);
    return this.memory.bytes.subarray(at, at + length);
  }

  /** Who owns which part of RAM; later ranges win. Bounds are multiples of 4 KiB. A channel is everybody's. */
  ownership(ranges: readonly Owned[]): void {
    noteOwners(this.memory, ranges);
    this.harts.flushSoft();
  }

  /** How to tell which world runs. Addresses are physical. */
  worlds(rule: WorldsRule): void {
    noteWorlds(this.memory, rule);
  }

  /** All harts as after reset: M-mode at `entry`, their number in a0 (the first gets `a0`), `a1` and `a2`. */
  start(entry: number, a0: number, a1: number, a2 = 0): void {
    this.harts.reset(entry, a0, a1, a2);
  }

  /** Bytes typed at the UART of a guest; returns how many its bounded queue took. */
  input(guest: number, bytes: Uint8Array): number {
    return this.devices.uarts[guest]?.input(bytes) ?? 0;
  }

  /** Bytes typed at the virtio console in that slot; returns how many its bounded queue took. */
  inputTerminal(slot: number, bytes: Uint8Array): number {
    this.clock.now = this.cycles;
    return this.terminals.get(slot)?.input(bytes) ?? 0;
  }

  /** Puts a host of the caller's on the network of the virtio slots: takes what it hears, returns how it sends. It is no
   * part of the machine's state. */
  attachHost(name: string, mac: Uint8Array, receive: Receive): Send {
    const { network } = this.devices;
    if (network === undefined) throw new RangeError('a machine without virtio slots has no network');
    const send = network.attach(name, mac, receive);
    return (frame) => {
      this.clock.now = this.cycles;
      send(frame);
    };
  }

  /** Runs until the machine's total of cycles is at least that, or another reason to stop. */
  run(untilCycle: number): Stop {
    const { memory, clock } = this;
    this.foreignSeen = false;
    this.finish = undefined;
    this.harts.prepare(this.probe.hearsCore);
    const speed = this.debugging?.armed === true ? 'debugged' : this.watchpoint.armed ? 'observed' : 'fast';
    let finished: Stop | undefined;
    for (;;) {
      this.plannedEvent = clock.nextCycle();
      const reason = this.harts.run(Math.min(untilCycle, NEVER), this.plannedEvent, speed);
      switch (reason) {
        case REASON.limit:
          return { kind: 'limit' };
        case REASON.idle:
          return { kind: 'idle' };
        case REASON.watch:
          return { kind: 'watch' };
        case REASON.debug:
          if (this.debugging?.stop !== undefined) return { kind: 'debug', stop: this.debugging.stop };
          break;
        case REASON.instret:
          this.stopAtInstret(undefined, 0);
          return { kind: 'instret' };
        case REASON.host:
          memory.current.set('host_request', 0);
          finished = this.finished();
          if (finished !== undefined) return finished;
          if (this.stopOnForeign && this.foreignSeen) return { kind: 'foreign' };
          break;
        case REASON.event:
          clock.now = this.cycles;
          clock.runDue();
          break;
        case REASON.yield:
          break;
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

  /** Breakpoints, watched data and steps; the loop that knows them is made when they are first asked for. */
  debugger(): Debugger {
    if (this.debugging === undefined) {
      const stops = new Debugger(this.memory, this.inspector);
      const env = {
        ...(this.core as unknown as WebAssembly.ModuleImports),
        ...this.imports(),
        debug_page: () => stops.debug_page(),
        debug_hit: () => stops.debug_hit(),
      };
      this.harts.setDebugLoop(makeDebugLoop(env));
      this.debugging = stops;
    }
    return this.debugging;
  }

  /** Regions compiled so far; none where the engine is the interpreter. */
  get regionsCompiled(): number {
    return this.regions?.made ?? 0;
  }

  /** Executions of the watched instruction so far. */
  get watched(): number {
    return this.watchpoint.hits;
  }

  /** The next run stops where the guest has retired that many instructions of its own on the hart it runs on. */
  stopAtInstret(guest: number | undefined, instret: number): void {
    for (const hart of this.memory.harts) {
      hart.set('instret_world', guest === undefined ? NO_WORLD : PARTY.guest + guest);
      hart.setCount('instret_limit', instret);
    }
  }

  /** Time passes for the running party, and nothing else happens. */
  delay(cycles: number): void {
    const { memory } = this;
    const party = memory.current.get('party');
    memory.current.setCount('cycles', this.cycles + cycles);
    memory.current.setCount('party_cycles', memory.current.count('party_cycles', party) + cycles, party);
  }

  /** Of the hart that runs; between rounds all harts agree. */
  get cycles(): number {
    const hart = this.memory.current;
    return hart.count('cycles') + Math.floor(hart.count('p') / 2 ** 20);
  }

  /** Of all harts. */
  get instret(): number {
    return this.memory.harts.reduce((sum, hart) => sum + hart.count('instret') + (hart.count('p') % 2 ** 20), 0);
  }

  /** From now on adversarial translation caches draw from that seed. */
  seedTranslation(seed: number): void {
    this.harts.reseedTranslation(seed);
  }

  /** Adversarial translation caches are empty from here on: of what they had kept until now, nothing is met. */
  forgetTranslation(): void {
    this.harts.forgetTranslation();
  }

  /** The adversarial translation caches were full: what this run did not show, it might have shown. */
  get translationCapped(): boolean {
    return this.harts.translationCapped;
  }

  get pc(): bigint {
    return this.memory.current.wide('pc');
  }

  set pc(value: bigint) {
    this.memory.current.setWide('pc', value);
  }

  x(register: number): bigint {
    return this.memory.current.wide('x', register);
  }

  setX(register: number, value: bigint): void {
    if (register > 0 && register < 32) this.memory.current.setWide('x', value, register);
  }

  f(register: number): bigint {
    return this.memory.current.wide('f', register);
  }

  get privilege(): Privilege {
    return this.inspector.privilege();
  }

  /** A guest's number, or undefined while no world runs or the layer works for none. */
  get world(): number | undefined {
    const world = this.memory.current.get('world');
    return world < GUEST_LIMIT ? world : undefined;
  }

  /** A state word by its name in the layout (`mstatus`, `vsatp`, `mtimecmp`), as it is stored. */
  csr(name: string): bigint {
    return this.memory.current.wide(name);
  }

  setCsr(name: string, value: bigint): void {
    this.memory.current.setWide(name, value);
    this.harts.flushSoft();
  }

  /** Integer registers that the instruction at pc reads and writes; none where pc leads nowhere. */
  operands(): { readonly reads: readonly number[]; readonly writes: number | undefined } {
    return this.inspector.operands();
  }

  accounting(): Accounting {
    this.harts.fold();
    return readAccounts(this.memory);
  }

  /** Bytes that snapshots may still take, and all there were. */
  get snapshotRoom(): { readonly left: number; readonly all: number } {
    return this.pages.room;
  }

  /** Throws RangeError when there is no room for its pages. */
  snapshot(): Snapshot {
    this.harts.fold();
    const pages = this.pages.take();
    // Write tags must go: each page is dirty anew with its first store.
    this.harts.flushSoft();
    return {
      schema: 'taco.snapshot/1',
      harts: this.harts.save(),
      pages,
      devices: this.devices.bus.save(),
      consoles: [...this.consoles, this.layerConsole].map((console) => console.save()),
      clock: this.clock.save(),
      ledger: this.ledger.save(),
    };
  }

  /** The state of that moment; watches and stops that were asked for are gone. */
  restore(snapshot: Snapshot): void {
    this.pages.restore(snapshot.pages, (page) => {
      if (this.code.holds(page) && !this.pages.same(snapshot.pages, page)) this.code.forget(page);
    });
    this.harts.restore(snapshot.harts);
    this.watch(undefined);
    this.stopOnForeign = false;
    this.devices.bus.restore(snapshot.devices);
    [...this.consoles, this.layerConsole].forEach((console, i) => {
      console.restore(snapshot.consoles[i] as ReturnType<Console['save']>);
    });
    this.clock.restore(snapshot.clock);
    this.ledger.restore(snapshot.ledger);
    this.events.forget();
    this.regions?.forgive();
    this.debugging?.clear();
  }

  /** Is all that software can observe, and the ledger, what it was at that moment? Says without a digest what one would say. */
  isAt(snapshot: Snapshot): boolean {
    return isInState(this.memory, this.harts, this.pages, this.devices, this.clock, this.ledger, snapshot);
  }

  /** Digest of all that software can observe: hart, timed TLBs, accounts, devices, events, RAM. */
  hash(): string {
    return digestState(this.memory, this.harts, this.pages, this.devices, this.clock);
  }
}

export function createMachine(options: MachineOptions): Machine {
  return new Machine(options);
}
