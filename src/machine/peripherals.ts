import type { BoardRow } from './board.ts';
import {
  board,
  dmaDeviceId,
  doorbellSources,
  GUEST_LIMIT,
  iommu,
  PLIC_SOURCES,
  sourceOwner,
  strangerRow,
  VIRTIO_SLOTS,
  virtioDeviceId,
} from './board.ts';
import { Bus, type Mapping, type Stateful } from './bus.ts';
import type { Clock } from './clock.ts';
import { Clint, type HartTimer } from './devices/clint.ts';
import { Console } from './devices/console.ts';
import { type Device, OWNER_LAYER } from './devices/device.ts';
import { Dma } from './devices/dma.ts';
import { Doorbell } from './devices/doorbell.ts';
import { type Finish, Finisher } from './devices/finisher.ts';
import { GoldfishRtc } from './devices/goldfish-rtc.ts';
import { Iommu } from './devices/iommu/iommu.ts';
import { translatedRam, type WalkCost } from './devices/iommu/masters.ts';
import { Monitor } from './devices/monitor.ts';
import { Ns16550a } from './devices/ns16550a.ts';
import { Plic } from './devices/plic.ts';
import type { RamPort } from './devices/ram-port.ts';
import type { Network } from './devices/virtio/network.ts';
import { createVirtioSlots, type VirtioSlot } from './devices/virtio/slots.ts';
import type { Terminal } from './devices/virtio/terminal.ts';

/** What the devices of a board may ask of the machine around them. */
export interface Capabilities {
  readonly clock: Clock;
  readonly harts: number;
  readonly timer: HartTimer;
  readonly ramPort: RamPort;
  /** What the IOMMU's walks cost, if there is one. */
  readonly iommu: WalkCost | undefined;
  /** What is there for a stranger's kernel, if anything. */
  readonly strangers: { readonly virtio: readonly VirtioSlot[]; readonly epoch: number } | undefined;
  /** Who runs on a hart, as `PlicOptions` says it. */
  readonly runsOn: (hart: number) => number;
  /** The external-interrupt pin of a PLIC context. */
  readonly externalInterrupt: (context: number, high: boolean) => void;
  readonly onFinish: (finish: Finish, world: number) => void;
  readonly onByte: (from: number | 'layer', byte: number) => void;
  readonly onTerminalByte: (slot: number, byte: number) => void;
  readonly onRefused: (guest: number, address: number, write: boolean, cause: number) => void;
  readonly onPhase: (guest: number, id: number) => void;
  readonly onEnd: (guest: number) => void;
}

/** The devices of the board table, wired. */
export interface Peripherals {
  readonly bus: Bus;
  readonly monitors: readonly Monitor[];
  /** Of the guests; the layer's is polled and hears nothing. */
  readonly uarts: readonly Ns16550a[];
  readonly consoles: readonly Console[];
  readonly layerConsole: Console;
  /** virtio consoles by their slot. */
  readonly terminals: ReadonlyMap<number, Terminal>;
  /** What virtio slots are joined by, if there are any. */
  readonly network: Network | undefined;
}

