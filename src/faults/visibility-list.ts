// What a guest can read of the machine, and for each a host value that can be changed behind its back.

import type { Machine } from '../machine/index.ts';
import type { BootPlan } from '../scenario/boot.ts';
import { board, diskSlot, sourceOwner } from '../machine/index.ts';
import { foreignPages } from './targets.ts';

/** What a change may use of a machine. */
export type HostMachine = Pick<Machine, 'csr' | 'setCsr' | 'read' | 'write' | 'input' | 'monitors'>;

/** How to change a host value: at once, or by a store of the neighbour to a register of its own. */
export type Change =
  | { readonly kind: 'host'; readonly what: string; readonly apply: (machine: HostMachine) => void }
  | { readonly kind: 'neighbour'; readonly what: string; readonly address: number; readonly width: 1 | 4 | 8 };

/** How the guest reads it. */
export type Reading =
  | { readonly kind: 'csr'; readonly name: string }
  | { readonly kind: 'load'; readonly address: number; readonly width: 1 | 4 | 8 }
  | { readonly kind: 'call'; readonly extension: number; readonly call: number };

export interface Resource {
  readonly group: 'counters' | 'CSRs' | 'calls' | 'memory' | 'devices';
  readonly name: string;
  /** Name in scenarios/resources.yaml, which says what is declared to be real. */
  readonly entry: string;
  readonly reading: Reading;
  readonly change?: Change;
}

const FLIP = 0x5a5a_0000n;
const BASE_EXTENSION = 0x10;
const CLINT_MTIMECMP = 0x4000;
const CLINT_MTIME = 0xbff8;
const PLIC_PENDING = 0x1000;
const UART_IER = 1;
const UART_LSR = 5;
const VIRTIO_STATUS = 0x70;
const MAILBOX_VALUE = 0x50;

const flipping = (word: string): Change => ({
  kind: 'host',
  what: `${word} of the host`,
  apply: (machine) => machine.setCsr(word, machine.csr(word) ^ FLIP),
});

const csr = (name: string, entry: string, change?: Change): Resource => ({
  group: entry === 'counters' ? 'counters' : 'CSRs',
  name,
  entry,
  reading: { kind: 'csr', name },
  ...(change === undefined ? {} : { change }),
});

const COUNTERS = [
  csr('cycle', 'counters', flipping('mcycle_delta')),
  csr('time', 'counters', flipping('time_delta')),
  csr('instret', 'counters', flipping('minstret_delta')),
  csr('hpmcounter3', 'counters'),
];

/** Only those are changed by which the layer itself does not live. */
const MACHINE_CSRS = [
  ...['misa', 'mepc', 'mcause', 'mtval'].map((name) => csr(name, 'machine-csrs', flipping(name))),
  ...['mvendorid', 'marchid', 'mimpid', 'mhartid', 'mstatus', 'mtvec', 'medeleg', 'mideleg', 'mie', 'mip'].map((name) =>
    csr(name, 'machine-csrs'),
  ),
  ...['mscratch', 'mcounteren', 'menvcfg', 'mcycle', 'minstret', 'pmpcfg0', 'pmpaddr0'].map((name) =>
    csr(name, 'machine-csrs'),
  ),
];

/** Of the hypervisor extension, which own guests do not have: refused whoever runs beneath. */
const HYPERVISOR_CSRS = [
  'hstatus',
  'hedeleg',
  'hvip',
  'htimedelta',
  'hgatp',
  'hgeip',
  'vsstatus',
  'vsatp',
  'vsepc',
].map((name) => csr(name, 'machine-csrs'));

/** Of the HS set under the hypervisor, whose guests have the VS set; the guest's own under the nanokernel. */
const SUPERVISOR_CSRS = [
  ...['sscratch', 'sepc', 'scause', 'stval', 'stvec'].map((name) => csr(name, 'supervisor-csrs', flipping(name))),
  ...['sstatus', 'sie', 'sip', 'satp', 'scounteren', 'senvcfg', 'stimecmp'].map((name) => csr(name, 'supervisor-csrs')),
];

const CALLS = ['specification', 'implementation', 'version', 'probe', 'mvendorid', 'marchid', 'mimpid'].flatMap(
  (name, call): Resource[] =>
    name === 'probe'
      ? []
      : [
          {
            group: 'calls',
            name: `${name} by SBI call`,
            entry: 'machine-csrs',
            reading: { kind: 'call', extension: BASE_EXTENSION, call },
          },
        ],
);

const LAST_WORD = 8;

