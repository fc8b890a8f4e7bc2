// Builds flattened device trees (Devicetree Specification 0.4, chapter 5: format version 17) from plain objects, and the
// tree that describes the board to one guest.

import { dma, monitor, PLIC_SOURCES, plic, TIMEBASE_HZ, UART_CLOCK_HZ, uart } from './board.ts';

/** A string, a list of strings, 32-bit cells, raw bytes, or `true` for a property without value. */
export type DeviceTreeValue = string | readonly string[] | readonly number[] | Uint8Array | true;

export interface DeviceTreeNode {
  readonly properties?: Readonly<Record<string, DeviceTreeValue>>;
  readonly children?: Readonly<Record<string, DeviceTreeNode>>;
}

const MAGIC = 0xd00dfeed;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const HEADER_SIZE = 40;
/** The memory reservation block: only its terminator of two 64-bit zeros. */
const RESERVATIONS_SIZE = 16;
const TOKEN = { BEGIN_NODE: 1, END_NODE: 2, PROPERTY: 3, END: 9 } as const;

/** The blob of a tree. Equal trees, keys in equal order, give equal bytes. */
export function buildDeviceTree(root: DeviceTreeNode): Uint8Array {
  const structure: number[] = [];
  const strings = new StringTable();
  addNode(structure, strings, '', root);
  addCell(structure, TOKEN.END);
  const structureOffset = HEADER_SIZE + RESERVATIONS_SIZE;
  const stringsOffset = structureOffset + structure.length;
  const header: number[] = [];
  const totalSize = stringsOffset + strings.bytes.length;
  const bootHart = 0;
  for (const cell of [
    MAGIC,
    totalSize,
    structureOffset,
    stringsOffset,
    HEADER_SIZE,
    VERSION,
    LAST_COMPATIBLE_VERSION,
  ]) {
    addCell(header, cell);
  }
  for (const cell of [bootHart, strings.bytes.length, structure.length]) addCell(header, cell);
  const blob = new Uint8Array(totalSize);
  blob.set(header);
  blob.set(structure, structureOffset);
  blob.set(strings.bytes, stringsOffset);
  return blob;
}

/** Property names, each once. */
class StringTable {
  readonly bytes: number[] = [];
  readonly #offsets = new Map<string, number>();

  offset(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.bytes.length;
    this.#offsets.set(name, offset);
    addString(this.bytes, name);
    return offset;
  }
}

function addNode(out: number[], strings: StringTable, name: string, node: DeviceTreeNode): void {
  addCell(out, TOKEN.BEGIN_NODE);
  addString(out, name);
  align(out);
  for (const [property, value] of Object.entries(node.properties ?? {})) {
    const bytes = valueBytes(value);
    addCell(out, TOKEN.PROPERTY);
    addCell(out, bytes.length);
    addCell(out, strings.offset(property));
    out.push(...bytes);
    align(out);
  }
  for (const [child, childNode] of Object.entries(node.children ?? {})) addNode(out, strings, child, childNode);
  addCell(out, TOKEN.END_NODE);
}

function valueBytes(value: DeviceTreeValue): number[] {
  if (value === true) return [];
  if (value instanceof Uint8Array) return [...value];
  const bytes: number[] = [];
  for (const item of typeof value === 'string' ? [value] : value) {
    if (typeof item === 'string') addString(bytes, item);
    else addCell(bytes, item);
  }
  return bytes;
}

