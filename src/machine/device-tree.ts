// The device trees that describe the board: to one guest of ours, or whole to a stranger's firmware.

import {
  clint,
  type DeviceRow,
  diskSlot,
  dma,
  finisher,
  monitor,
  PLIC_SOURCES,
  plic,
  RAM_BASE,
  serviceSource,
  silentSource,
  strangerBoard,
  strangerRow,
  TIMEBASE_HZ,
  UART_CLOCK_HZ,
  uart,
  virtualSource,
} from './board.ts';
import { FINISHER } from './devices/finisher.ts';
import { buildDeviceTree, type DeviceTreeNode } from './flattened-tree.ts';
import { CACHE_BLOCK } from './hart/cache-blocks.ts';
import { VIRTUAL_PLIC_BASE, type VirtualKind, virtualDevice } from './virtual-devices.ts';

export { buildDeviceTree, type DeviceTreeNode };

type Properties = NonNullable<DeviceTreeNode['properties']>;

export interface GuestDeviceTreeOptions {
  readonly guest: number;
  /** Its own slot: guest-physical = physical. */
  readonly ram: { readonly base: number; readonly size: number };
  readonly bootargs: string;
  /** Does it have its DMA channel? Guests without one copy by the CPU. */
  readonly dma: boolean;
  /** What it is told of the hart, if that is not all there is for it. */
  readonly isa?: string;
  /** The hart that it runs on and calls 0: of the PLIC it uses the S context of that. 0 by default. */
  readonly hart?: number;
  /** Has it a disk, in its virtio slot? */
  readonly disk?: boolean;
  /** What its layer has for it besides. */
  readonly virtual?: readonly VirtualKind[];
  readonly initrd?: InitialFileSystem;
  /** Entropy for a kernel's generator. */
  readonly rngSeed?: Uint8Array;
  /** Whose interrupts it is told of: of all its devices by default. `console`: the PLIC ends with its UART's source, and
   * `virtual`: with that or its virtual devices'. `apart`: so too, at the PLIC that its layer has for it. `none`: there is no
   * PLIC, and its devices are polled. */
  readonly interrupts?: 'all' | 'console' | 'virtual' | 'apart' | 'none';
}

/** Physical addresses of the first byte and of that behind the last. */
interface InitialFileSystem {
  readonly start: number;
  readonly end: number;
}

/** The same in every mode, so without H. */
export const GUEST_ISA = 'rv64imafdc_zicsr_zifencei_zicntr_sstc';
const PHANDLE_PLIC = 2;
const PHANDLE_FINISHER = 3;
/** Of a hart's own interrupt controller. */
const phandleHart = (hart: number): number => (hart === 0 ? 1 : PHANDLE_FINISHER + hart);
// Causes of a hart's interrupts: what the PLIC's contexts and the CLINT drive.
const MACHINE_SOFTWARE = 3;
const MACHINE_TIMER = 7;
const SUPERVISOR_EXTERNAL = 9;
const MACHINE_EXTERNAL = 11;
/** "-1": bindings of the PLIC. */
const ABSENT_CONTEXT = 0xffff_ffff;

const SOC_PROPERTIES = { '#address-cells': [2], '#size-cells': [2], compatible: 'simple-bus', ranges: true } as const;

/** What a guest is told of the board: its own RAM and devices, its hart, and the PLIC, of which it uses the S context of
 * that hart. M-level devices (CLINT, finisher) are left out. */
export function guestDeviceTree(options: GuestDeviceTreeOptions): Uint8Array {
  const {
    guest,
    ram,
    bootargs,
    isa = GUEST_ISA,
    hart = 0,
    initrd,
    rngSeed,
    interrupts = 'all',
    virtual = [],
  } = options;
  const polled = interrupts === 'none';
  const virtualLast = Math.max(uart(guest).irq, virtualSource(guest));
  const sources = {
    all: PLIC_SOURCES,
    console: uart(guest).irq,
    virtual: virtualLast,
    apart: virtualLast,
    none: 0,
  }[interrupts];
  const controller = interrupts === 'apart' ? { ...plic(), base: VIRTUAL_PLIC_BASE } : plic();
  const device = (node: DeviceTreeNode): DeviceTreeNode => (polled ? withoutInterrupts(node) : node);
  return buildDeviceTree({
    properties: {
      '#address-cells': [2],
      '#size-cells': [2],
      compatible: ['taco,guest', 'riscv-virtio'],
      model: 'taco',
    },
    children: {
      chosen: {
        properties: {
          bootargs,
          'stdout-path': `/soc/${unit('serial', uart(guest))}`,
          ...bootProperties(initrd, rngSeed),
        },
      },
      cpus: cpus(1, { 'riscv,isa': isa, 'mmu-type': 'riscv,sv39' }),
      [unit('memory', ram)]: memoryNode(ram),
      // No registers: it is called as the SBI is.
      services: device({
        properties: {
          compatible: 'taco,services',
          'interrupt-parent': [PHANDLE_PLIC],
          interrupts: [serviceSource(guest)],
        },
      }),
      soc: {
        properties: SOC_PROPERTIES,
        children: {
          ...(!polled && { [unit('plic', controller)]: plicNode(contextsAt(hart), sources, controller) }),
          [unit('serial', uart(guest))]: device(serialNode(uart(guest))),
          [unit('monitor', monitor(guest))]: {
            properties: { compatible: 'taco,monitor', reg: reg(monitor(guest)) },
          },
          ...(options.dma ? { [unit('dma', dma(guest))]: device(deviceNode('taco,dma', dma(guest))) } : {}),
          ...(options.disk && {
            [unit('virtio_mmio', diskSlot(guest))]: device(deviceNode('virtio,mmio', diskSlot(guest))),
          }),
          ...Object.fromEntries(virtual.map((kind) => virtualNode(kind, guest))),
        },
      },
    },
  });
}

