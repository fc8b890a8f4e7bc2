// The device tree of a whole machine, for firmware that starts in M-mode: names, nodes and compatibles as QEMU's `virt`
// has them, so that what boots there boots here.
import { clint, finisher, PLIC_SOURCES, plic, RAM_BASE, TIMEBASE_HZ, UART_CLOCK_HZ, uart } from '../machine/board.ts';
import { buildDeviceTree, type DeviceTreeNode } from '../machine/device-tree.ts';
import { FINISHER } from '../machine/devices/finisher.ts';
import type { Range } from './quantities.ts';

export interface StrangerTreeOptions {
  readonly ramSize: number;
  readonly harts: number;
  readonly bootargs: string;
  readonly initrd?: Range;
}

const ISA_BASE = 'rv64i';
const ISA_EXTENSIONS = ['i', 'm', 'a', 'f', 'd', 'c', 'h', 'zicntr', 'zicsr', 'zifencei', 'zihpm', 'sstc'];
/** The same without lists, for kernels and firmware that know only this. */
const ISA = 'rv64imafdch_zicntr_zicsr_zifencei_zihpm_sstc';
const PHANDLE_PLIC = 1;
const PHANDLE_FINISHER = 2;
const phandleOfHart = (hart: number): number => 3 + hart;
const SOFTWARE_INTERRUPT = 3;
const TIMER_INTERRUPT = 7;
const MACHINE_EXTERNAL = 11;
const SUPERVISOR_EXTERNAL = 9;
/** A kernel without a seed waits for entropy that a machine without chance never has. */
const SEED = [0x1234567, 0x89abcdef, 0xdeadbeef, 0x55aa55aa, 0x11223344, 0x99887766, 0xcafebabe, 0x31415926];

const cells = (value: number): [number, number] => [Math.floor(value / 2 ** 32), value >>> 0];
const reg = ({ base, size }: Range): number[] => [...cells(base), ...cells(size)];
const hex = (value: number): string => value.toString(16);

function cpu(hart: number): DeviceTreeNode {
  return {
    properties: {
      device_type: 'cpu',
      reg: [hart],
      status: 'okay',
      compatible: 'riscv',
      'riscv,isa-base': ISA_BASE,
      'riscv,isa-extensions': ISA_EXTENSIONS,
      'riscv,isa': ISA,
      'mmu-type': 'riscv,sv39',
    },
    children: {
      'interrupt-controller': {
        properties: {
          '#interrupt-cells': [1],
          'interrupt-controller': true,
          compatible: 'riscv,cpu-intc',
          phandle: [phandleOfHart(hart)],
        },
      },
    },
  };
}

/** A store of `word` to the finisher, as a driver of switching off or of resetting. */
function finisherAction(compatible: string, word: number): DeviceTreeNode {
  return { properties: { compatible, regmap: [PHANDLE_FINISHER], offset: [0], value: [word] } };
}

function soc(harts: readonly number[]): DeviceTreeNode {
  const pins = (...causes: number[]) =>
    harts.flatMap((hart) => causes.flatMap((cause) => [phandleOfHart(hart), cause]));
  return {
    properties: { '#address-cells': [2], '#size-cells': [2], compatible: 'simple-bus', ranges: true },
    children: {
      [`test@${hex(finisher().base)}`]: {
        properties: {
          compatible: ['sifive,test1', 'sifive,test0', 'syscon'],
          reg: reg(finisher()),
          phandle: [PHANDLE_FINISHER],
        },
      },
      [`clint@${hex(clint().base)}`]: {
        properties: {
          compatible: ['sifive,clint0', 'riscv,clint0'],
          reg: reg(clint()),
          'interrupts-extended': pins(SOFTWARE_INTERRUPT, TIMER_INTERRUPT),
        },
      },
      [`plic@${hex(plic().base)}`]: {
        properties: {
          compatible: ['sifive,plic-1.0.0', 'riscv,plic0'],
          reg: reg(plic()),
          '#address-cells': [0],
          '#interrupt-cells': [1],
          'interrupt-controller': true,
          'interrupts-extended': pins(MACHINE_EXTERNAL, SUPERVISOR_EXTERNAL),
          'riscv,ndev': [PLIC_SOURCES],
          phandle: [PHANDLE_PLIC],
        },
      },
      [`serial@${hex(uart(0).base)}`]: {
        properties: {
          compatible: 'ns16550a',
          reg: reg(uart(0)),
          'clock-frequency': [UART_CLOCK_HZ],
          'interrupt-parent': [PHANDLE_PLIC],
          interrupts: [uart(0).irq],
        },
      },
    },
  };
}

export function strangerDeviceTree({ ramSize, harts, bootargs, initrd }: StrangerTreeOptions): Uint8Array {
  const numbers = Array.from({ length: harts }, (_, hart) => hart);
  return buildDeviceTree({
    properties: { '#address-cells': [2], '#size-cells': [2], compatible: 'riscv-virtio', model: 'taco' },
    children: {
      chosen: {
        properties: {
          bootargs,
          'stdout-path': `/soc/serial@${hex(uart(0).base)}`,
          'rng-seed': SEED,
          ...(initrd && {
            'linux,initrd-start': cells(initrd.base),
            'linux,initrd-end': cells(initrd.base + initrd.size),
          }),
        },
      },
      [`memory@${hex(RAM_BASE)}`]: {
        properties: { device_type: 'memory', reg: reg({ base: RAM_BASE, size: ramSize }) },
      },
      cpus: {
        properties: { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [TIMEBASE_HZ] },
        children: Object.fromEntries(numbers.map((hart) => [`cpu@${hart}`, cpu(hart)])),
      },
      poweroff: finisherAction('syscon-poweroff', FINISHER.PASS),
      reboot: finisherAction('syscon-reboot', FINISHER.RESET),
      soc: soc(numbers),
    },
  });
}
