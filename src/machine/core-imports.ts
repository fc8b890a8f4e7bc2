// What the core asks of its host: devices, the record of foreign effects, code to decode, and who listens.

import type { CodeCache } from './code-cache.ts';
import type { CoreEvents } from './core-events.ts';
import type { Bus } from './bus.ts';
import type { CoreImports } from './hart/core.ts';
import type { HartPort } from './hart-port.ts';
import type { Regions } from './jit/regions.ts';
import type { MachineMemory } from './memory.ts';
import type { Observer } from './observer.ts';
import type { Watchpoint } from './watchpoint.ts';

/** Parts of a machine. Those made after its core, or now and again, are asked for when needed. */
export interface CoreHost {
  readonly memory: MachineMemory;
  readonly bus: Bus;
  readonly events: CoreEvents;
  readonly observer: () => Observer;
  readonly code: () => CodeCache;
  readonly regions: () => Regions | undefined;
  readonly watchpoint: () => Watchpoint;
  readonly ports: () => readonly HartPort[];
  readonly cycles: () => number;
  /** A device is about to be accessed: its clock must show the time. */
  readonly beforeDevice: () => void;
  readonly afterDevice: () => void;
  readonly stopOnForeign: () => boolean;
}

type Width = 1 | 2 | 4 | 8;

export function coreImports(host: CoreHost): CoreImports {
  const { memory, bus } = host;
  return {
    mmio_read: (_hart, paddr, size) => {
      const address = paddr >>> 0;
      const observer = host.observer();
      host.beforeDevice();
      observer.device(address, size as Width, 0, 0, false);
      if (!bus.read(address, size as Width, observer.accessor())) return 0;
      memory.current.set('mmio_low', bus.low);
      memory.current.set('mmio_high', bus.high);
      host.afterDevice();
      return 1;
    },
    mmio_write: (_hart, paddr, size) => {
      const address = paddr >>> 0;
      const low = memory.current.get('mmio_low');
      const high = memory.current.get('mmio_high');
      const observer = host.observer();
      host.beforeDevice();
      observer.device(address, size as Width, low, high, true);
      const taken = bus.write(address, size as Width, low, high, observer.accessor());
      host.afterDevice();
      return taken ? 1 : 0;
    },
    foreign: (_hart, kind, paddr, size, changed) => {
      host.observer().memory(kind, paddr >>> 0, size, changed !== 0);
      if (host.stopOnForeign()) memory.current.setCount('stop', 0);
    },
    new_code_page: (_hart, page) => host.code().allocate(page),
    code_over: (_hart, page) => host.code().giveUp(page),
    code_written: (_hart, code, offset, size) => host.regions()?.written(code, offset, size),
    scattered_site: (_hart, site) => host.regions()?.scattered(site),
    decode_at: (_hart, offset) => host.code().decodeAt(offset),
    decode_crossing: () => host.code().decodeCrossing(),
    watch_hit: () => (host.watchpoint().hit() ? 1 : 0),
    observe: (_hart, what, a, b) => {
      const port = host.ports()[memory.harts.indexOf(memory.current)];
      if (port !== undefined) host.events.tell(port, what, a, b, host.cycles());
    },
  };
}