export interface MachineDeviceTreeOptions {
  readonly ramBytes: number;
  readonly harts: number;
  /** What all harts have: `rv64imafdch_zicsr_zifencei_zicntr_sstc`. */
  readonly isa: string;
  /** `riscv,sv39`, `riscv,sv48` or `riscv,sv57`. */
  readonly mmu: string;
  readonly bootargs: string;
  readonly initrd?: InitialFileSystem;
  /** RAM that the firmware keeps for itself; firmware that patches the tree adds this on its own. */
  readonly reserved?: { readonly base: number; readonly size: number };
  /** Entropy for a kernel's generator. */
  readonly rngSeed?: Uint8Array;
}

/** The whole machine as QEMU's `virt` describes itself, for M-mode firmware and what it starts. The devices that are ours
 * alone are left out. */
export function machineDeviceTree(options: MachineDeviceTreeOptions): Uint8Array {
  const { harts, initrd, reserved, rngSeed } = options;
  const ram = { base: RAM_BASE, size: options.ramBytes };
  return buildDeviceTree({
    properties: {
      '#address-cells': [2],
      '#size-cells': [2],
      compatible: 'riscv-virtio',
      model: 'riscv-virtio,taco',
    },
    children: {
      chosen: {
        properties: {
          'stdout-path': `/soc/${unit('serial', uart(0))}`,
          bootargs: options.bootargs,
          ...bootProperties(initrd, rngSeed),
        },
      },
      [unit('memory', ram)]: memoryNode(ram),
      ...(reserved && { 'reserved-memory': reservedNode(reserved) }),
      cpus: cpus(harts, { ...isaProperties(options.isa), 'mmu-type': options.mmu }),
      poweroff: sysconNode('syscon-poweroff', FINISHER.PASS),
      reboot: sysconNode('syscon-reboot', FINISHER.RESET),
      soc: {
        properties: SOC_PROPERTIES,
        children: {
          [unit('clint', clint())]: clintNode(harts),
          [unit('plic', plic())]: plicNode(range(harts).flatMap(contextsOf), PLIC_SOURCES),
          [unit('serial', uart(0))]: serialNode(uart(0)),
          [unit('test', finisher())]: {
            properties: {
              compatible: ['sifive,test1', 'sifive,test0', 'syscon'],
              reg: reg(finisher()),
              phandle: [PHANDLE_FINISHER],
            },
          },
          [unit('rtc', strangerRow('rtc'))]: deviceNode('google,goldfish-rtc', strangerRow('rtc')),
          ...Object.fromEntries(
            strangerBoard
              .filter(({ kind }) => kind === 'virtio')
              .map((row) => [unit('virtio_mmio', row), deviceNode('virtio,mmio', row)]),
          ),
        },
      },
    },
  });
}

function unit(name: string, { base }: { readonly base: number }): string {
  return `${name}@${base.toString(16)}`;
}

/** The two cells of a 64-bit address or size. */
function cells(value: number): [number, number] {
  return [Math.floor(value / 2 ** 32), value >>> 0];
}

function reg(row: { readonly base: number; readonly size: number }): number[] {
  return [...cells(row.base), ...cells(row.size)];
}

function bootProperties(initrd?: InitialFileSystem, rngSeed?: Uint8Array): Properties {
  return {
    ...(rngSeed && { 'rng-seed': rngSeed }),
    ...(initrd && { 'linux,initrd-start': cells(initrd.start), 'linux,initrd-end': cells(initrd.end) }),
  };
}

function memoryNode(ram: { readonly base: number; readonly size: number }): DeviceTreeNode {
  return { properties: { device_type: 'memory', reg: reg(ram) } };
}

