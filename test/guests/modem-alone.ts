// The modem alone in `native`, at devices of the board: a second UART and a network card, as its device tree says.
import { diskSlot, dma, monitor, plic, RAM_BASE, uart } from '../../src/machine/board.ts';
import { buildDeviceTree } from '../../src/machine/flattened-tree.ts';
import { createMachine, GUEST_ISA, type Machine } from '../../src/machine/index.ts';
import { bootScenario, planBoots } from '../../src/scenario/boot.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { readBuiltImage } from '../built-images.ts';

/** Which of the board's UARTs stands for the line to a peer: nobody else's, for there is no other guest. */
export const LINE = 1;
export const MAC = '52:54:00:00:00:0f';
const RAM = { base: RAM_BASE + 0x60_0000, size: 0x40_0000 };
const SUPERVISOR_EXTERNAL = 9;

const device = (compatible: string, { base, size, irq }: { base: number; size: number; irq: number }) => ({
  properties: { compatible, reg: [0, base, 0, size], 'interrupt-parent': [2], interrupts: [irq] },
});

function deviceTree(bootargs: string): Uint8Array {
  return buildDeviceTree({
    properties: { '#address-cells': [2], '#size-cells': [2] },
    children: {
      chosen: { properties: { bootargs } },
      cpus: {
        properties: { 'timebase-frequency': [10_000_000] },
        children: { 'cpu@0': { properties: { 'riscv,isa': GUEST_ISA } } },
      },
      memory: { properties: { device_type: 'memory', reg: [0, RAM.base, 0, RAM.size] } },
      soc: {
        children: {
          plic: {
            properties: {
              compatible: 'riscv,plic0',
              reg: [0, plic().base, 0, plic().size],
              'interrupts-extended': [1, 11, 1, SUPERVISOR_EXTERNAL],
            },
          },
          console: device('ns16550a', uart(0)),
          line: device('ns16550a', uart(LINE)),
          monitor: device('taco,monitor', monitor(0)),
          dma: device('taco,dma', dma(0)),
          card: device('virtio,mmio', diskSlot(0)),
        },
      },
    },
  });
}

/** How much longer a job may take, in ticks of 100 ns, because a peer asks for something: an interrupt, at most two. */
export const DISTURBANCE_TICKS = 20;

/** The longest response of the control loop with nobody on the line or the network. */
export function quietDeadline(): number {
  const { machine } = bootModem();
  machine.run(100_000_000);
  return machine.monitors[0]?.deadlineMax ?? 0;
}

export interface Modem {
  readonly machine: Machine;
  readonly symbol: (name: string) => number;
}

export function bootModem(args = 'panic=halt'): Modem {
  const loaded = loadScenario(
    'test.yaml',
    `machine: { ram: 32M }
guests: { it: { image: modem, memory: 0x${RAM.base.toString(16)}+4M } }`,
  );
  const [plan] = planBoots(findMode('native'), loaded.scenario, openImages(loaded, readBuiltImage));
  if (plan === undefined) throw new Error('nothing to boot');
  const machine = bootScenario(createMachine, {
    ...plan,
    machine: { ...plan.machine, virtio: [{ slot: 0, owner: 0, kind: 'net', port: 'it', mac: MAC }] },
    loads: plan.loads.map((load) => (load.name === 'it.dtb' ? { ...load, bytes: deviceTree(args) } : load)),
  });
  const symbols = plan.guests[0]?.symbols;
  return { machine, symbol: (name) => symbols?.address(name) ?? 0 };
}