function memory(plan: BootPlan, guest: number): Resource[] {
  const titles = new Set<string>();
  return foreignPages(plan, guest).flatMap(({ resource, base, size }) => {
    if (titles.has(resource)) return [];
    titles.add(resource);
    const address = base + size - LAST_WORD;
    const apply = (machine: HostMachine) =>
      machine.write(
        address,
        machine.read(address, LAST_WORD).map((byte) => byte ^ 0x5a),
      );
    return [
      {
        group: 'memory' as const,
        name: resource,
        entry: resource,
        reading: { kind: 'load' as const, address, width: LAST_WORD },
        change: { kind: 'host' as const, what: 'the word in RAM', apply },
      },
    ];
  });
}

function baseOf(kind: (typeof board)[number]['kind'], index = 0): number {
  const row = board.find((candidate) => candidate.kind === kind && candidate.index === index);
  if (row === undefined) throw new RangeError(`the board has no ${kind} ${index}`);
  return row.base;
}

const device = (name: string, entry: string, address: number, width: 1 | 4 | 8, change?: Change): Resource => ({
  group: 'devices',
  name,
  entry,
  reading: { kind: 'load', address, width },
  ...(change === undefined ? {} : { change }),
});

const typed = (guest: number): Change => ({
  kind: 'host',
  what: 'a byte arrives',
  apply: (machine) => void machine.input(guest, new Uint8Array([0x61])),
});

const posted = (guest: number): Change => ({
  kind: 'host',
  what: 'its mailbox',
  apply: (machine) => machine.monitors[guest]?.setMailbox({ bug: 0n, target: 0n, value: FLIP, work: 0n, args: [] }),
});

/** The status of the neighbour's disk, where it has one. */
function disks({ guests }: BootPlan, neighbour: number): Resource[] {
  const base = diskSlot(neighbour).base;
  const status: Change = {
    kind: 'neighbour',
    what: 'the neighbour tells its disk that it has a driver',
    address: base + VIRTIO_STATUS,
    width: 4,
  };
  return guests.some(({ index, disk }) => index === neighbour && disk !== undefined)
    ? [device("disk, the neighbour's", 'foreign-disk', base + VIRTIO_STATUS, 4, status)]
    : [];
}

function devices(guest: number, neighbour: number): Resource[] {
  const source = board.find((row) => row.kind === 'uart' && row.index === neighbour)?.irq ?? 0;
  const stores = (what: string, address: number, width: 1 | 4 | 8): Change => ({
    kind: 'neighbour',
    what: `the neighbour ${what}`,
    address,
    width,
  });
  if (sourceOwner(source) !== neighbour) throw new RangeError(`source ${source} is not of guest ${neighbour}`);
  return [
    device('mtime', 'clint', baseOf('clint') + CLINT_MTIME, 8, flipping('time_delta')),
    device('mtimecmp', 'clint', baseOf('clint') + CLINT_MTIMECMP, 8),
    device('finisher', 'finisher', baseOf('finisher'), 4),
    device('doorbell', 'doorbell', baseOf('doorbell'), 4),
    device(
      "PLIC pending bits, the neighbour's",
      'plic',
      baseOf('plic') + PLIC_PENDING,
      4,
      stores('lets its UART interrupt', baseOf('uart', neighbour) + UART_IER, 1),
    ),
    device('UART, its own', 'own-uart', baseOf('uart', guest) + UART_LSR, 1, typed(guest)),
    device("UART, the neighbour's", 'foreign-uart', baseOf('uart', neighbour) + UART_LSR, 1, typed(neighbour)),
    device('monitor, its own', 'own-monitor', baseOf('monitor', guest) + MAILBOX_VALUE, 8, posted(guest)),
    device(
      "monitor, the neighbour's",
      'foreign-monitor',
      baseOf('monitor', neighbour) + MAILBOX_VALUE,
      8,
      posted(neighbour),
    ),
    device('DMA channel, its own', 'own-dma', baseOf('dma', guest), 8),
    device(
      "DMA channel, the neighbour's",
      'foreign-dma',
      baseOf('dma', neighbour),
      8,
      stores('sets its DMA channel', baseOf('dma', neighbour), 8),
    ),
  ];
}

/** All that `guest` may try to read, with `neighbour` beside it. */
export function resourcesOf(plan: BootPlan, guest: number, neighbour: number): Resource[] {
  return [
    ...COUNTERS,
    ...MACHINE_CSRS,
    ...HYPERVISOR_CSRS,
    ...SUPERVISOR_CSRS,
    ...CALLS,
    ...memory(plan, guest),
    ...devices(guest, neighbour),
    ...disks(plan, neighbour),
  ];
}

/** CSRs that the probe needs an instruction for. */
export const CSR_NAMES = [...COUNTERS, ...MACHINE_CSRS, ...HYPERVISOR_CSRS, ...SUPERVISOR_CSRS].map(({ name }) => name);