function reservedNode(range: { readonly base: number; readonly size: number }): DeviceTreeNode {
  return {
    properties: { '#address-cells': [2], '#size-cells': [2], ranges: true },
    children: { [unit('firmware', range)]: { properties: { reg: reg(range), 'no-map': true } } },
  };
}

/** A device that is told apart by its address and source alone. */
function deviceNode(compatible: string, row: DeviceRow): DeviceTreeNode {
  return {
    properties: { compatible, reg: reg(row), 'interrupt-parent': [PHANDLE_PLIC], interrupts: [row.irq] },
  };
}

/** The same device for a driver that looks at it now and then. */
function withoutInterrupts({ properties = {}, ...node }: DeviceTreeNode): DeviceTreeNode {
  const kept = Object.entries(properties).filter(([name]) => !name.startsWith('interrupt'));
  return { ...node, properties: Object.fromEntries(kept) };
}

/** What a driver takes a virtual device for; ethernet, disk and console tell themselves apart. */
function virtualNode(kind: VirtualKind, guest: number): [string, DeviceTreeNode] {
  const row = virtualDevice(kind, kind === 'rtc' ? silentSource(guest) : virtualSource(guest));
  if (kind === 'serial') return [unit('serial', row), serialNode(row)];
  if (kind === 'rtc') return [unit('rtc', row), deviceNode('google,goldfish-rtc', row)];
  return [unit('virtio_mmio', row), deviceNode('virtio,mmio', row)];
}

function serialNode(row: DeviceRow): DeviceTreeNode {
  return {
    properties: {
      compatible: 'ns16550a',
      reg: reg(row),
      'clock-frequency': [UART_CLOCK_HZ],
      'interrupt-parent': [PHANDLE_PLIC],
      interrupts: [row.irq],
    },
  };
}

/** A store of a word to the finisher, for kernels without SBI's system reset. */
function sysconNode(compatible: string, value: number): DeviceTreeNode {
  return { properties: { compatible, regmap: [PHANDLE_FINISHER], offset: [0], value: [value] } };
}

/** 0, 1, ... */
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** The string for those who know only it, and the same as lists. */
function isaProperties(isa: string): Properties {
  const [letters = '', ...names] = isa.split('_');
  const base = letters.slice(0, 'rv64i'.length);
  return {
    'riscv,isa-base': base,
    'riscv,isa-extensions': [...letters.slice(base.length - 1), ...names],
    'riscv,isa': isa,
    ...(names.includes('zicbom') && { 'riscv,cbom-block-size': [CACHE_BLOCK] }),
    ...(names.includes('zicboz') && { 'riscv,cboz-block-size': [CACHE_BLOCK] }),
  };
}

function cpus(harts: number, properties: Properties): DeviceTreeNode {
  return {
    properties: { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [TIMEBASE_HZ] },
    children: Object.fromEntries(range(harts).map((hart) => [`cpu@${hart}`, cpuNode(hart, properties)])),
  };
}

function cpuNode(hart: number, properties: Properties): DeviceTreeNode {
  return {
    properties: { device_type: 'cpu', reg: [hart], status: 'okay', compatible: 'riscv', ...properties },
    children: {
      'interrupt-controller': {
        properties: {
          '#address-cells': [0],
          '#interrupt-cells': [1],
          'interrupt-controller': true,
          compatible: 'riscv,cpu-intc',
          phandle: [phandleHart(hart)],
        },
      },
    },
  };
}

function clintNode(harts: number): DeviceTreeNode {
  return {
    properties: {
      compatible: ['sifive,clint0', 'riscv,clint0'],
      reg: reg(clint()),
      'interrupts-extended': range(harts).flatMap((hart) => {
        return [phandleHart(hart), MACHINE_SOFTWARE, phandleHart(hart), MACHINE_TIMER];
      }),
    },
  };
}

/** The pins of a hart that contexts of the PLIC drive. */
const contextsOf = (hart: number): number[] => {
  return [phandleHart(hart), MACHINE_EXTERNAL, phandleHart(hart), SUPERVISOR_EXTERNAL];
};

/** The contexts of a kernel's only hart at the numbers that the machine gives them; those before are not for it. */
const contextsAt = (machineHart: number): number[] => [
  ...range(2 * machineHart).flatMap(() => [phandleHart(0), ABSENT_CONTEXT]),
  ...contextsOf(0),
];

/** @param contexts pairs of a hart's controller and its interrupt */
function plicNode(contexts: number[], sources: number, row: DeviceRow = plic()): DeviceTreeNode {
  return {
    properties: {
      compatible: ['sifive,plic-1.0.0', 'riscv,plic0'],
      reg: reg(row),
      '#address-cells': [0],
      '#interrupt-cells': [1],
      'interrupt-controller': true,
      'interrupts-extended': contexts,
      'riscv,ndev': [sources],
      phandle: [PHANDLE_PLIC],
    },
  };
}