export function createPeripherals(capabilities: Capabilities): Peripherals {
  const { clock } = capabilities;
  const plic = new Plic({
    sources: PLIC_SOURCES,
    contexts: 2 * capabilities.harts,
    output: capabilities.externalInterrupt,
    runsOn: capabilities.runsOn,
    sourceOwner: (source) => strangers.owners.get(source) ?? sourceOwner(source),
  });
  const masters = mastersOf(capabilities, plic);
  const strangers = strangersOf(capabilities, plic, masters);
  const consoles = Array.from({ length: GUEST_LIMIT }, () => new Console());
  const layerConsole = new Console();
  const monitors: Monitor[] = [];
  const uarts: Ns16550a[] = [];

  const uart = (name: string, from: number | 'layer', console: Console, irq: number): Ns16550a => {
    const onByte = (byte: number) => {
      console.put(byte);
      capabilities.onByte(from, byte);
    };
    return new Ns16550a(irq > 0 ? { name, onByte, line: plic.line(irq) } : { name, onByte });
  };
  const make = (row: BoardRow): Device => {
    switch (row.kind) {
      case 'finisher':
        return new Finisher(capabilities.onFinish);
      case 'clint':
        return new Clint(capabilities.harts, capabilities.timer);
      case 'plic':
        return plic;
      case 'uart': {
        const device = uart(`uart${row.index}`, row.index, consoles[row.index] ?? layerConsole, row.irq);
        uarts.push(device);
        return device;
      }
      case 'layer-uart':
        return uart('layer-uart', 'layer', layerConsole, 0);
      case 'monitor': {
        const { onPhase, onEnd } = capabilities;
        const monitor = new Monitor({ guest: row.index, now: () => clock.now, onPhase, onEnd });
        monitors.push(monitor);
        return monitor;
      }
      case 'doorbell': {
        return new Doorbell(new Map(doorbellSources.map((source) => [source, plic.line(source)])));
      }
      case 'dma':
        return new Dma({
          name: `dma${row.index}`,
          port: masters.port(dmaDeviceId(row.index), row.index),
          clock,
          line: plic.line(row.irq),
        });
    }
  };
  const mappings = board.map((row) => ({
    base: row.base,
    size: row.size,
    device: make(row),
    owner: row.owner === 'guest' ? row.index : OWNER_LAYER,
  }));
  const bus = new Bus([...mappings, ...masters.mappings, ...strangers.mappings], strangers.parts);
  return { bus, monitors, uarts, consoles, layerConsole, terminals: strangers.terminals, network: strangers.network };
}

interface Masters {
  readonly mappings: readonly Mapping[];
  /** RAM as the device of that id and owner reaches it. */
  readonly port: (device: number, owner: number) => RamPort;
}

/** The IOMMU, if there is one, and what is behind it. */
function mastersOf({ iommu: cost, clock, ramPort: ram, onRefused }: Capabilities, plic: Plic): Masters {
  if (cost === undefined) return { mappings: [], port: () => ram };
  const device = new Iommu({ ram, clock, line: plic.line(iommu.irq) });
  return {
    mappings: [{ ...iommu, device, owner: OWNER_LAYER }],
    port: (id, owner) =>
      translatedRam({ iommu: device, device: id, ram, cost, onRefused: (...access) => onRefused(owner, ...access) }),
  };
}

interface Strangers {
  readonly mappings: readonly Mapping[];
  readonly parts: readonly Stateful[];
  readonly terminals: ReadonlyMap<number, Terminal>;
  readonly network: Network | undefined;
  /** Of their PLIC sources. */
  readonly owners: ReadonlyMap<number, number>;
}

/** RTC and virtio slots. */
function strangersOf({ strangers, clock, onTerminalByte }: Capabilities, plic: Plic, masters: Masters): Strangers {
  if (strangers === undefined) {
    return { mappings: [], parts: [], terminals: new Map(), network: undefined, owners: new Map() };
  }
  const rtcRow = strangerRow('rtc');
  const rtc = new GoldfishRtc({ clock, line: plic.line(rtcRow.irq), epoch: strangers.epoch });
  const { devices, network, terminals } = createVirtioSlots({
    slots: strangers.virtio,
    count: VIRTIO_SLOTS,
    clock,
    port: (slot, owner) => masters.port(virtioDeviceId(slot), owner),
    line: (slot) => plic.line(strangerRow('virtio', slot).irq),
    onByte: onTerminalByte,
  });
  const slots = devices.map(({ device, owner }, slot) => ({ ...strangerRow('virtio', slot), device, owner }));
  return {
    mappings: [{ ...rtcRow, device: rtc, owner: OWNER_LAYER }, ...slots],
    parts: [network],
    terminals,
    network,
    owners: new Map(slots.map(({ irq, owner }) => [irq, owner])),
  };
}