/** Cells are big-endian. */
function addCell(out: number[], value: number): void {
  out.push((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function addString(out: number[], text: string): void {
  if (text.includes('\0')) throw new RangeError('a string of a device tree cannot hold a NUL');
  out.push(...new TextEncoder().encode(text), 0);
}

function align(out: number[]): void {
  while (out.length % 4 !== 0) out.push(0);
}

/** The two cells of a 64-bit address or size. */
function cells(value: number): [number, number] {
  return [Math.floor(value / 2 ** 32), value >>> 0];
}

export interface GuestDeviceTreeOptions {
  readonly guest: number;
  /** Its own slot: guest-physical = physical. */
  readonly ram: { readonly base: number; readonly size: number };
  readonly bootargs: string;
  /** Does it have its DMA channel? Guests without one copy by the CPU. */
  readonly dma: boolean;
}

/** The same in every mode, so without H. */
const GUEST_ISA = 'rv64imafdc_zicsr_zifencei_zicntr_sstc';
const PHANDLE_CPU_INTERRUPTS = 1;
const PHANDLE_PLIC = 2;
// Causes of a hart's external interrupts: what the PLIC's contexts 0 (M) and 1 (S) drive.
const MACHINE_EXTERNAL = 11;
const SUPERVISOR_EXTERNAL = 9;

/** What a guest is told of the board: its own RAM and devices, the hart, and the PLIC, of which it uses the S context of
 * hart 0. M-level devices (CLINT, finisher) are left out. */
export function guestDeviceTree(options: GuestDeviceTreeOptions): Uint8Array {
  const { guest, ram, bootargs } = options;
  const serial = `serial@${uart(guest).base.toString(16)}`;
  return buildDeviceTree({
    properties: {
      '#address-cells': [2],
      '#size-cells': [2],
      compatible: ['taco,guest', 'riscv-virtio'],
      model: 'taco',
    },
    children: {
      chosen: { properties: { bootargs, 'stdout-path': `/soc/${serial}` } },
      cpus: cpus(),
      [`memory@${ram.base.toString(16)}`]: {
        properties: { device_type: 'memory', reg: [...cells(ram.base), ...cells(ram.size)] },
      },
      soc: {
        properties: { '#address-cells': [2], '#size-cells': [2], compatible: 'simple-bus', ranges: true },
        children: {
          [`plic@${plic().base.toString(16)}`]: plicNode(),
          [serial]: {
            properties: {
              compatible: 'ns16550a',
              reg: reg(uart(guest)),
              'clock-frequency': [UART_CLOCK_HZ],
              'interrupt-parent': [PHANDLE_PLIC],
              interrupts: [uart(guest).irq],
            },
          },
          [`monitor@${monitor(guest).base.toString(16)}`]: {
            properties: { compatible: 'taco,monitor', reg: reg(monitor(guest)) },
          },
          ...(options.dma ? { [`dma@${dma(guest).base.toString(16)}`]: dmaNode(guest) } : {}),
        },
      },
    },
  });
}

function reg(row: { readonly base: number; readonly size: number }): number[] {
  return [...cells(row.base), ...cells(row.size)];
}

function cpus(): DeviceTreeNode {
  return {
    properties: { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [TIMEBASE_HZ] },
    children: {
      'cpu@0': {
        properties: {
          device_type: 'cpu',
          reg: [0],
          status: 'okay',
          compatible: 'riscv',
          'riscv,isa': GUEST_ISA,
          'mmu-type': 'riscv,sv39',
        },
        children: {
          'interrupt-controller': {
            properties: {
              '#address-cells': [0],
              '#interrupt-cells': [1],
              'interrupt-controller': true,
              compatible: 'riscv,cpu-intc',
              phandle: [PHANDLE_CPU_INTERRUPTS],
            },
          },
        },
      },
    },
  };
}

function plicNode(): DeviceTreeNode {
  return {
    properties: {
      compatible: ['sifive,plic-1.0.0', 'riscv,plic0'],
      reg: reg(plic()),
      '#address-cells': [0],
      '#interrupt-cells': [1],
      'interrupt-controller': true,
      'interrupts-extended': [PHANDLE_CPU_INTERRUPTS, MACHINE_EXTERNAL, PHANDLE_CPU_INTERRUPTS, SUPERVISOR_EXTERNAL],
      'riscv,ndev': [PLIC_SOURCES],
      phandle: [PHANDLE_PLIC],
    },
  };
}

function dmaNode(guest: number): DeviceTreeNode {
  return {
    properties: {
      compatible: 'taco,dma',
      reg: reg(dma(guest)),
      'interrupt-parent': [PHANDLE_PLIC],
      interrupts: [dma(guest).irq],
    },
  };
}
